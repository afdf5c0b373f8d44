"""Proving who one is may fail only so often: counted in the database, alike for known and unknown addresses."""

import re
from datetime import timedelta

import pytest
from allauth.mfa.totp.internal.auth import TOTP, format_hotp_value, generate_totp_secret, hotp_value
from django.core.cache import cache
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from accounts import tasks, tenancy
from accounts.models import ResetRequest, Role, SignInTries
from accounts.services import tries
from audit.models import Event
from notifications.models import Delivery
from tests import factories
from tests.accounts.conftest import last_event, user_of
from tests.accounts.test_passwords import link_in

pytestmark = pytest.mark.django_db
WAIT = "いまは受け付けられません"
WRONG = "ちがう合言葉-2026"


@pytest.fixture
def member(tosu):
    return factories.member(tosu, Role.DRAFTER, email="taro@tosu.example.jp")


def try_in(client, address="taro@tosu.example.jp", password=WRONG):
    return client.post(reverse("account_login"), {"login": address, "password": password})


def is_in(answer) -> bool:
    return answer.status_code == 302


def later(**time) -> None:
    """Let time pass: what was counted happened so much earlier."""
    for row in SignInTries.objects.all():
        row.recent = [moment - timedelta(**time) for moment in row.recent]
        row.save()


def test_five_wrong_passwords_make_the_right_one_wait_five_minutes(member, client):
    for _ in range(5):
        assert WAIT not in try_in(client).content.decode()

    refused = try_in(client, password=factories.PASSWORD)
    later(minutes=5)

    assert WAIT in refused.content.decode()
    assert is_in(try_in(client, password=factories.PASSWORD))


def test_losing_redis_forgets_no_failure(member, client):
    for _ in range(5):
        try_in(client)
    cache.clear()

    assert WAIT in try_in(client, password=factories.PASSWORD).content.decode()


def test_the_count_does_not_care_how_the_address_is_written(member, client):
    for address in ("taro@tosu.example.jp", "TARO@tosu.example.jp", " taro@TOSU.example.jp ") * 2:
        try_in(client, address)

    assert WAIT in try_in(client, password=factories.PASSWORD).content.decode()


def test_a_success_in_between_starts_the_count_again(member, client):
    for _ in range(4):
        try_in(client)
    try_in(client, password=factories.PASSWORD)
    client.logout()

    for _ in range(4):
        try_in(client)

    assert is_in(try_in(client, password=factories.PASSWORD))


def test_a_hundred_failures_shut_the_door_until_the_administrator_opens_it(tosu, member, client, administrator):
    for _ in range(100):
        try_in(client)
        later(minutes=6)
    refused = try_in(client, password=factories.PASSWORD)

    client.force_login(user_of(administrator))
    page = client.get(reverse("person", args=[member.pk])).content.decode()
    client.post(reverse("person_unlock", args=[member.pk]))
    client.logout()

    assert WAIT in refused.content.decode()
    assert "続けて100回まちがえました" in page
    tenancy.set_tenant(tosu.pk)
    assert last_event(tosu)[0] == "people.sign_in_opened"
    assert is_in(try_in(client, password=factories.PASSWORD))


def test_choosing_a_new_password_opens_the_door_as_well(tosu, member, client):
    SignInTries.objects.create(
        kind="password", who=tries.of_address(member.email).key, user=member, failures=100, last_at=timezone.now()
    )
    client.post(reverse("account_reset_password"), {"email": "taro@tosu.example.jp"})
    tasks.send_password_links()
    tenancy.set_tenant(tosu.pk)

    form = client.post(link_in(Delivery.unscoped.get(to=member.email)), follow=True)
    client.post(form.request["PATH_INFO"], {"password1": "あたらしい合言葉-2027", "password2": "あたらしい合言葉-2027"})

    assert is_in(try_in(client, password="あたらしい合言葉-2027"))


def test_the_journal_tells_once_that_somebody_was_made_to_wait(tosu, member, client):
    for _ in range(8):
        try_in(client)

    tenancy.set_tenant(tosu.pk)
    told = Event.objects.of_tenant(tosu.pk).filter(action="people.sign_in_held")
    assert [event.thread for event in told] == [f"person:{member.pk}"]
    assert WRONG not in told[0].data


def test_an_unknown_address_is_answered_like_a_known_one_to_the_last_word(member, client):
    known = [try_in(client) for _ in range(7)]
    unknown = [try_in(client, "nobody@tosu.example.jp") for _ in range(7)]

    def shown(answer) -> tuple[int, str]:
        text = answer.content.decode().replace("nobody@", "taro@")
        return answer.status_code, re.sub(r"\b\w{64}\b", "", text)  # CSRF の印は、頁ごとに変わる

    assert [shown(answer) for answer in known] == [shown(answer) for answer in unknown]
    assert WAIT in known[-1].content.decode()


def test_a_network_that_guesses_at_many_addresses_waits_as_a_whole(member, client, settings):
    settings.SIGN_IN_LIMITS = settings.SIGN_IN_LIMITS | {"network": (3, 300, None)}
    for number in range(3):
        try_in(client, f"someone{number}@tosu.example.jp")

    assert WAIT in try_in(client, password=factories.PASSWORD).content.decode()
    elsewhere = client.post(
        reverse("account_login"),
        {"login": member.email, "password": factories.PASSWORD},
        REMOTE_ADDR="198.51.100.7",
    )
    assert is_in(elsewhere)


def test_what_was_typed_is_not_kept(member, client):
    try_in(client, "my-secret-typed-into-the-wrong-box@example.jp")

    assert "secret" not in str(list(SignInTries.objects.values()))


class TestCodes:
    @pytest.fixture
    def secret(self, member):
        secret = generate_totp_secret()
        TOTP.activate(member, secret)
        return secret

    @pytest.fixture
    def at_step(self, monkeypatch):
        def stand(step: int) -> None:
            monkeypatch.setattr(
                "allauth.mfa.totp.internal.auth.yield_hotp_counters_from_time", lambda: iter([step - 1, step])
            )

        return stand

    def code(self, secret, step):
        return format_hotp_value(hotp_value(secret, step))

    def test_wrong_codes_wait_like_wrong_passwords_and_a_right_password_does_not_forgive_them(
        self, member, secret, client, at_step
    ):
        at_step(10)
        try_in(client, password=factories.PASSWORD)
        for _ in range(5):
            client.post(reverse("mfa_authenticate"), {"code": "000000"})
        client.post(reverse("account_logout"))
        try_in(client, password=factories.PASSWORD)

        refused = client.post(reverse("mfa_authenticate"), {"code": self.code(secret, 10)})

        assert WAIT in refused.content.decode()

    def test_a_code_works_once_even_after_redis_was_lost(self, member, secret, client, at_step):
        at_step(10)
        try_in(client, password=factories.PASSWORD)
        assert is_in(client.post(reverse("mfa_authenticate"), {"code": self.code(secret, 10)}))
        client.logout()
        cache.clear()

        try_in(client, password=factories.PASSWORD)
        again = client.post(reverse("mfa_authenticate"), {"code": self.code(secret, 10)})
        at_step(11)
        fresh = client.post(reverse("mfa_authenticate"), {"code": self.code(secret, 11)})

        assert (again.status_code, fresh.status_code) == (200, 302)

    def test_a_guess_is_counted_even_where_its_page_is_undone(self, member, client):
        client.force_login(member)
        who = tries.of_codes(member)

        tries.count_again([(who, timezone.now(), "127.0.0.1")])

        assert SignInTries.objects.get(who=who.key).failures == 1


class TestAskingForALink:
    def ask(self, client, address):
        return client.post(reverse("account_reset_password"), {"email": address})

    def test_the_request_does_the_same_whether_somebody_has_the_address(
        self, member, client, django_assert_num_queries
    ):
        known = self.ask(client, member.email)
        with django_assert_num_queries(self.queries(client, member.email)):
            unknown = self.ask(client, "nobody@tosu.example.jp")

        assert (known.status_code, known["Location"]) == (unknown.status_code, unknown["Location"])
        assert ResetRequest.objects.count() == 3
        assert not Delivery.unscoped.exists()

    def queries(self, client, address) -> int:
        with CaptureQueriesContext(connection) as seen:
            self.ask(client, address)
        return len(seen)

    def test_the_worker_mails_who_has_the_address_and_nobody_else(self, tosu, member, client):
        for address in ("Taro@tosu.example.jp", "nobody@tosu.example.jp"):
            self.ask(client, address)

        tasks.send_password_links()

        tenancy.set_tenant(tosu.pk)
        assert [sent.to for sent in Delivery.unscoped.all()] == [member.email]
        assert last_event(tosu)[0] == "people.password_link_asked"
        assert not ResetRequest.objects.exists()


def test_old_counts_of_nobody_are_dropped_and_those_of_members_kept(member):
    long_ago = timezone.now() - timedelta(days=31)
    for address in (member.email, "nobody@tosu.example.jp"):
        tries.failed(tries.of_address(address), at=long_ago, ip=None)

    tasks.sweep()

    assert [row.user for row in SignInTries.objects.all()] == [member]
