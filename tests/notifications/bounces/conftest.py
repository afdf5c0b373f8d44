import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from django.core.mail.utils import DNS_NAME

from config.embedded import ports
from config.embedded.children import Children

BOUNCE_ADDRESS = "bounces@musubi.example.jp"


@dataclass(frozen=True)
class PostOffice:
    """The sink of the embedded stack, with rooms of its own."""

    mails: Path
    bounces: Path
    port: int


@pytest.fixture(scope="module")
def own_post_office(tmp_path_factory: pytest.TempPathFactory) -> Iterator[PostOffice]:
    room = tmp_path_factory.mktemp("post-office")
    children = Children(ledger=room / "children.json", logs=room)
    with ports.listen() as smtp, ports.listen() as page:
        sockets = (smtp.fileno(), page.fileno())
        places = (str(room / "mails"), str(room / "bounces"), BOUNCE_ADDRESS)
        argv = [sys.executable, "-m", "config.embedded.mail", *places, *map(str, sockets)]
        child = children.start("mail", argv, inherits=sockets)
        port = smtp.getsockname()[1]
    children.wait_until((room / "bounces/cur").is_dir, child=child, seconds=30)
    yield PostOffice(room / "mails", room / "bounces", port)
    children.stop()


@pytest.fixture
def post_office(own_post_office, settings, monkeypatch) -> PostOffice:
    monkeypatch.setattr(DNS_NAME, "_fqdn", "worker.test", raising=False)
    settings.EMAIL_BACKEND = "notifications.smtp.Backend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = ports.LOOPBACK, own_post_office.port
    settings.EMAIL_HOST_USER = settings.EMAIL_HOST_PASSWORD = ""
    settings.EMAIL_USE_TLS = settings.EMAIL_USE_SSL = False
    settings.BOUNCE_ADDRESS = BOUNCE_ADDRESS
    settings.BOUNCE_MAILBOX = f"maildir://{own_post_office.bounces}"
    for path in (own_post_office.bounces / "new").iterdir():
        path.unlink()
    return own_post_office
