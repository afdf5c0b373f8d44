"""A real mail, a real server, a real report, the real tasks: from the outbox and back to the row."""

import smtplib
import time

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP

from accounts.tenancy import acting_for
from audit.models import Event
from config.celery import app
from notifications.models import DeliveryState
from tests.notifications.conftest import free_port

BEAT = app.conf.beat_schedule["fetch-bounces"]


def run(task: str) -> None:
    """Do what a worker does when the bell of this task rings."""
    app.tasks[task].apply(throw=True)


def comes_back(post_office, *, number: int = 1) -> None:
    """Wait until so many reports lie in the mailbox of the return path."""
    until = time.monotonic() + 20
    while len(list((post_office.bounces / "new").iterdir())) < number:
        assert time.monotonic() < until, "no report came back"
        time.sleep(0.02)


@pytest.mark.parametrize(
    ("to", "code", "words"),
    [
        ("unknown-typo@kensetsu.example.jp", "5.1.1", "宛先のメールアドレスが見つかりません。"),
        ("full.box@kensetsu.example.jp", "5.2.2", "宛先のメールボックスがいっぱいです。"),
    ],
)
def test_a_mail_that_its_server_reports_back_is_marked_as_not_arrived(post_office, enqueue, reload, to, code, words):
    delivery = enqueue(to=to)

    run("notifications.tasks.deliver")
    comes_back(post_office)
    run(BEAT["task"])

    lost = reload(delivery)
    assert (lost.state, lost.bounce_code) == (DeliveryState.BOUNCED, code)
    assert lost.last_error.startswith(words)
    with acting_for(lost.tenant_id):
        assert "メールが不達" in {event.label for event in Event.objects.of_thread(lost.tenant_id, lost.thread)}
    assert list((post_office.bounces / "new").iterdir()) == []


def test_a_mail_that_is_late_stays_sent_and_arrives(post_office, enqueue, reload):
    before = set(post_office.mails.glob("*.eml"))
    delivery = enqueue(to="slow@kensetsu.example.jp")

    run("notifications.tasks.deliver")
    comes_back(post_office)
    run(BEAT["task"])

    late = reload(delivery)
    assert (late.state, late.answers[-1]["code"]) == (DeliveryState.SENT, "4.4.1")
    assert "送り続けています" in late.answers[-1]["text"]
    (arrived,) = set(post_office.mails.glob("*.eml")) - before
    assert delivery.message_id.encode() in arrived.read_bytes()


def test_the_world_refuses_and_puts_off_at_the_door_too(post_office, enqueue, reload):
    refused, later = enqueue(key="a", to="refused@example.jp"), enqueue(key="b", to="later@example.jp")

    run("notifications.tasks.deliver")

    assert (reload(refused).state, reload(later).state) == (DeliveryState.FAILED, DeliveryState.QUEUED)
    assert "550" in reload(refused).last_error
    assert "451" in reload(later).last_error


def test_bounces_are_looked_for_every_minute():
    assert BEAT["schedule"] == 60
    assert BEAT["task"] in app.tasks


class Reporting(SMTP):
    """A mail server that speaks of the fate of mails (RFC 3461), as Postfix does, and keeps what it was asked for."""

    asked: list[str] = []

    async def smtp_EHLO(self, arg):
        await self.push("250-reporting.example.jp")
        self.session.extended_smtp, self.session.host_name = True, arg
        await self.push("250 DSN")

    async def smtp_MAIL(self, arg):
        self.asked.append(arg)
        await super().smtp_MAIL(arg.replace(" RET=HDRS", ""))


def test_a_server_that_can_is_asked_to_bring_back_no_link(server, settings, enqueue, reload, monkeypatch):
    """A report with the whole mail would lay its living link into the mailbox of the return path."""
    monkeypatch.setattr(Reporting, "asked", [])
    monkeypatch.setattr(Controller, "factory", lambda self: Reporting(self.handler))
    controller = Controller(server, hostname="127.0.0.1", port=free_port())
    controller.start()
    settings.EMAIL_PORT = controller.port
    delivery = enqueue()

    run("notifications.tasks.deliver")
    controller.stop()

    assert reload(delivery).state == DeliveryState.SENT
    assert [asked.endswith(" RET=HDRS") for asked in Reporting.asked] == [True]


def test_the_loss_of_a_report_is_reported_to_nobody(post_office, enqueue):
    """Reports have no sender (RFC 5321 §4.5.5): two servers would otherwise tell each other for ever."""
    with smtplib.SMTP("127.0.0.1", post_office.port) as smtp:
        smtp.sendmail("", ["unknown@kensetsu.example.jp"], "Subject: report\r\n\r\n")
    delivery = enqueue(to="unknown@kensetsu.example.jp")

    run("notifications.tasks.deliver")
    comes_back(post_office)

    (report,) = (post_office.bounces / "new").iterdir()
    assert str(delivery.uid) in report.read_text()
