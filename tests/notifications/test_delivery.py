import email
import email.policy
import socket
from datetime import timedelta
from html.parser import HTMLParser

import pytest

from accounts.tenancy import acting_for
from audit.models import Event
from notifications import delivery as delivery_module
from notifications import tasks
from notifications.delivery import BACK_OFF, LEASE
from notifications.line import Line
from notifications.models import Delivery, DeliveryState
from tests.notifications.conftest import AT, LINK


def deliver_next(*, tenant_id: int, at) -> bool:
    with Line() as line:
        return delivery_module.deliver_next(tenant_id=tenant_id, at=at, line=line)


def send(delivery: Delivery, *, at=AT) -> DeliveryState | None:
    """Send the one mail that waits, and tell how it went; None when it is not to be sent."""
    if not deliver_next(tenant_id=delivery.tenant_id, at=at):
        return None
    with acting_for(delivery.tenant_id):
        return DeliveryState(Delivery.unscoped.get(pk=delivery.pk).state)


def read(envelope) -> email.message.EmailMessage:
    return email.message_from_bytes(envelope.content, policy=email.policy.default)


def test_a_mail_arrives_as_it_was_written(server, enqueue, reload):
    delivery = enqueue()

    assert send(delivery) == DeliveryState.SENT

    (envelope,) = server.received
    mail = read(envelope)
    assert envelope.rcpt_tos == ["takasaki@kensetsu.example.jp"]
    assert envelope.mail_from == f"bounces+{delivery.uid}.{delivery.tenant_id}@mail.musubi.example.jp"
    assert mail["Subject"] == "鳥栖市様 より轟木川護岸補修工事への署名依頼が届いています"
    assert mail["From"] == "鳥栖市（むすび） <noreply@musubi.example.jp>"
    assert mail["To"] == "takasaki@kensetsu.example.jp"
    assert mail["Auto-Submitted"] == "auto-generated"
    assert mail["Message-ID"] == delivery.message_id
    assert [part.get_content_type() for part in mail.iter_parts()] == ["text/plain", "text/html"]
    assert {part.get_content_charset() for part in mail.iter_parts()} == {"utf-8"}
    assert envelope.content.isascii()


@pytest.mark.parametrize("case", ["A", "令和8年度 轟木川護岸補修工事（第2工区）その3 " * 4, "Road works " * 15])
def test_a_subject_of_any_length_stands_as_it_is(server, enqueue, case):
    send(enqueue(context={"recipient_name": "髙﨑", "case_title": case.strip()}))

    raw = server.received[0].content.decode("ascii")
    assert read(server.received[0])["Subject"] == f"鳥栖市様 より{case.strip()}への署名依頼が届いています"
    assert max(map(len, raw.split("\r\n\r\n")[0].splitlines())) <= 78


def test_both_forms_say_the_same_and_offer_help(server, enqueue):
    send(enqueue())

    text, html = (part.get_content() for part in read(server.received[0]).iter_parts())

    for words in (
        "髙﨑 𠮷郎 様",
        "総務部契約検査課",
        "0942-85-3500（平日 8:30–17:15）",
        "keiyaku@city.tosu.example.jp",
    ):
        assert words in text
        assert words in html
    assert f"▼ 署名する文書を確認する\n{LINK}\n" in text.replace("\r\n", "\n")
    assert "署名する文書を確認する</a>" in html
    assert '<html lang="ja">' in html
    assert "\n\n\n" not in text.replace("\r\n", "\n")


def test_names_are_shown_literally(server, enqueue):
    send(enqueue(context={"recipient_name": "<b>A&B</b>", "case_title": "工事 <script>"}, link=None))

    mail = read(server.received[0])
    text, html = (part.get_content() for part in mail.iter_parts())
    assert "工事 <script>" in mail["Subject"]
    assert "<b>A&B</b> 様" in text
    assert "&lt;b&gt;A&amp;B&lt;/b&gt; 様" in html
    assert "▼" not in text
    Tags.of(html)


class Tags(HTMLParser):
    """Refuse a document whose tags do not close."""

    @classmethod
    def of(cls, html: str) -> None:
        parser = cls()
        parser.open: list[str] = []
        parser.feed(html)
        assert parser.open == []

    def handle_starttag(self, tag: str, attrs: object) -> None:
        if tag not in {"meta", "br"}:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag


def test_what_was_sent_is_kept_without_its_link_and_written_in_the_journal(server, enqueue, reload, caplog):
    delivery = enqueue()
    with caplog.at_level("DEBUG", logger="notifications"):
        send(delivery)

    sent = reload(delivery)

    assert (sent.state, sent.sent_at, sent.attempts) == (DeliveryState.SENT, AT, 1)
    assert (sent.sealed_link, sent.next_attempt_at) == (None, None)
    with acting_for(sent.tenant_id):
        event = Event.objects.of_thread(sent.tenant_id, "case:7").get()
    assert (event.action, event.label, event.actor_kind) == ("mail.sent", "メールを送信", "system")
    assert "9cS3wZk2T0b1" not in event.data + caplog.text


def test_a_second_bell_sends_nothing(server, enqueue):
    delivery = enqueue()
    send(delivery)

    assert send(delivery, at=AT + timedelta(days=1)) is None
    assert len(server.received) == 1


def test_a_refused_recipient_is_final_and_says_why(server, enqueue, reload):
    server.rcpt = "550 5.1.1 User unknown"
    delivery = enqueue()

    assert send(delivery) == DeliveryState.FAILED

    failed = reload(delivery)
    assert failed.last_error == "宛先が受け付けられませんでした（550 5.1.1 User unknown）。"
    assert (failed.sealed_link, failed.next_attempt_at, failed.sent_at) == (None, None, None)
    assert send(delivery, at=AT + timedelta(days=9)) is None
    with acting_for(failed.tenant_id):
        assert Event.objects.of_thread(failed.tenant_id, "case:7").get().label == "メールを送信できず"


def test_refused_content_is_final(server, enqueue, reload):
    server.data = "554 5.7.1 spam"
    delivery = enqueue()

    assert send(delivery) == DeliveryState.FAILED
    assert "554 5.7.1 spam" in reload(delivery).last_error


@pytest.mark.parametrize(("where", "answer"), [("rcpt", "451 greylisted"), ("data", "451 later"), ("rcpt", "421 busy")])
def test_a_deferred_mail_tries_again_and_arrives(server, enqueue, reload, where, answer):
    setattr(server, where, answer)
    delivery = enqueue()

    assert send(delivery) == DeliveryState.QUEUED
    waiting = reload(delivery)
    assert waiting.next_attempt_at == AT + timedelta(minutes=1)
    assert answer in waiting.last_error
    assert send(delivery, at=AT + timedelta(seconds=59)) is None

    setattr(server, where, "250 OK")
    assert send(delivery, at=AT + timedelta(minutes=1)) == DeliveryState.SENT
    assert reload(delivery).last_error == ""


def test_attempts_grow_apart_and_end(server, enqueue, reload):
    server.rcpt = "451 later"
    delivery = enqueue()
    at, waits = AT, []

    while send(delivery, at=at) == DeliveryState.QUEUED:
        waits.append(reload(delivery).next_attempt_at - at)
        at += waits[-1]

    assert waits == list(BACK_OFF) == sorted(waits)
    assert reload(delivery).state == DeliveryState.FAILED


@pytest.mark.parametrize(("where", "why"), [("rcpt", "通信が途切れました"), ("data", "届いているかもしれません")])
def test_a_dropped_line_is_tried_again_under_the_same_message_id(server, enqueue, reload, where, why):
    setattr(server, where, None)
    delivery = enqueue()

    assert send(delivery) == DeliveryState.QUEUED
    assert why in reload(delivery).last_error

    setattr(server, where, "250 OK")
    assert send(delivery, at=AT + timedelta(minutes=1)) == DeliveryState.SENT
    assert {read(envelope)["Message-ID"] for envelope in server.received} == {delivery.message_id}
    assert len(server.received) <= 2


def test_a_server_that_is_not_there_is_waited_for(server, settings, enqueue, reload):
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))
        settings.EMAIL_PORT = closed.getsockname()[1]
        delivery = enqueue()

        assert send(delivery) == DeliveryState.QUEUED
    assert "ConnectionRefusedError" in reload(delivery).last_error


def test_a_refused_sender_is_for_the_operator_to_mend(server, settings, enqueue, reload):
    async def refuse(*_: object) -> str:
        return "553 sender not allowed"

    server.handle_MAIL = refuse
    delivery = enqueue()

    assert send(delivery) == DeliveryState.QUEUED
    assert "553 sender not allowed" in reload(delivery).last_error


def test_a_worker_killed_while_sending_leaves_work_that_another_finishes(server, enqueue, reload, monkeypatch):
    delivery = enqueue()

    def killed(*_: object, **__: object) -> None:
        raise SystemExit

    with monkeypatch.context() as dying:
        dying.setattr(delivery_module, "_end", killed)
        with pytest.raises(SystemExit):
            send(delivery)

    assert reload(delivery).state == DeliveryState.SENDING
    assert send(delivery, at=AT + LEASE - timedelta(seconds=1)) is None
    assert send(delivery, at=AT + LEASE) == DeliveryState.SENT
    assert [read(envelope)["Message-ID"] for envelope in server.received] == [delivery.message_id] * 2


def test_a_mail_that_kills_every_worker_is_given_up(server, enqueue, reload, monkeypatch):
    delivery = enqueue()

    def killed(*_: object, **__: object) -> None:
        raise SystemExit

    monkeypatch.setattr(delivery_module, "_send", killed)
    at = AT
    for _ in range(len(BACK_OFF) + 1):
        with pytest.raises(SystemExit):
            send(delivery, at=at)
        at += LEASE

    assert send(delivery, at=at) == DeliveryState.FAILED
    assert reload(delivery).last_error == "送信が続けて中断しました。"


def test_a_template_that_broke_meanwhile_waits_for_its_repair(server, enqueue, city, reload):
    delivery = enqueue()
    with acting_for(city.pk):
        Delivery.unscoped.filter(pk=delivery.pk).update(template="withdrawn")

    assert send(delivery) == DeliveryState.QUEUED
    assert "文面を作れませんでした" in reload(delivery).last_error


def test_another_city_cannot_send_our_mail(server, enqueue):
    delivery = enqueue()

    assert not deliver_next(tenant_id=delivery.tenant_id + 1, at=AT)
    assert server.received == []


def test_the_sweep_sends_what_is_due_in_every_city_and_nothing_else(server, enqueue, reload, time_machine_at):
    waiting, other = enqueue(), enqueue(key="another")
    tomorrow = enqueue(key="tomorrow", at=AT + timedelta(days=1))

    tasks.deliver()

    assert [reload(each).state for each in (waiting, other)] == [DeliveryState.SENT] * 2
    assert reload(tomorrow).state == DeliveryState.QUEUED


def test_a_task_sends_and_ignores_words_it_does_not_know(server, enqueue, reload, time_machine_at):
    delivery = enqueue()

    tasks.deliver(rung_by="a newer version")

    assert reload(delivery).state == DeliveryState.SENT


@pytest.fixture
def time_machine_at():
    import time_machine

    with time_machine.travel(AT + timedelta(hours=1), tick=False):
        yield
