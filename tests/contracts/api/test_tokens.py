"""Tokens: made by administrators, shown once, narrow, ending, and worth nothing elsewhere."""

import re
from datetime import timedelta

import pytest
import time_machine
from django.core.exceptions import PermissionDenied
from django.test import Client
from django.utils import timezone

from accounts import tenancy
from accounts.models import Membership, Role, User
from audit.models import Event
from contracts.models import ApiToken, Scope
from contracts.services.integrating import tokens
from tests import factories
from tests.contracts.api.conftest import connect, said

pytestmark = pytest.mark.django_db


def test_a_token_tells_its_city_and_its_scopes(tosu):
    system = connect(tosu.tenant, "cases:read")

    told = said(system.get("/whoami"))

    assert (told["name"], told["city"], told["scopes"]) == ("財務会計", tosu.tenant.name, ["cases:read"])


def test_the_secret_is_stored_nowhere(tosu):
    system = connect(tosu.tenant)

    kept = ApiToken.unscoped.filter(pk=system.token.pk).values().get()
    journal = "".join(Event.objects.of_tenant(tosu.tenant.pk).values_list("data", flat=True))

    assert len(system.secret) > 45
    assert system.secret not in repr(kept) + journal


WRONG = {
    "nothing": {"HTTP_AUTHORIZATION": ""},
    "another scheme": {"HTTP_AUTHORIZATION": "Basic YWJj"},
    "an invented token": {"HTTP_AUTHORIZATION": "Bearer musubi_" + "A" * 43},
    "no token": {"HTTP_AUTHORIZATION": "Bearer "},
    "something endless": {"HTTP_AUTHORIZATION": "Bearer " + "A" * 10_000},
}


@pytest.mark.parametrize("headers", WRONG.values(), ids=list(WRONG))
def test_without_a_token_nothing_opens(headers, system):
    response = system.get("/cases", **headers)

    assert response.status_code == 401
    assert response["Content-Type"] == "application/problem+json"
    assert response["WWW-Authenticate"] == "Bearer"
    assert said(response)["type"] == "/api/#unauthorized"


def test_a_token_that_came_in_the_clear_is_refused_and_not_sent_on(system, settings):
    settings.SECURE_SSL_REDIRECT = True

    response = system.get("/whoami")

    assert (response.status_code, "作り直し" in said(response)["detail"]) == (403, True)
    assert system.get("/whoami", secure=True).status_code == 200
    assert Client().get("/api/").status_code == 301


def test_someone_signed_in_has_no_token_by_that(tosu):
    client = Client()
    client.force_login(factories.member(tosu.tenant, Role.ADMINISTRATOR))

    assert client.get("/api/v1/cases").status_code == 401


def test_a_revoked_token_opens_nothing(tosu, system):
    tenancy.set_tenant(tosu.tenant.pk)
    tokens.revoke(system.token, actor=factories.staff(tosu.tenant, Role.ADMINISTRATOR), at=timezone.now())

    assert system.get("/whoami").status_code == 401


def test_a_token_ends_on_its_day(tosu, system):
    with time_machine.travel(system.token.expires_at - timedelta(seconds=1), tick=False):
        assert system.get("/whoami").status_code == 200
    with time_machine.travel(system.token.expires_at, tick=False):
        assert system.get("/whoami").status_code == 401


def test_a_token_ends_with_the_last_role_of_who_answers_for_it(tosu):
    owner = factories.member(tosu.tenant, Role.DRAFTER)
    system = connect(tosu.tenant, owner=owner)

    tenancy.set_tenant(tosu.tenant.pk)
    Membership.unscoped.filter(user=owner).update(ends_date=timezone.localdate() - timedelta(days=1))

    assert system.get("/whoami").status_code == 401


def test_a_token_ends_with_the_account_of_who_answers_for_it(tosu):
    owner = factories.member(tosu.tenant, Role.DRAFTER)
    system = connect(tosu.tenant, owner=owner)

    User.objects.filter(pk=owner.pk).update(is_active=False)

    assert system.get("/whoami").status_code == 401


@pytest.mark.parametrize(
    ("networks", "address", "status"),
    [
        (["192.0.2.0/24"], "192.0.2.77", 200),
        (["192.0.2.0/24"], "198.51.100.1", 401),
        (["192.0.2.7", "2001:db8::/32"], "2001:db8::1", 200),
        (["192.0.2.0/24"], "::ffff:192.0.2.77", 200),
        ([], "198.51.100.1", 200),
    ],
)
def test_a_token_is_bound_to_its_networks(networks, address, status, tosu):
    system = connect(tosu.tenant, networks=networks)

    assert system.get("/whoami", REMOTE_ADDR=address).status_code == status


NEEDED = {
    "/cases": "cases:read",
    "/cases/1": "cases:read",
    "/cases/1/consents": "cases:read",
    "/contracts": "contracts:read",
    "/contracts/1": "contracts:read",
    "/cases/1/contracts": "contracts:read",
    "/documents/1": "documents:read",
    "/documents/1/file": "documents:read",
    "/contractors": "register:read",
    "/contractors/1": "register:read",
    "/guarantees": "guarantees:read",
    "/guarantees/1": "guarantees:read",
    "/events": "events:read",
}


@pytest.mark.parametrize(("path", "scope"), NEEDED.items(), ids=list(NEEDED))
def test_every_other_scope_is_refused(path, scope, tosu):
    system = connect(tosu.tenant, *(each.value for each in Scope if each.value != scope))

    response = system.get(path)

    assert response.status_code == 403
    assert scope in said(response)["detail"]


def test_a_token_asks_only_so_often(tosu, system, settings):
    settings.LIMITS = settings.LIMITS | {"api": 2}

    with time_machine.travel("2026-04-01T00:59:00Z", tick=False):
        ApiToken.unscoped.filter(pk=system.token.pk)
        tenancy.set_tenant(tosu.tenant.pk)
        ApiToken.unscoped.filter(pk=system.token.pk).update(
            made_at=timezone.now(), expires_at=timezone.now() + timedelta(days=9)
        )
        answers = [system.get("/whoami") for _ in range(3)]

    assert [each.status_code for each in answers] == [200, 200, 429]
    assert answers[-1]["Retry-After"] == "60"


def test_the_use_of_a_token_is_noted(tosu, system):
    system.get("/whoami", REMOTE_ADDR="192.0.2.9")

    tenancy.set_tenant(tosu.tenant.pk)
    kept = ApiToken.unscoped.get(pk=system.token.pk)

    assert kept.last_used_at is not None
    assert kept.last_used_ip == "192.0.2.9"


def test_only_administrators_make_tokens(tosu):
    with pytest.raises(PermissionDenied):
        tokens.make(
            actor=tosu.drafter,
            at=timezone.now(),
            name="x",
            owner=User.objects.get(pk=tosu.drafter.user_id),
            scopes=["cases:read"],
            expires_at=timezone.now() + timedelta(days=1),
        )


def test_a_token_never_approves_signs_or_administers(tosu):
    owner = factories.member(tosu.tenant, *(role for role in Role))
    system = connect(tosu.tenant, owner=owner)

    actor = tokens.acting(system.token, ip=None, user_agent="", at=timezone.now())

    assert not actor.has(Role.APPROVER, Role.SIGNATORY, Role.ADMINISTRATOR)


@pytest.mark.parametrize(
    "wrong",
    [
        {"scopes": []},
        {"scopes": ["everything"]},
        {"expires_at": timezone.now() + timedelta(days=400)},
        {"expires_at": timezone.now() - timedelta(days=1)},
        {"networks": ["どこか"]},
    ],
    ids=["no scope", "an unknown scope", "too long", "over", "no network"],
)
def test_a_token_is_refused(wrong, tosu):
    with pytest.raises(tokens.TokenRefused):
        connect(tosu.tenant, **wrong)


def test_nobody_outside_of_the_city_answers_for_a_token(tosu):
    usuki = factories.city("usuki")
    stranger = factories.member(usuki, Role.DRAFTER)

    with pytest.raises(tokens.TokenRefused):
        connect(tosu.tenant, owner=stranger)


def typed(owner: User, **changes: object) -> dict[str, object]:
    day = timezone.localdate() + timedelta(days=30)
    return {
        "name": "文書管理",
        "owner": owner.pk,
        "scopes": ["documents:read"],
        "last_date": day.isoformat(),
        "networks": "192.0.2.0/24\n",
    } | changes


def test_an_administrator_makes_a_token_sees_it_once_and_takes_it_back(tosu):
    client = Client()
    client.force_login(factories.member(tosu.tenant, Role.ADMINISTRATOR))
    owner = User.objects.get(pk=tosu.drafter.user_id)

    page = client.post("/settings/tokens/", typed(owner)).content.decode()

    secret = re.search(r"musubi_[A-Za-z0-9_-]{43}", page)[0]
    again = client.get("/settings/tokens/").content.decode()
    assert secret not in again
    assert "文書管理" in again
    tenancy.set_tenant(tosu.tenant.pk)
    made = ApiToken.unscoped.get(name="文書管理")
    assert made.networks == ["192.0.2.0/24"]
    client.post(f"/settings/tokens/{made.pk}/revoke/")
    made.refresh_from_db()
    assert made.revoked_at is not None
    labels = [event.label for event in Event.objects.of_tenant(tosu.tenant.pk).filter(action__startswith="token.")]
    assert labels == ["連携のトークンを取消し", "連携のトークンを作成"]


def test_a_wrong_day_or_network_is_said_at_its_field(tosu):
    client = Client()
    client.force_login(factories.member(tosu.tenant, Role.ADMINISTRATOR))
    owner = User.objects.get(pk=tosu.drafter.user_id)

    response = client.post("/settings/tokens/", typed(owner, last_date="2099-01-01", networks="ここ"))

    assert response.status_code == 422
    assert "一年のうちの日" in response.content.decode()
    assert "接続元「ここ」は読めません" in response.content.decode()
    assert not ApiToken.unscoped.filter(name="文書管理").exists()


def test_the_same_form_makes_one_token_however_often_it_arrives(tosu):
    client = Client()
    client.force_login(factories.member(tosu.tenant, Role.ADMINISTRATOR))
    owner = factories.member(tosu.tenant, Role.DRAFTER)
    page = client.get("/settings/tokens/").content.decode()
    key = re.search(r'name="key" value="([0-9a-f-]{36})"', page)[1]
    day = timezone.localdate() + timedelta(days=30)
    typed = {"name": "財務会計", "owner": owner.pk, "scopes": ["cases:read"], "last_date": day.isoformat(), "key": key}

    first = client.post("/settings/tokens/", typed)
    again = client.post("/settings/tokens/", typed, follow=True)

    assert "musubi_" in first.content.decode()
    assert again.redirect_chain == [("/settings/tokens/", 302)]
    assert "すでに作りました" in again.content.decode()
    tenancy.set_tenant(tosu.tenant.pk)
    assert ApiToken.unscoped.filter(tenant=tosu.tenant).count() == 1
