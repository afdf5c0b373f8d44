"""A mail whose reason or link is gone does not leave."""

import smtplib
from datetime import timedelta

import pytest

from accounts.tenancy import acting_for
from audit.models import Event
from notifications import delivery as delivery_module
from notifications import hooks, outbox
from notifications.delivery import LEASE
from notifications.models import Delivery, DeliveryState
from tests.notifications.conftest import AT, LINK
from tests.notifications.test_delivery import read, send

LATER = AT + timedelta(hours=1)


def kill(delivery: Delivery, *, link: str = LINK) -> None:
    with acting_for(delivery.tenant_id):
        hashes = [outbox.hash_of(link)]
        outbox.cancel_links(tenant_id=delivery.tenant_id, hashes=hashes, at=AT, reason="リンクが使えなくなりました。")


def test_a_mail_that_waits_is_cancelled_with_its_link(server, enqueue, reload):
    delivery = enqueue()

    kill(delivery)

    cancelled = reload(delivery)
    assert (cancelled.state, cancelled.cancelled_at) == (DeliveryState.CANCELLED, AT)
    assert cancelled.cancel_reason == "リンクが使えなくなりました。"
    assert (cancelled.sealed_link, cancelled.next_attempt_at) == (None, None)
    assert send(delivery) is None
    assert server.received == []


def test_only_the_mails_with_that_link_are_cancelled(server, enqueue, reload):
    other = enqueue(key="other", link="http://localhost:8000/tosu/sign/another-token/")
    without = enqueue(key="without", link=None)

    kill(other)

    assert reload(other).state == reload(without).state == DeliveryState.QUEUED


def test_a_mail_that_has_left_stays_sent(server, enqueue, reload):
    delivery = enqueue()
    send(delivery)

    kill(delivery)

    assert reload(delivery).state == DeliveryState.SENT


def test_a_mail_cancelled_while_it_is_being_sent_is_not_tried_again(server, enqueue, reload, monkeypatch):
    delivery = enqueue()

    def deferred(*_: object, **__: object) -> None:
        kill(delivery)
        raise smtplib.SMTPRecipientsRefused({delivery.to: (451, b"later")})

    monkeypatch.setattr(delivery_module, "_send", deferred)
    assert send(delivery) == DeliveryState.QUEUED

    assert send(delivery) == DeliveryState.CANCELLED
    assert reload(delivery).cancel_reason == "リンクが使えなくなりました。"
    assert server.received == []


def test_a_mail_whose_worker_died_is_not_taken_over_when_its_link_is_dead(server, enqueue, reload, monkeypatch):
    delivery = enqueue()

    def killed(*_: object, **__: object) -> None:
        raise SystemExit

    with monkeypatch.context() as dying:
        dying.setattr(delivery_module, "_send", killed)
        with pytest.raises(SystemExit):
            send(delivery)
    kill(delivery)

    assert send(delivery, at=AT + LEASE) == DeliveryState.CANCELLED
    assert server.received == []


def test_one_mail_can_be_cancelled_once(enqueue, reload):
    delivery = enqueue()

    with acting_for(delivery.tenant_id):
        assert outbox.cancel(delivery, at=AT, reason="送り先を確かめるため")
        assert not outbox.cancel(delivery, at=LATER, reason="もう一度")

    assert reload(delivery).cancel_reason == "送り先を確かめるため"


def test_another_city_cannot_cancel_our_mail(enqueue, reload):
    delivery = enqueue()

    with acting_for(delivery.tenant_id + 1):
        outbox.cancel_links(tenant_id=delivery.tenant_id, hashes=[outbox.hash_of(LINK)], at=AT, reason="隣の市から")

    assert reload(delivery).state == DeliveryState.QUEUED


def test_a_mail_whose_reason_is_gone_does_not_leave(server, enqueue, reload, monkeypatch):
    monkeypatch.setitem(hooks.still_needed, "invitation", lambda delivery, at: None)
    delivery = enqueue()

    assert send(delivery, at=LATER) == DeliveryState.CANCELLED

    assert server.received == []
    assert reload(delivery).cancel_reason == "送る前に、用件が済みました。"
    with acting_for(delivery.tenant_id):
        assert Event.objects.of_thread(delivery.tenant_id, "case:7").get().label == "メールの送信を取消し"


def test_a_mail_says_what_is_true_when_it_leaves_and_the_row_keeps_it(server, enqueue, reload, monkeypatch):
    fresh = {"case_title": "轟木川護岸補修工事（変更後）"}
    monkeypatch.setitem(hooks.still_needed, "invitation", lambda delivery, at: delivery.context | fresh)

    send(delivery := enqueue())

    assert "（変更後）" in read(server.received[0])["Subject"]
    assert reload(delivery).context["case_title"] == "轟木川護岸補修工事（変更後）"


def test_a_question_that_fails_delays_its_mail_and_no_other(server, enqueue, reload, monkeypatch):
    def fails(*_: object) -> None:
        raise ZeroDivisionError

    asked, other = enqueue(), enqueue(key="other")
    monkeypatch.setitem(hooks.still_needed, "invitation", fails)
    assert send(asked) == DeliveryState.QUEUED
    monkeypatch.delitem(hooks.still_needed, "invitation")

    assert send(other) == DeliveryState.SENT
    assert "文面を作れませんでした" in reload(asked).last_error
    assert send(asked, at=LATER) == DeliveryState.SENT
