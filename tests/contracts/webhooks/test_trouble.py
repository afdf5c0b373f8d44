"""When a system does not listen: waits that grow over two days, then silence and a mail; and nobody else waits."""

from datetime import timedelta

import pytest
import time_machine

from accounts.models import Role
from audit.models import Event
from contracts import tasks
from contracts.models import Webhook, WebhookMessage
from contracts.services.integrating import delivering, webhooks
from notifications.models import Delivery
from outgoing import client
from tests import factories
from tests.contracts.webhooks.conftest import AT, tell
from tests.contracts.webhooks.test_telling import deliver, event
from tests.stories import story

pytestmark = pytest.mark.django_db


def again(row):
    row.refresh_from_db()
    return row


def test_waits_grow_over_two_days_and_then_the_address_is_stopped(tosu, receiver, told):
    hook, sent, at, waits = told[0], event(tosu), AT, []
    receiver.statuses = [500] * 20
    keeper = factories.member(tosu.tenant, Role.ADMINISTRATOR)

    while sent.due_at is not None:
        deliver(tosu.tenant, at=at)
        again(sent)
        if sent.due_at is not None:
            waits.append(sent.due_at - at)
            at = sent.due_at

    assert waits == sorted(waits)
    assert timedelta(days=1, hours=23) < sum(waits, timedelta()) < timedelta(days=2)
    assert set(receiver.uids) == {sent.uid}
    assert again(hook).stopped_at == at
    assert "二日" in hook.stopped_because
    mailed = Delivery.unscoped.filter(template="contracts/webhook_stopped")
    assert keeper.email in mailed.values_list("to", flat=True)
    stopped = Event.objects.of_tenant(tosu.tenant.pk).get(action="webhook.stopped")
    assert stopped.actor_kind == "system"


def test_an_address_that_took_something_meanwhile_is_not_stopped(tosu, receiver, told):
    hook, sent = told[0], event(tosu)
    receiver.statuses = [500]
    deliver(tosu.tenant)
    Webhook.unscoped.filter(pk=hook.pk).update(failing_since=AT + timedelta(hours=1))
    WebhookMessage.unscoped.filter(pk=sent.pk).update(tries=len(delivering.BACK_OFF), due_at=AT)
    receiver.statuses = [500]

    deliver(tosu.tenant)

    assert again(sent).due_at is None
    assert again(hook).stopped_at is None


def test_whoever_says_gone_is_asked_no_more(tosu, receiver, told):
    sent = event(tosu)
    receiver.statuses = [410]

    deliver(tosu.tenant)

    assert "410" in again(told[0]).stopped_because
    assert again(sent).due_at is None


def test_a_redirect_is_a_failure_and_is_not_followed(tosu, receiver, told):
    sent = event(tosu)
    receiver.statuses, receiver.location = [307], receiver.url + "2"

    deliver(tosu.tenant)

    assert len(receiver.bodies) == 1
    assert (again(sent).last_answer, sent.taken_at) == ("HTTP 307", None)


def test_who_hangs_is_left_after_a_while(tosu, receiver, told, monkeypatch):
    monkeypatch.setattr(client, "TIMEOUT_SECONDS", 0.3)
    sent = event(tosu)
    receiver.hangs = True

    deliver(tosu.tenant)

    assert again(sent).due_at == AT + timedelta(minutes=1)
    assert "応答がありません" in sent.last_answer


def test_who_does_not_listen_holds_up_nobody_else(tosu, receiver, told):
    for _time in range(5):
        WebhookMessage.unscoped.create(
            tenant=tosu.tenant, webhook=told[0], uid=f"x{_time}", kind="k", body="{}", made_at=AT, due_at=AT
        )
    other, _ = tell(tosu, receiver.url + "2")
    WebhookMessage.unscoped.create(
        tenant=tosu.tenant, webhook=other, uid="other", kind="k", body="{}", made_at=AT, due_at=AT
    )
    receiver.statuses = [503]

    assert deliver(tosu.tenant) == 2
    assert WebhookMessage.unscoped.get(uid="other").taken_at == AT
    assert deliver(tosu.tenant, at=AT + timedelta(minutes=1)) == 5


def test_the_sweep_tells_every_city(tosu, receiver, told, time_machine_at):
    event(tosu)
    usuki = story("usuki")
    tell(usuki, receiver.url)
    event(usuki)

    tasks.tell_systems(rung_by="a newer version")

    assert len(receiver.bodies) == 2


def test_what_was_told_long_ago_is_forgotten(tosu, receiver, told):
    old = event(tosu)
    deliver(tosu.tenant)
    WebhookMessage.unscoped.filter(pk=old.pk).update(made_at=AT - timedelta(days=91))
    other = webhooks.test(told[0], actor=factories.staff(tosu.tenant, Role.ADMINISTRATOR), at=AT)

    deliver(tosu.tenant)

    assert list(WebhookMessage.unscoped.values_list("pk", flat=True)) == [other.pk]


@pytest.fixture
def time_machine_at():
    with time_machine.travel(AT, tick=False):
        yield
