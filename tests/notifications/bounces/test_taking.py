"""What becomes of a mail when a notice about it is taken."""

import io
import os
import sys
from datetime import timedelta

import pytest
from django.core.management import call_command
from django.db import OperationalError

from accounts.tenancy import acting_for
from audit.models import Event
from notifications import delivery as delivery_module
from notifications import identity
from notifications.bounces import service
from notifications.bounces.service import MOST_ANSWERS, Outcome, take
from notifications.line import Line
from notifications.models import Delivery, DeliveryState
from tests.notifications.conftest import AT

LATER = AT + timedelta(minutes=3)


def notice(delivery, *, action="failed", status="5.1.1", said="550 5.1.1 User unknown", name="n1", to="") -> bytes:
    """Write a report about a mail, as it comes back to its return path."""
    return (
        f"Delivered-To: {identity.return_path(delivery.uid, delivery.tenant_id)}\r\n"
        f"From: MAILER-DAEMON@mx.example.jp\r\nMessage-ID: <{name}@mx.example.jp>\r\n"
        'Content-Type: multipart/report; report-type=delivery-status; boundary="R"\r\n\r\n'
        "--R\r\nContent-Type: message/delivery-status\r\n\r\nReporting-MTA: dns; mx.example.jp\r\n\r\n"
        f"Final-Recipient: rfc822; {to or delivery.to}\r\nAction: {action}\r\nStatus: {status}\r\n"
        f"Diagnostic-Code: smtp; {said}\r\n\r\n--R--\r\n"
    ).encode()


@pytest.fixture
def sent(server, enqueue, reload) -> Delivery:
    delivery = enqueue()
    with Line() as line:
        assert delivery_module.deliver_next(tenant_id=delivery.tenant_id, at=AT, line=line)
    return reload(delivery)


def journaled(delivery) -> list[str]:
    with acting_for(delivery.tenant_id):
        return [event.label for event in Event.objects.of_thread(delivery.tenant_id, delivery.thread)]


def test_a_mail_that_came_back_is_marked_with_the_reason_and_stands_in_the_journal(sent, reload):
    assert take(notice(sent), at=LATER) == Outcome.BOUNCED

    lost = reload(sent)
    assert (lost.state, lost.bounced_at, lost.bounce_code, lost.sent_at) == (DeliveryState.BOUNCED, LATER, "5.1.1", AT)
    assert lost.last_error.startswith("宛先のメールアドレスが見つかりません。")
    assert (lost.answers[-1]["code"], lost.answers[-1]["text"]) == ("5.1.1", lost.last_error)
    assert sorted(journaled(sent)) == ["メールが不達", "メールを送信"]


def test_a_late_mail_stays_sent_and_keeps_the_answer(sent, reload):
    assert take(notice(sent, action="delayed", status="4.4.1", said="451 busy"), at=LATER) == Outcome.NOTED

    late = reload(sent)
    assert (late.state, late.bounced_at) == (DeliveryState.SENT, None)
    assert late.answers[-1]["text"].endswith("送り続けています。（451 busy）")


def test_late_and_then_lost_are_both_kept(sent, reload):
    take(notice(sent, action="delayed", status="4.4.1", name="n1"), at=LATER)
    take(notice(sent, action="failed", status="4.4.7", name="n2"), at=LATER + timedelta(days=5))

    lost = reload(sent)
    assert (lost.state, lost.bounce_code) == (DeliveryState.BOUNCED, "4.4.7")
    assert [answer["code"] for answer in lost.answers][-2:] == ["4.4.1", "4.4.7"]


def test_the_same_notice_twice_counts_once(sent, reload):
    take(notice(sent), at=LATER)
    before = reload(sent).answers

    assert take(notice(sent), at=LATER + timedelta(hours=1)) == Outcome.KNOWN
    assert (reload(sent).answers, reload(sent).bounced_at) == (before, LATER)
    assert journaled(sent).count("メールが不達") == 1


def test_a_notice_that_overtakes_our_own_note_is_believed(server, enqueue, reload):
    """The report may come back before the worker has written down that the mail left."""
    delivery = enqueue()
    told = []

    def bounce_first(*_: object, **__: object) -> str:
        told.append(take(notice(delivery), at=LATER))
        return "250 2.0.0 OK"

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(delivery_module, "_send", bounce_first)
        delivery_module.deliver_next(tenant_id=delivery.tenant_id, at=AT, line=Line())

    lost = reload(delivery)
    assert told == [Outcome.BOUNCED]
    assert (lost.state, lost.next_attempt_at, lost.sealed_link) == (DeliveryState.BOUNCED, None, None)


def test_a_mail_that_waits_to_be_tried_again_is_not_sent_once_more_to_an_address_that_is_dead(enqueue, reload):
    delivery = enqueue()

    take(notice(delivery), at=LATER)

    with Line() as line:
        assert not delivery_module.deliver_next(tenant_id=delivery.tenant_id, at=LATER, line=line)
    assert reload(delivery).state == DeliveryState.BOUNCED


def test_a_mail_that_was_passed_on_tells_where_it_was_lost(sent, reload):
    take(notice(sent, to="new@another.example.jp"), at=LATER)

    assert reload(sent).answers[-1]["text"].startswith("new@another.example.jp から: ")


def test_nobody_can_swell_a_row_by_writing_often(sent, reload):
    for number in range(MOST_ANSWERS + 10):
        take(notice(sent, action="delayed", status="4.4.1", name=f"n{number}"), at=LATER)

    assert len(reload(sent).answers) == MOST_ANSWERS


def test_a_bounce_is_still_heard_after_many_delays(sent, reload):
    for number in range(MOST_ANSWERS + 10):
        take(notice(sent, action="delayed", status="4.4.1", name=f"n{number}"), at=LATER)

    assert take(notice(sent, name="last"), at=LATER) == Outcome.BOUNCED
    assert reload(sent).state == DeliveryState.BOUNCED


def test_a_notice_in_the_name_of_another_city_changes_nothing(sent, reload):
    forged = notice(sent).replace(f".{sent.tenant_id}@".encode(), f".{sent.tenant_id + 1}@".encode())

    assert take(forged, at=LATER) == Outcome.STRAY
    assert reload(sent).state == DeliveryState.SENT


@pytest.mark.parametrize("tenant", ["0", "999999999999999999", "9" * 40])
def test_a_notice_about_no_city_is_set_aside(sent, reload, tenant):
    forged = notice(sent).replace(f".{sent.tenant_id}@".encode(), f".{tenant}@".encode())

    assert take(forged, at=LATER) == Outcome.STRAY
    assert reload(sent).state == DeliveryState.SENT


def test_a_guessed_mail_is_set_aside(sent, reload):
    forged = notice(sent).replace(str(sent.uid).encode(), b"00000000-0000-4000-8000-000000000000")

    assert take(forged, at=LATER) == Outcome.STRAY


def test_an_automatic_answer_to_a_mail_changes_nothing(sent, reload):
    reply = (
        f"To: {identity.return_path(sent.uid, sent.tenant_id)}\r\nFrom: tanaka@kensetsu.example.jp\r\n"
        f"In-Reply-To: {sent.message_id}\r\nAuto-Submitted: auto-replied\r\nSubject: Re\r\n\r\n"
        "undeliverable 550 5.1.1\r\n"
    ).encode()

    assert take(reply, at=LATER) == Outcome.OTHER
    assert reload(sent).answers == sent.answers


class Piped:
    """Standard input as a mail server gives it."""

    def __init__(self, raw: bytes) -> None:
        self.buffer = io.BytesIO(raw)


def test_a_mail_server_may_pipe_a_notice_in(sent, reload, monkeypatch):
    monkeypatch.setattr(sys, "stdin", Piped(notice(sent) + b"x" * 3_000_000))
    said = io.StringIO()

    call_command("receive_bounce", stdout=said)

    assert reload(sent).state == DeliveryState.BOUNCED
    assert said.getvalue().strip() == Outcome.BOUNCED
    assert sys.stdin.buffer.read() == b""


def test_a_notice_that_cannot_be_noted_now_stays_with_the_mail_server(sent, monkeypatch):
    def away(*_: object, **__: object) -> None:
        raise OperationalError("the database is away")

    monkeypatch.setattr(service, "acting_for", away)
    monkeypatch.setattr(sys, "stdin", Piped(notice(sent)))

    with pytest.raises(SystemExit) as ended:
        call_command("receive_bounce")

    assert ended.value.code == os.EX_TEMPFAIL


@pytest.mark.parametrize("raw", [b"", b"From: someone@example.jp\n\nhello", b"\xff" * 100])
def test_what_is_no_notice_is_accepted_so_that_nothing_bounces_back_and_forth(db, monkeypatch, raw):
    monkeypatch.setattr(sys, "stdin", Piped(raw))

    call_command("receive_bounce", stdout=io.StringIO())
