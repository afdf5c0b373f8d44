"""The page on which an administrator says who is told: the secret is shown once, and only administrators see it."""

import re
from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts import tenancy
from accounts.models import Role
from audit.models import Event
from contracts.models import Webhook, WebhookMessage
from contracts.services.integrating import delivering
from contracts.services.integrating.webhooks import test as try_it
from tests import factories
from tests.contracts.pages.conftest import give_second_factor
from tests.contracts.webhooks.conftest import tell
from tests.stories import story

pytestmark = pytest.mark.django_db
URL = "https://keiyaku.example.jp/musubi"
TYPED = {"name": "契約管理", "url": URL, "wanted": ["contract.concluded", "guarantee.accepted"]}


def sign_in(tenant, role) -> Client:
    user, client = factories.member(tenant, role), Client()
    client.force_login(user)
    give_second_factor(client, user)
    return client


@pytest.fixture
def desk(tosu):
    return sign_in(tosu.tenant, Role.ADMINISTRATOR)


def again(tosu) -> Webhook:
    tenancy.set_tenant(tosu.tenant.pk)
    return Webhook.unscoped.get()


def test_the_secret_is_shown_once(tosu, desk):
    shown = desk.post(reverse("webhooks"), TYPED).content.decode()

    secret = re.search(r"whsec_[A-Za-z0-9+/=]+", shown)
    assert secret is not None
    hook = again(tosu)
    assert (hook.url, hook.kinds) == (URL, TYPED["wanted"])
    for page in (reverse("webhooks"), reverse("webhook", args=[hook.pk])):
        assert "whsec_" not in desk.get(page).content.decode()
    tenancy.set_tenant(tosu.tenant.pk)
    journal = "".join(Event.objects.of_tenant(tosu.tenant.pk).values_list("data", flat=True))
    assert secret[0] not in journal


def test_a_wrong_address_is_refused_at_its_field(tosu, desk):
    answer = desk.post(reverse("webhooks"), TYPED | {"url": "https://192.168.0.1/"})

    assert answer.status_code == 422
    assert "この宛先には送れません" in answer.content.decode()
    tenancy.set_tenant(tosu.tenant.pk)
    assert not Webhook.unscoped.exists()


def test_an_address_is_changed_stopped_resumed_and_given_a_new_secret(tosu, desk):
    hook, former = tell(tosu, URL)
    where = {"args": [hook.pk]}

    desk.post(reverse("webhook", **where), TYPED | {"url": URL + "/2", "name": "文書管理"})
    assert (again(tosu).name, again(tosu).url) == ("文書管理", URL + "/2")
    desk.post(reverse("webhook_stop", **where))
    assert again(tosu).stopped_at
    desk.post(reverse("webhook_resume", **where))
    assert again(tosu).stopped_at is None
    shown = desk.post(reverse("webhook_rotate", **where)).content.decode()
    assert "whsec_" in shown
    assert former not in shown


def test_the_log_tells_how_it_went_and_sends_again(tosu, desk, receiver):
    hook, _ = tell(tosu, receiver.url)
    desk.post(reverse("webhook_test", args=[hook.pk]))
    tenancy.set_tenant(tosu.tenant.pk)
    sent = WebhookMessage.unscoped.get()
    receiver.statuses = [500]
    delivering.deliver_next(tenant_id=tosu.tenant.pk, at=timezone.now())
    shown = desk.get(reverse("webhook", args=[hook.pk])).content.decode()
    desk.post(reverse("webhook_again", args=[hook.pk, sent.pk]))
    tenancy.set_tenant(tosu.tenant.pk)
    delivering.deliver_next(tenant_id=tosu.tenant.pk, at=timezone.now())

    assert "HTTP 500" in shown
    assert "届いていません" in shown
    assert receiver.uids == [sent.uid] * 2


def test_the_message_of_one_address_is_not_sent_again_through_another(tosu, desk):
    one, other = tell(tosu, URL)[0], tell(tosu, URL + "2")[0]
    sent = try_it(one, actor=factories.staff(tosu.tenant, Role.ADMINISTRATOR), at=timezone.now())

    assert desk.post(reverse("webhook_again", args=[other.pk, sent.pk])).status_code == 404


def test_neither_a_drafter_nor_the_next_city_sees_the_page(tosu):
    hook, _ = tell(tosu, URL)
    drafter = sign_in(tosu.tenant, Role.DRAFTER)
    stranger = sign_in(story("usuki").tenant, Role.ADMINISTRATOR)

    assert drafter.get(reverse("webhook", args=[hook.pk])).status_code == 403
    assert stranger.get(reverse("webhook", args=[hook.pk])).status_code == 404
    assert URL not in stranger.get(reverse("webhooks")).content.decode()


def test_there_are_no_more_addresses_than_anybody_needs(tosu, desk):
    for number in range(20):
        tell(tosu, f"{URL}{number}")

    assert "20 までです" in desk.post(reverse("webhooks"), TYPED).content.decode()


def test_what_waits_is_measured(tosu):
    from config.metrics import page

    hook, _ = tell(tosu, URL)
    at = timezone.now() - timedelta(minutes=20)
    try_it(hook, actor=factories.staff(tosu.tenant, Role.ADMINISTRATOR), at=at)

    told = dict(line.rsplit(" ", 1) for line in page.text().decode().splitlines() if line.startswith("musubi_queue"))

    assert told['musubi_queue_waiting{kind="webhook"}'] == "1.0"
    assert 1200 <= float(told['musubi_queue_oldest_seconds{kind="webhook"}']) < 1800
    assert told['musubi_queue_waiting{kind="answer"}'] == "0.0"
