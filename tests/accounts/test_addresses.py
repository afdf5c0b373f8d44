"""Changing one's own mail address: proved, confirmed from the new mailbox, told to the old one."""

from datetime import timedelta
from functools import partial
from urllib.parse import parse_qs, urlsplit

import pytest
import time_machine
from allauth.account.models import EmailAddress
from django.db import IntegrityError, transaction
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts import tenancy
from accounts.models import Role, Session, User
from accounts.refusals import said_against
from accounts.services import addresses, members
from accounts.services.members import Post
from notifications.models import Delivery
from tests import factories
from tests.accounts.conftest import last_event
from tests.contracts.pages.conftest import give_second_factor
from vault import fields

pytestmark = pytest.mark.django_db
NEW = "atarashii@tosu.example.jp"


@pytest.fixture
def member(tosu):
    return factories.member(tosu, Role.DRAFTER, Role.SIGNATORY, email="mae@tosu.example.jp")


@pytest.fixture
def client(member):
    client = Client()
    client.force_login(member)
    give_second_factor(client, member)
    return client


def token_to(tenant, address: str) -> str:
    tenancy.set_tenant(tenant.pk)
    mail = Delivery.unscoped.get(to=address, template="accounts/address_asked")
    link = fields.unseal(bytes(mail.sealed_link), tenant_id=tenant.pk, context=mail.link_context)
    return parse_qs(urlsplit(link).query)["token"][0]


def asked(client, tosu, new=NEW) -> str:
    assert client.post(reverse("address"), {"email": new}).status_code == 200
    return token_to(tosu, new.lower())


def test_the_link_to_the_new_mailbox_changes_it_and_the_old_one_is_told(tosu, member, client):
    other = Client()
    other.force_login(member)
    EmailAddress.objects.create(user=member, email=member.email, verified=True, primary=True)
    token = asked(client, tosu, "Atarashii@tosu.example.jp")
    before = User.objects.get(pk=member.pk).email

    looked = client.get(reverse("address_confirm"), {"token": token})
    unchanged = User.objects.get(pk=member.pk).email
    client.post(reverse("address_confirm"), {"token": token})

    assert (before, unchanged) == ("mae@tosu.example.jp", "mae@tosu.example.jp")
    assert NEW in looked.content.decode()
    assert User.objects.get(pk=member.pk).email == NEW
    assert not EmailAddress.objects.filter(user=member).exists()
    assert Session.objects.filter(user=member).count() == 1
    tenancy.set_tenant(tosu.pk)
    assert Delivery.unscoped.filter(to="mae@tosu.example.jp", template="accounts/address_changed").count() == 1
    action, _, data = last_event(tosu)
    assert (action, data["before"], data["after"]) == ("people.address_changed", "mae@tosu.example.jp", NEW)


def test_a_link_works_once_and_for_a_day_and_for_nobody_else(tosu, member, client):
    token = asked(client, tosu)
    stranger = Client()
    tenancy.set_tenant(tosu.pk)
    stranger.force_login(factories.member(tosu, Role.DRAFTER))

    stranger.post(reverse("address_confirm"), {"token": token})
    with time_machine.travel(timezone.now() + timedelta(hours=25)):
        late = said_against(partial(addresses.read, token, user=member))
    by_others = User.objects.get(pk=member.pk).email
    client.post(reverse("address_confirm"), {"token": token})
    again = client.post(reverse("address_confirm"), {"token": token})

    assert late == addresses.SPENT
    assert by_others == "mae@tosu.example.jp"
    assert "このリンクは使えません" in again.content.decode()
    assert not User.objects.filter(email=NEW).exclude(pk=member.pk).exists()


@pytest.mark.parametrize(
    ("new", "said"),
    [
        ("mae@tosu.example.jp", "いまのアドレスと同じ"),
        ("MAE@tosu.example.jp", "いまのアドレスと同じ"),
        ("mae@elsewhere.example.com", "登録できません"),
        ("dareka@tosu.example.jp", "すでに一覧にあります"),
    ],
)
def test_an_address_that_cannot_be_ones_own_is_refused(tosu, client, new, said):
    factories.member(tosu, Role.DRAFTER, email="dareka@tosu.example.jp")

    answer = client.post(reverse("address"), {"email": new})

    assert answer.status_code == 422
    assert said in answer.content.decode()


def test_without_a_fresh_proof_the_page_asks_for_it_first(tosu, member):
    passkey, password = Client(), Client()
    passkey.force_login(member)
    plain = factories.member(tosu, Role.DRAFTER)
    password.force_login(plain)

    assert passkey.get(reverse("address"))["Location"].startswith(reverse("mfa_reauthenticate_webauthn"))
    assert passkey.post(reverse("address"), {"email": NEW}).status_code == 302
    assert password.get(reverse("address"))["Location"].startswith(reverse("account_reauthenticate"))
    password.post(reverse("account_reauthenticate"), {"password": factories.PASSWORD})
    assert password.get(reverse("address")).status_code == 200
    tenancy.set_tenant(tosu.pk)
    assert not Delivery.unscoped.filter(to=NEW).exists()


def test_no_page_of_the_library_adds_an_address(client, member):
    answer = client.post("/accounts/email/", {"email": NEW, "action_add": ""})

    assert answer["Location"] == reverse("address")
    assert not EmailAddress.objects.filter(user=member).exists()


def test_an_address_with_capitals_is_kept_in_lower_case_and_signs_in(tosu, administrator):
    factories.member(tosu, Role.DRAFTER, email="hitori@tosu.example.jp")
    asked = {"actor": administrator, "at": timezone.now(), "roles": [Role.DRAFTER], "post": Post(None)}
    user = members.add(**asked, email=" Taro.Yamada@TOSU.example.jp ", name="山田　太郎")
    user.set_password(factories.PASSWORD)
    user.save()

    client = Client()
    client.post(reverse("account_login"), {"login": "TARO.yamada@tosu.example.jp", "password": factories.PASSWORD})

    assert user.email == "taro.yamada@tosu.example.jp"
    assert client.get(reverse("case_list")).status_code == 200


def test_the_database_keeps_no_capitals(member):
    with pytest.raises(IntegrityError), transaction.atomic():
        User.objects.filter(pk=member.pk).update(email="Mae@tosu.example.jp")
