"""An administrator prepares, tries, begins and requires the city's provider; nobody is left outside by it."""

import pytest
from django.test import Client
from django.urls import reverse

from accounts import tenancy
from accounts.models import FederatedIdentity, IdentityProvider, Role
from tests import factories
from tests.accounts.conftest import last_event
from tests.accounts.federation.conftest import begun, come_back, is_in, is_out, prepared, sign_on, told
from tests.accounts.federation.provider import CLIENT, SECRET, asked_in

pytestmark = pytest.mark.django_db
SETTINGS, OIDC = "sign_on_settings", "sign_on_oidc"
INSTEAD = "所属の認証基盤でサインイン」からお入りください"


@pytest.fixture
def desk(keeper) -> Client:
    browser = Client()
    browser.force_login(keeper)
    return browser


def typed(idp, **values):
    told = {"issuer": idp.place, "client_id": CLIENT, "secret": SECRET, "domains": "tosu.example.jp"}
    return told | {"address_claim": "email"} | values


def press(desk, name, **posted):
    return desk.post(reverse(name), posted, follow=True).content.decode()


def test_a_provider_is_prepared_tried_and_used(tosu, idp, keeper, taro, desk, client):
    desk.post(reverse(OIDC), typed(idp))
    page = desk.get(reverse(SETTINGS))
    assert "まだ試していません" in page.content.decode()
    assert f"form-action 'self' {idp.place}" in page["Content-Security-Policy"]
    assert client.get(reverse("city_sign_on", args=["tosu"])).status_code == 404

    idp.means("hanako@tosu.example.jp")
    leaving = desk.post(reverse("sign_on_try"))
    returned = come_back(desk, idp, asked_in(leaving["Location"]))
    assert returned["Location"] == reverse(SETTINGS)
    assert "運用　花子（hanako@tosu.example.jp）として戻って来ました" in desk.get(reverse(SETTINGS)).content.decode()
    tenancy.set_tenant(tosu.pk)
    assert not FederatedIdentity.unscoped.exists()

    assert "始めました" in press(desk, "sign_on_begin")
    idp.means("taro@tosu.example.jp")
    sign_on(client, idp, tosu)
    assert is_in(client, taro)


def test_what_was_not_tried_is_not_used(tosu, idp, keeper, desk):
    prepared(tosu, keeper, idp.place)

    refused = desk.post(reverse("sign_on_begin"))

    assert refused.status_code == 409
    assert "まだ試していません" in refused.content.decode()


def test_a_change_has_to_be_tried_anew(tosu, idp, keeper, desk):
    prepared(tosu, keeper, idp.place)
    IdentityProvider.unscoped.update(tried_at="2026-01-01T00:00:00Z")

    desk.post(reverse(OIDC), typed(idp, secret=""))

    tenancy.set_tenant(tosu.pk)
    assert IdentityProvider.unscoped.get().tried_at is None


def test_a_trial_says_what_is_wrong_and_signs_nobody_in(tosu, idp, keeper, taro, desk):
    prepared(tosu, keeper, idp.place)
    idp.means("taro@tosu.example.jp")
    idp.claims["aud"] = "elsewhere"
    come_back(desk, idp, asked_in(desk.post(reverse("sign_on_try"))["Location"]))
    assert "ID トークンを確かめられません（InvalidAudienceError）" in desk.get(reverse(SETTINGS)).content.decode()

    idp.claims.clear()
    idp.means("nobody@tosu.example.jp")
    come_back(desk, idp, asked_in(desk.post(reverse("sign_on_try"))["Location"]))
    assert "このアドレスの職員は、この自治体に登録されていません" in desk.get(reverse(SETTINGS)).content.decode()
    assert is_in(desk, keeper)
    tenancy.set_tenant(tosu.pk)
    assert IdentityProvider.unscoped.get().tried_at is None


def test_a_trial_is_of_no_use_in_somebody_elses_browser(tosu, idp, keeper, taro, desk):
    prepared(tosu, keeper, idp.place)
    idp.means("hanako@tosu.example.jp")
    asked = asked_in(desk.post(reverse("sign_on_try"))["Location"])
    other = Client()
    other.force_login(taro)

    come_back(other, idp, asked)

    tenancy.set_tenant(tosu.pk)
    assert IdentityProvider.unscoped.get().tried_at is None


WRONG = {
    "another issuer than it says": ({"issuer": "https://elsewhere.example"}, {}, "一字一句同じではありません"),
    "an endpoint that is not secure": ({"token_endpoint": "http://idp.example/token"}, {}, "https の URL"),
    "no endpoint": ({"jwks_uri": None}, {}, "https の URL"),
    "no PKCE": ({"code_challenge_methods_supported": ["plain"]}, {}, "PKCE"),
    "nobody there": ({}, {"issuer": "http://127.0.0.1:1"}, "尋ねられません"),
    "a place inside": ({}, {"issuer": "https://169.254.169.254/"}, "許されていない番地"),
    "not secure": ({}, {"issuer": "http://idp.example/"}, "https の URL"),
    "a domain nobody has": ({}, {"domains": "usuki.example.jp"}, "職員は、この自治体にいません"),
    "no domain": ({}, {"domains": "あいうえお"}, "ドメインとして読めません"),
    "no secret": ({}, {"secret": ""}, "クライアントシークレットを入力"),
}


@pytest.mark.parametrize("what", WRONG)
def test_a_provider_that_cannot_be_used_is_not_kept(what, tosu, idp, keeper, desk):
    published, values, words = WRONG[what]
    idp.published |= published

    refused = desk.post(reverse(OIDC), typed(idp, **values))

    assert refused.status_code == 422
    assert words in refused.content.decode()
    tenancy.set_tenant(tosu.pk)
    assert not IdentityProvider.unscoped.exists()


def test_the_secret_is_sealed_and_never_shown_again_but_kept_when_left_empty(
    tosu, in_use, idp, keeper, taro, desk, client
):
    assert SECRET.encode() not in bytes(in_use.sealed_secret)
    page = desk.get(reverse(OIDC)).content.decode()
    assert SECRET not in page
    assert idp.place in page

    desk.post(reverse(OIDC), typed(idp, secret=""))
    idp.means("hanako@tosu.example.jp")
    come_back(desk, idp, asked_in(desk.post(reverse("sign_on_try"))["Location"]))
    press(desk, "sign_on_begin")

    idp.means("taro@tosu.example.jp")
    sign_on(client, idp, tosu)
    assert is_in(client, taro)
    tenancy.set_tenant(tosu.pk)
    assert sorted(IdentityProvider.unscoped.values_list("stage", flat=True)) == ["active", "retired"]
    assert IdentityProvider.unscoped.get(stage="retired").sealed_secret is None


def test_only_administrators_settle_it(tosu, in_use, taro, client):
    client.force_login(taro)

    assert client.get(reverse(SETTINGS)).status_code == 403
    assert client.post(reverse("sign_on_stop")).status_code == 403


def test_the_neighbour_sees_and_changes_nothing_of_it(tosu, in_use, idp, taro, client):
    idp.means("taro@tosu.example.jp")
    sign_on(client, idp, tosu)
    tenancy.set_tenant(tosu.pk)
    bound = FederatedIdentity.unscoped.get()
    usuki = factories.city("usuki")
    stranger = Client()
    stranger.force_login(factories.member(usuki, Role.ADMINISTRATOR))

    assert idp.place not in stranger.get(reverse(SETTINGS)).content.decode()
    assert stranger.post(reverse("sign_on_stop")).status_code == 404
    assert stranger.post(reverse("sign_on_unbind", args=[bound.pk])).status_code == 404


def test_a_binding_that_was_undone_is_made_anew_by_the_address(tosu, in_use, idp, taro, desk, client):
    idp.means("taro@tosu.example.jp", subject="0001")
    sign_on(client, idp, tosu)
    client.logout()
    tenancy.set_tenant(tosu.pk)
    desk.post(reverse("sign_on_unbind", args=[FederatedIdentity.unscoped.get().pk]))
    tenancy.set_tenant(tosu.pk)
    assert last_event(tosu)[0] == "sign_on.unbound"

    idp.means("taro@tosu.example.jp", subject="0002")
    sign_on(client, idp, tosu)

    assert is_in(client, taro)


def test_what_is_stopped_lets_nobody_in_any_more_not_even_those_who_are_on_their_way(
    tosu, in_use, idp, taro, desk, client
):
    idp.means("taro@tosu.example.jp")
    asked = asked_in(client.post(reverse("city_sign_on", args=["tosu"]))["Location"])
    press(desk, "sign_on_stop")

    come_back(client, idp, asked)

    assert is_out(client)


def required(desk, keeper):
    return desk.post(reverse("sign_on_require"), {"is_required": "on", "keyholder": keeper.pk})


def try_in(browser, address, password=factories.PASSWORD):
    return browser.post(reverse("account_login"), {"login": address, "password": password})


def test_where_it_is_required_right_and_wrong_passwords_are_answered_alike(tosu, in_use, keeper, taro, desk, client):
    assert required(desk, keeper).status_code == 302

    answers = [
        try_in(client, *tried).content.decode()
        for tried in ((taro.email,), (taro.email, "ちがう合言葉-2026"), ("nobody@tosu.example.jp", "ちがう合言葉-2026"))
    ]

    assert is_out(client)
    for answer in answers:
        assert INSTEAD in answer
        assert "正しくありません" not in answer


def test_where_it_is_required_one_administrator_still_gets_in_with_the_password(tosu, in_use, keeper, desk, client):
    required(desk, keeper)

    passed = try_in(client, keeper.email)

    assert passed["Location"].startswith(reverse("mfa_authenticate"))


def test_where_it_is_required_the_provider_lets_people_in_as_before(tosu, in_use, idp, keeper, taro, desk, client):
    required(desk, keeper)
    idp.means("taro@tosu.example.jp")

    sign_on(client, idp, tosu)

    assert is_in(client, taro)


def test_a_requirement_holds_for_no_other_city(tosu, in_use, keeper, desk, client):
    usuki = factories.city("usuki")
    jiro = factories.member(usuki, Role.DRAFTER, email="jiro@usuki.example.jp")
    same_domain = factories.member(usuki, Role.DRAFTER, email="saburo@tosu.example.jp")
    required(desk, keeper)

    for user in (jiro, same_domain):
        try_in(client, user.email)
        assert is_in(client, user)
        client.logout()


def test_without_the_requirement_passwords_count_as_before(tosu, in_use, taro, client):
    try_in(client, taro.email)

    assert is_in(client, taro)


def test_it_cannot_be_required_without_somebody_who_gets_in_otherwise(tosu, in_use, keeper, taro, desk):
    nobody = desk.post(reverse("sign_on_require"), {"is_required": "on"})
    no_keeper = desk.post(reverse("sign_on_require"), {"is_required": "on", "keyholder": taro.pk})
    newcomer = factories.member(tosu, Role.ADMINISTRATOR)
    newcomer.set_unusable_password()
    newcomer.save()
    no_password = required(desk, newcomer)

    assert [answer.status_code for answer in (nobody, no_keeper, no_password)] == [422, 422, 422]
    tenancy.set_tenant(tosu.pk)
    assert not IdentityProvider.unscoped.get().is_required


def test_it_cannot_be_required_while_it_would_leave_somebody_outside(tosu, in_use, keeper, desk):
    factories.member(tosu, Role.DRAFTER, email="kigyo@suido-tosu.example.jp")

    refused = required(desk, keeper)

    assert refused.status_code == 422
    assert "kigyo@suido-tosu.example.jp" in refused.content.decode()


def test_a_replacement_keeps_the_requirement_and_the_way_in(tosu, in_use, idp, keeper, desk):
    required(desk, keeper)

    begun(tosu, keeper, idp.place)

    tenancy.set_tenant(tosu.pk)
    row = IdentityProvider.unscoped.get(stage="active")
    assert (row.is_required, row.keyholder) == (True, keeper)


def test_the_sign_in_page_leads_to_single_sign_on_with_where_people_wanted_to_go(client):
    page = client.get(reverse("account_login"), {"next": "/cases/"}).content.decode()

    assert f'{reverse("sign_on")}?next=/cases/"' in page or f'{reverse("sign_on")}?next=%2Fcases%2F"' in page
    assert "所属の認証基盤でサインイン" in told(client)
