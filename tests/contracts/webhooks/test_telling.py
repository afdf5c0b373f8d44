"""What happens is told to those who asked: by numbers and states alone, signed, and never for what did not happen."""

import json
from datetime import timedelta

import pytest
from django.db import transaction

from accounts import tenancy
from accounts.models import Role
from contracts.models import Case, Webhook, WebhookMessage
from contracts.services.cases import registering
from contracts.services.integrating import delivering, webhooks
from outgoing import client
from tests import factories
from tests.contracts.webhooks.conftest import AT, tell
from tests.stories import story

pytestmark = pytest.mark.django_db


def deliver(tenant, at=AT) -> int:
    """Send all that is due, and say how many times something was sent."""
    count = 0
    while delivering.deliver_next(tenant_id=tenant.pk, at=at):
        count += 1
    tenancy.set_tenant(tenant.pk)
    return count


def chief(tenant):
    return factories.staff(tenant, Role.ADMINISTRATOR)


def event(tosu, at=AT) -> WebhookMessage:
    """Let something happen that is told."""
    registering.switch_to_paper(tosu.case, actor=tosu.drafter, at=at, contract_date=tosu.case.awarded_date)
    return WebhookMessage.unscoped.latest("pk")


def test_a_system_is_told_by_numbers_and_states_alone(tosu, receiver, told):
    sent = event(tosu)

    assert deliver(tosu.tenant) == 1
    said = receiver.read(0, told[1])
    assert said["type"] == "case.switched_to_paper"
    assert said["timestamp"] == "2026-03-05T01:20:30.000000Z"
    assert said["data"] == {
        "seq": said["data"]["seq"],
        "subject": f"case:{tosu.case.pk}",
        "state": Case.unscoped.get(pk=tosu.case.pk).state,
        "case_id": tosu.case.pk,
        "case_state": Case.unscoped.get(pk=tosu.case.pk).state,
    }
    assert receiver.uids == [sent.uid]
    sent.refresh_from_db()
    assert (sent.taken_at, sent.due_at, sent.last_answer) == (AT, None, "HTTP 204")


def test_no_name_and_no_title_leaves_the_city(tosu, receiver, told):
    tosu.invited()
    event(tosu)
    deliver(tosu.tenant)

    said = b"".join(receiver.bodies).decode()
    assert receiver.bodies
    for private in (tosu.case.title, tosu.case.contractor.name, tosu.drafter.name, "@"):
        assert private not in said


def test_what_was_undone_is_not_told(tosu, told):
    with transaction.atomic():
        event(tosu)
        transaction.set_rollback(True)

    assert not WebhookMessage.unscoped.exists()


def test_only_what_was_asked_for_is_told(tosu, receiver):
    tell(tosu, receiver.url, "contract.concluded")

    registering.switch_to_paper(tosu.case, actor=tosu.drafter, at=AT, contract_date=tosu.case.awarded_date)

    assert not WebhookMessage.unscoped.exists()


def test_the_next_city_is_told_nothing_and_sees_nothing(tosu, receiver, told):
    sent = event(tosu)
    other = story("usuki")

    assert not Webhook.unscoped.filter(pk=told[0].pk).exists()
    assert not WebhookMessage.unscoped.filter(pk=sent.pk).exists()
    assert deliver(other.tenant) == 0
    registering.switch_to_paper(other.case, actor=other.drafter, at=AT, contract_date=other.case.awarded_date)
    assert not WebhookMessage.unscoped.exists()
    assert receiver.bodies == []


def test_a_forged_an_old_and_an_altered_message_are_not_believed(tosu, receiver, told):
    event(tosu)
    deliver(tosu.tenant)
    wrong = "whsec_" + "A" * 43 + "="

    with pytest.raises(ValueError, match="署名"):
        receiver.read(0, wrong)
    for late in (AT + timedelta(minutes=5, seconds=1), AT - timedelta(minutes=5, seconds=1)):
        with pytest.raises(ValueError, match="日時"):
            receiver.read(0, told[1], now=late)
    receiver.bodies[0] = receiver.bodies[0].replace(b"case", b"Case")
    with pytest.raises(ValueError, match="署名"):
        receiver.read(0, told[1])


def test_for_two_days_both_secrets_are_good(tosu, receiver, told):
    hook, former = told
    renewed = webhooks.rotate(hook, actor=chief(tosu.tenant), at=AT)
    event(tosu)
    deliver(tosu.tenant)
    webhooks.test(hook, actor=chief(tosu.tenant), at=AT)
    later = AT + timedelta(days=2)
    deliver(tosu.tenant, at=later)

    assert renewed != former
    assert receiver.read(0, former) == receiver.read(0, renewed)
    assert receiver.read(1, renewed, now=later)["type"] == "webhook.test"
    with pytest.raises(ValueError, match="署名"):
        receiver.read(1, former, now=later)


def test_the_secret_lies_nowhere_in_the_open(tosu, told):
    hook, secret = told
    row = Webhook.unscoped.filter(pk=hook.pk).values().get()

    assert secret.startswith("whsec_")
    assert secret[6:] not in repr({name: bytes(v) if isinstance(v, memoryview) else v for name, v in row.items()})


def test_what_is_sent_again_keeps_its_name(tosu, receiver, told):
    sent = event(tosu)
    deliver(tosu.tenant)
    later = AT + timedelta(days=30)

    webhooks.send_again(sent, actor=chief(tosu.tenant), at=later)
    deliver(tosu.tenant, at=later)

    assert receiver.uids == [sent.uid] * 2
    assert receiver.bodies[0] == receiver.bodies[1]
    assert receiver.read(1, told[1], now=later) == json.loads(sent.body)


def test_nothing_is_told_where_it_was_stopped_until_it_goes_on(tosu, receiver, told):
    hook = told[0]
    event(tosu)
    webhooks.stop(hook, actor=chief(tosu.tenant), at=AT)

    assert deliver(tosu.tenant) == 0
    with pytest.raises(webhooks.WebhookRefused, match="止めています"):
        webhooks.test(hook, actor=chief(tosu.tenant), at=AT)
    webhooks.resume(hook, actor=chief(tosu.tenant), at=AT)
    assert deliver(tosu.tenant) == 0
    webhooks.test(hook, actor=chief(tosu.tenant), at=AT)
    assert deliver(tosu.tenant) == 1


INSIDE = {
    "plain http": "http://keiyaku.example.jp/x",
    "a password": "https://user:pass@keiyaku.example.jp/x",
    "an address inside": "https://10.0.0.7/x",
    "the machine's papers": "https://169.254.169.254/latest/meta-data/",
    "a name inside": "https://localhost/x",
    "a mail server": "https://keiyaku.example.jp:25/x",
    "no address": "https://",
    "an odd spelling": "https://0x7f.1/x",
}


@pytest.mark.parametrize("url", INSIDE.values(), ids=list(INSIDE))
def test_no_address_inside_the_fence_is_kept(url, tosu):
    with pytest.raises(webhooks.WebhookRefused):
        tell(tosu, url)


def test_an_address_that_turns_inwards_later_is_not_asked(tosu, receiver, told, settings):
    sent = event(tosu)
    settings.OUTGOING_PRIVATE = []
    client._close_kept()

    deliver(tosu.tenant)

    sent.refresh_from_db()
    assert receiver.bodies == []
    assert "許されていない番地" in sent.last_answer
