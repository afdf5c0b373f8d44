"""What mail servers do to us: they refuse, wait, hang up and forget to answer; no mail is lost, none comes thrice."""

import socket
import time
from collections.abc import Callable, Iterator
from datetime import timedelta
from threading import Thread

import pytest

from notifications import smtp
from notifications.delivery import BACK_OFF
from notifications.models import Delivery, DeliveryState
from tests.notifications.conftest import AT, free_port
from tests.notifications.test_delivery import read, send

SENT, QUEUED, FAILED = DeliveryState.SENT, DeliveryState.QUEUED, DeliveryState.FAILED
MINUTE = timedelta(minutes=1)


def said(delivery: Delivery) -> list[tuple[str, str]]:
    return [(answer["code"], answer["text"]) for answer in delivery.answers]


def test_every_answer_is_kept_with_its_time(server, enqueue, reload):
    delivery = enqueue()
    server.rcpt = "451 4.7.1 Greylisted"
    send(delivery)
    server.rcpt = "250 OK"
    send(delivery, at=AT + MINUTE)

    kept = reload(delivery)

    assert said(kept) == [("4.7.1", "宛先が受け付けられませんでした（451 4.7.1 Greylisted）。"), ("250", "250 OK")]
    assert [answer["at"] for answer in kept.answers] == [AT.isoformat(), (AT + MINUTE).isoformat()]


def test_a_refusal_is_kept_under_its_code(server, enqueue, reload):
    server.rcpt = "550 5.1.1 User unknown"

    assert send(delivery := enqueue()) == FAILED
    assert said(reload(delivery)) == [("5.1.1", "宛先が受け付けられませんでした（550 5.1.1 User unknown）。")]


def test_a_server_that_takes_a_mail_and_loses_the_answer_gets_it_twice_and_no_more(server, enqueue, reload):
    server.data = None
    delivery = enqueue()

    assert send(delivery) == QUEUED
    assert send(delivery, at=AT + MINUTE) == FAILED

    assert [read(envelope)["Message-ID"] for envelope in server.received] == [delivery.message_id] * 2
    assert "届いているかもしれません" in reload(delivery).last_error
    assert send(delivery, at=AT + timedelta(days=9)) is None


def test_a_server_that_lost_one_answer_gets_the_mail_once_more(server, enqueue):
    server.data = None
    delivery = enqueue()
    send(delivery)
    server.data = "250 OK"

    assert send(delivery, at=AT + MINUTE) == SENT
    assert len(server.received) == 2


def test_a_server_that_thinks_longer_than_the_usual_patience_gets_the_mail_once(server, settings, enqueue):
    settings.EMAIL_TIMEOUT = 0.3
    server.while_reading = lambda: time.sleep(0.6)

    assert send(enqueue()) == SENT
    assert len(server.received) == 1


def test_a_server_that_never_answers_is_left_after_a_while(server, enqueue, reload, monkeypatch):
    monkeypatch.setattr(smtp, "LAST_WORD_SECONDS", 0.2)
    server.while_reading = lambda: time.sleep(0.5)

    assert send(delivery := enqueue()) == QUEUED
    assert said(reload(delivery))[0][0] == "lost"


@pytest.fixture
def hangs_up(settings) -> Iterator[Callable[[], int]]:
    """A server that hangs up in the middle of every mail, and counts the mails it saw the end of."""
    listening = socket.create_server(("127.0.0.1", free_port()))
    settings.EMAIL_PORT = listening.getsockname()[1]
    ended = 0

    def converse(caller: socket.socket) -> None:
        nonlocal ended
        caller.sendall(b"220 mail.test\r\n")
        for line in caller.makefile("rb"):
            if line.upper().startswith(b"DATA"):
                caller.sendall(b"354 go on\r\n")
                ended += b"\r\n.\r\n" in caller.recv(200)
                return
            caller.sendall(b"250 OK\r\n")

    def answer() -> None:
        while True:
            try:
                caller, _ = listening.accept()
            except OSError:
                return
            with caller:
                converse(caller)

    talking = Thread(target=answer, daemon=True)
    talking.start()
    yield lambda: ended
    listening.shutdown(socket.SHUT_RDWR)
    listening.close()
    talking.join()


def test_a_server_that_hangs_up_in_the_middle_is_tried_for_days_and_the_mail_arrives_once(
    server, hangs_up, settings, enqueue, reload
):
    delivery, at = enqueue(), AT
    for wait in BACK_OFF[:5]:
        assert send(delivery, at=at) == QUEUED
        at += wait

    settings.EMAIL_PORT = server.port

    assert send(delivery, at=at) == SENT
    assert (len(server.received), hangs_up()) == (1, 0)
    assert sum(code == "lost" for code, _ in said(reload(delivery))) <= 1


def test_a_day_without_a_mail_server_loses_nothing_and_doubles_nothing(server, settings, enqueue, reload):
    port, settings.EMAIL_PORT = settings.EMAIL_PORT, free_port()
    mails = []
    for hour in range(24):
        now = AT + timedelta(hours=hour)
        mails.append(enqueue(key=f"hour:{hour}", at=now))
        while send(mails[0], at=now):
            pass
    assert {reload(mail).state for mail in mails} == {QUEUED}

    settings.EMAIL_PORT = port
    while send(mails[0], at=AT + timedelta(days=2)):
        pass

    assert {reload(mail).state for mail in mails} == {SENT}
    arrived = sorted(read(envelope)["Message-ID"] for envelope in server.received)
    assert arrived == sorted(mail.message_id for mail in mails)
