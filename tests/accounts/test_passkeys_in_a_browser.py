"""Passkeys in a real Chromium with a virtual authenticator: set up, sign in, second step, and proof before signing."""

import pytest
from allauth.mfa.models import Authenticator
from django.test import Client
from django.urls import reverse

from accounts.models import Role
from tests import factories
from tests.contracts.browsing import answering, is_for_all_eyes
from tests.contracts.browsing import chromium as chromium
from tests.journeys.people import press

pytestmark = [pytest.mark.browser, pytest.mark.django_db, pytest.mark.xdist_group("sittings")]
# パスキーは、https のほかは localhost でだけ使える
SITE = "http://localhost"
DEVICE = {
    "protocol": "ctap2",
    "transport": "internal",
    "hasResidentKey": True,
    "hasUserVerification": True,
    "isUserVerified": True,
    "automaticPresenceSimulation": True,
}


@pytest.fixture
def user(tosu):
    user = factories.member(tosu, Role.ADMINISTRATOR, name="管理　六実")
    Authenticator.objects.filter(user=user).delete()
    return user


@pytest.fixture
def page(chromium):
    context = chromium.new_context(locale="ja-JP")
    page = context.new_page()
    page.complaints = []
    page.route("**/*", lambda route: page.answer(route))
    page.on("console", lambda said: page.complaints.append(said.text) if said.type == "error" else None)
    page.on("pageerror", lambda error: page.complaints.append(str(error)))
    yield page
    context.close()


def device(page) -> tuple:
    """Put an authenticator with a finger on it into the browser."""
    session = page.context.new_cdp_session(page)
    session.send("WebAuthn.enable")
    made = session.send("WebAuthn.addVirtualAuthenticator", {"options": DEVICE})
    return session, made["authenticatorId"]


def as_client(page, client: Client) -> Client:
    """Have the browser forget who it was, and be someone new."""
    page.goto("about:blank")
    page.answer = answering(client)
    return client


def sign_in(page, user) -> None:
    page.goto(SITE + reverse("account_login"))
    page.locator("[name=login]").fill(user.email)
    page.locator("[name=password]").fill(factories.PASSWORD)
    press(page, "サインイン")


def set_up(page, user) -> None:
    sign_in(page, user)
    page.get_by_role("heading", name="二要素認証の設定", exact=True).wait_for()
    is_for_all_eyes(page)
    page.get_by_role("link", name="パスキーを登録する").click()
    page.locator("[name=password]").fill(factories.PASSWORD)
    press(page, "確かめる")
    page.get_by_role("heading", name="パスキーの登録", exact=True).wait_for()
    is_for_all_eyes(page)
    page.locator("[name=name]").fill("職場のパソコン")
    press(page, "パスキーを登録する")
    page.get_by_role("heading", name="回復コード", exact=True).wait_for()


def test_a_passkey_is_set_up_and_then_signs_in_alone_and_after_the_password(page, user):
    as_client(page, Client())
    device(page)
    set_up(page, user)
    page.goto(SITE + reverse("mfa_index"))
    is_for_all_eyes(page)
    page.goto(SITE + reverse("mfa_list_webauthn"))
    page.get_by_text("職場のパソコン").wait_for()
    is_for_all_eyes(page)

    alone = as_client(page, Client())
    page.goto(SITE + reverse("account_login"))
    is_for_all_eyes(page)
    press(page, "パスキーでサインイン")
    page.get_by_text("管理　六実").first.wait_for()

    second = as_client(page, Client())
    sign_in(page, user)
    page.get_by_role("heading", name="確認コードの入力").wait_for()
    is_for_all_eyes(page)
    press(page, "パスキーを使う")
    page.get_by_text("管理　六実").first.wait_for()

    page.goto(SITE + reverse("mfa_reauthenticate_webauthn") + "?next=/people/")
    is_for_all_eyes(page)
    press(page, "パスキーで確かめる")
    page.get_by_role("heading", name="職員").first.wait_for()

    for client in (alone, second):
        assert client.get(reverse("people")).status_code == 200
    assert page.complaints == []


def test_a_ceremony_that_fails_says_so_and_leaves_the_other_ways(page, user):
    as_client(page, Client())
    session, authenticator = device(page)
    set_up(page, user)
    session.send("WebAuthn.setUserVerified", {"authenticatorId": authenticator, "isUserVerified": False})
    out = as_client(page, Client())

    page.goto(SITE + reverse("account_login"))
    press(page, "パスキーでサインイン")

    page.get_by_text("パスキーを使えませんでした").wait_for(state="visible")
    is_for_all_eyes(page)
    assert page.locator("[name=login]").is_visible()
    assert out.get(reverse("home")).status_code == 302
