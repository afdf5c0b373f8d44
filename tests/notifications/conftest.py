import asyncio
import secrets
import socket
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session
from django.core.mail.utils import DNS_NAME
from django.db import connection

from accounts import doorbell
from accounts.models import Organization
from accounts.tenancy import acting_for
from notifications import outbox, table, tasks
from notifications.models import Delivery
from notifications.table import Audience, Telling
from notifications.words import standard
from vault import masters

AT = datetime(2026, 3, 5, 1, 20, 30, tzinfo=UTC)
LINK = "http://localhost:8000/tosu/sign/9cS3wZk2T0b1?a=1&b=2"


class Server:
    """A real mail server whose next answers can be set; None drops the line."""

    def __init__(self) -> None:
        self.received: list[Envelope] = []
        self.port = 0
        self.rcpt: str | None = "250 OK"
        self.data: str | None = "250 OK"
        self.while_reading: Callable[[], None] = lambda: None

    async def handle_RCPT(
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        if self.rcpt is None:
            server.transport.abort()
            return "421 bye"
        if self.rcpt.startswith("250"):
            envelope.rcpt_tos.append(address)
        return self.rcpt

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:
        await asyncio.to_thread(self.while_reading)
        if self.data is None:
            self.received.append(envelope)
            server.transport.abort()
            return "421 bye"
        if self.data.startswith("250"):
            self.received.append(envelope)
        return self.data


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


@pytest.fixture
def server(settings, monkeypatch) -> Iterator[Server]:
    handler = Server()
    # 機械の名を DNS に尋ねさせない。引けない機械では、最初の一通がその分遅れる。
    monkeypatch.setattr(DNS_NAME, "_fqdn", "worker.test", raising=False)
    controller = Controller(handler, hostname="127.0.0.1", port=free_port(), server_hostname="mail.test")
    controller.start()
    handler.port = controller.port
    settings.EMAIL_BACKEND = "notifications.smtp.Backend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = controller.hostname, controller.port
    settings.EMAIL_HOST_USER = settings.EMAIL_HOST_PASSWORD = ""
    settings.EMAIL_USE_TLS = settings.EMAIL_USE_SSL = False
    settings.EMAIL_TIMEOUT = 5
    yield handler
    controller.stop()


@pytest.fixture(autouse=True)
def surroundings(settings, monkeypatch) -> Iterator[None]:
    invitation = Telling("invitation", event="署名の依頼", audience=(Audience.FIRM,), why="試しに", link="署名の画面")
    monkeypatch.setitem(table._table, invitation.template, invitation)
    settings.VAULT_MASTER_KEYSET = masters.new_keyset()
    settings.MAIL_FROM = "noreply@musubi.example.jp"
    settings.BOUNCE_ADDRESS = "bounces@mail.musubi.example.jp"
    templates = Path(__file__).parent / "templates"
    settings.TEMPLATES = [settings.TEMPLATES[0] | {"DIRS": [templates, *settings.TEMPLATES[0]["DIRS"]]}]
    standard.forget()
    yield
    standard.forget()


@pytest.fixture
def city(db) -> Iterator[Organization]:
    made = Organization.objects.create(
        kind="municipality",
        slug=f"tosu-{secrets.token_hex(6)}",
        name="鳥栖市",
        help_desk="総務部契約検査課",
        help_phone="0942-85-3500",
        help_hours="平日 8:30–17:15",
        help_email="keiyaku@city.tosu.example.jp",
    )
    yield made
    if not connection.in_atomic_block:  # 確定する試験の市は、ほかの試験に見える
        with acting_for(made.pk), connection.cursor() as cursor:
            cursor.execute("delete from notifications_delivery where tenant_id = %s", [made.pk])
            cursor.execute("delete from accounts_organization where id = %s", [made.pk])


@pytest.fixture
def rung(monkeypatch) -> list[dict[str, Any]]:
    """Collect what is asked of Celery instead of reaching for the broker; no bell has been rung before."""
    calls: list[dict[str, Any]] = []
    doorbell.answer(tasks.deliver)
    monkeypatch.setattr("notifications.tasks.deliver.apply_async", lambda **call: calls.append(call))
    return calls


@pytest.fixture
def enqueue(city, rung) -> Callable[..., Delivery]:
    def queue(**changes: Any) -> Delivery:
        values: dict[str, Any] = {
            "tenant": city,
            "key": "step:3:invitation",
            "to": "takasaki@kensetsu.example.jp",
            "template": "invitation",
            "context": {"recipient_name": "髙﨑 𠮷郎", "case_title": "轟木川護岸補修工事"},
            "link": LINK,
            "thread": "case:7",
            "at": AT,
        }
        with acting_for(city.pk):
            outbox.enqueue(**(values | changes))
            return Delivery.unscoped.get(tenant=city, key=(values | changes)["key"])

    return queue


@pytest.fixture
def reload(city) -> Callable[[Delivery], Delivery]:
    def read(delivery: Delivery) -> Delivery:
        with acting_for(city.pk):
            return Delivery.unscoped.get(pk=delivery.pk)

    return read
