"""A city's staff come in by the city's own provider, and nobody else does: OpenID Connect over real HTTP."""

import json
import time

import jwt
import pytest
from django.urls import reverse

from accounts import tenancy
from accounts.federation import attempts
from accounts.models import FederatedIdentity, Membership, Role
from audit.models import Event
from tests import factories
from tests.accounts.conftest import last_event
from tests.accounts.federation.conftest import (
    WENT_WRONG,
    begun,
    come_back,
    is_in,
    is_out,
    set_out,
    sign_on,
    told,
)
from tests.accounts.federation.provider import CLIENT, SECRET, asked_in, curve_key, other_key, serving

pytestmark = pytest.mark.django_db


def test_a_member_signs_in_with_the_citys_provider_and_is_known_by_its_subject_ever_after(
    tosu, in_use, idp, taro, client
):
    idp.means("taro@tosu.example.jp", subject="0042")
    entered = sign_on(client, idp, tosu)

    assert entered.status_code == 302
    assert entered["Location"] == "/"
    assert is_in(client, taro)
    tenancy.set_tenant(tosu.pk)
    bound = FederatedIdentity.unscoped.get()
    assert (bound.user, bound.subject, bound.issuer) == (taro, "0042", idp.place)
    newest, bound_before = Event.objects.of_tenant(tosu.pk)[:2]
    assert (newest.action, json.loads(newest.data)["authentication"]) == ("people.signed_in", "市の認証基盤")
    assert bound_before.action == "sign_on.bound"

    client.logout()
    idp.means("someone.new@tosu.example.jp", subject="0042")
    sign_on(client, idp, tosu)
    assert is_in(client, taro)


def test_what_is_asked_carries_state_nonce_and_pkce_and_only_the_scopes_that_are_needed(tosu, in_use, idp, client):
    asked = set_out(client, tosu)

    assert asked["response_type"] == "code"
    assert asked["scope"] == "openid email"
    assert asked["code_challenge_method"] == "S256"
    assert asked["redirect_uri"].endswith("/tosu/sign-on/callback/")
    assert min(len(asked[name]) for name in ("state", "nonce", "code_challenge")) >= 43
    assert SECRET not in str(asked)


def test_whoever_wanted_a_page_is_led_there_but_never_out_of_our_site(tosu, in_use, idp, taro, client):
    idp.means("taro@tosu.example.jp")

    assert sign_on(client, idp, tosu, next="/cases/")["Location"] == "/cases/"
    client.logout()
    assert sign_on(client, idp, tosu, next="https://elsewhere.example/")["Location"] == "/"


def _forged(idp):
    """Sign with the published key as if it were a shared secret."""
    idp.algorithm, idp.signing_key = "HS256", b"x" * 64


LIES = {
    "signed by a stranger": lambda idp: setattr(idp, "signing_key", other_key()),
    "not signed": lambda idp: (setattr(idp, "algorithm", "none"), setattr(idp, "signing_key", "")),
    "signed with a shared secret": _forged,
    "signed on a curve the issuer does not publish": lambda idp: (
        idp.header.update(kid="first"),
        setattr(idp, "signing_key", curve_key()),
        setattr(idp, "algorithm", "ES256"),
        idp.__dict__.update(keys=lambda: {"keys": []}),
    ),
    "another key is named": lambda idp: idp.header.update(kid="second"),
    "another kind of token": lambda idp: idp.header.update(typ="at+jwt"),
    "another issuer": lambda idp: idp.claims.update(iss="https://elsewhere.example"),
    "another audience": lambda idp: idp.claims.update(aud="elsewhere"),
    "no audience": lambda idp: idp.claims.update(aud=None),
    "given to somebody else": lambda idp: idp.claims.update(azp="elsewhere"),
    "several audiences and nobody named": lambda idp: idp.claims.update(aud=[CLIENT, "elsewhere"]),
    "expired": lambda idp: idp.claims.update(exp=int(time.time()) - 120, iat=int(time.time()) - 300),
    "never expires": lambda idp: idp.claims.update(exp=None),
    "made long ago": lambda idp: idp.claims.update(iat=int(time.time()) - 3600),
    "not valid yet": lambda idp: idp.claims.update(nbf=int(time.time()) + 600),
    "another nonce": lambda idp: idp.claims.update(nonce="elsewhere"),
    "no nonce": lambda idp: idp.claims.update(nonce=None),
    "no subject": lambda idp: idp.person.update(sub=None),
    "a subject that is no name": lambda idp: idp.person.update(sub="a\0b"),
    "an address that only looks the same": lambda idp: idp.person.update(email="taro@tosu.example.jp\0"),
    "another answer's issuer": lambda idp: idp.back.update(iss="https://elsewhere.example"),
    "the person said no": lambda idp: idp.back.update(error="access_denied"),
    "another state": lambda idp: idp.back.update(state="elsewhere"),
    "no code": lambda idp: idp.back.update(code=""),
    "a made up code": lambda idp: idp.back.update(code="elsewhere"),
    "no token at all": lambda idp: setattr(idp, "token", "x"),
}


@pytest.mark.parametrize("lie", LIES)
def test_a_statement_that_is_not_proved_lets_nobody_in(lie, tosu, in_use, idp, taro, client):
    idp.means("taro@tosu.example.jp")
    asked = set_out(client, tosu)
    LIES[lie](idp)

    refused = come_back(client, idp, asked)

    assert refused["Location"] == reverse("account_login")
    assert is_out(client)
    assert WENT_WRONG in told(client)
    tenancy.set_tenant(tosu.pk)
    assert not FederatedIdentity.unscoped.exists()


@pytest.mark.parametrize("algorithm", ["ES256", "PS256"])
def test_other_sound_signatures_are_as_good(algorithm, tosu, in_use, idp, taro, client):
    idp.algorithm, idp.key = algorithm, curve_key() if algorithm == "ES256" else idp.key
    idp.means("taro@tosu.example.jp")

    sign_on(client, idp, tosu)

    assert is_in(client, taro)


def test_nobody_comes_back_twice_or_in_another_browser_or_too_late(tosu, in_use, idp, taro, client, monkeypatch):
    idp.means("taro@tosu.example.jp")
    asked = set_out(client, tosu)
    stranger = type(client)()
    come_back(stranger, idp, asked)
    assert is_out(stranger)

    come_back(client, idp, asked)
    assert is_in(client, taro)
    client.logout()
    come_back(client, idp, asked)
    assert is_out(client)

    asked = set_out(client, tosu)
    monkeypatch.setattr(attempts, "LIFE_SECONDS", 0)
    come_back(client, idp, asked)
    assert is_out(client)


def test_a_token_made_for_another_attempt_is_of_no_use(tosu, in_use, idp, taro, client):
    idp.means("taro@tosu.example.jp")
    idp.token = idp.signed({"nonce": "of-another-attempt"})

    sign_on(client, idp, tosu)

    assert is_out(client)
    assert jwt.decode(idp.token, options={"verify_signature": False})["sub"] == "id-of-taro@tosu.example.jp"


UNKNOWN = {
    "nobody of the city": {"email": "nobody@tosu.example.jp"},
    "another domain": {"email": "taro@elsewhere.example"},
    "an address below the domain": {"email": "taro@sub.tosu.example.jp"},
    "an address that is not verified": {"email_verified": False},
    "verified in words only": {"email_verified": "true"},
    "no address": {"email": None},
}


@pytest.mark.parametrize("who", UNKNOWN)
def test_whom_the_provider_names_without_a_member_to_match_does_not_get_in(who, tosu, in_use, idp, taro, client):
    idp.means("taro@tosu.example.jp", **UNKNOWN[who])

    sign_on(client, idp, tosu)

    assert is_out(client)
    assert WENT_WRONG in told(client)
    tenancy.set_tenant(tosu.pk)
    action, _thread, data = last_event(tosu)
    assert action == "sign_on.refused"
    assert data["why"].endswith("。")


def test_someone_disabled_does_not_get_in_however_well_known(tosu, in_use, idp, taro, client):
    idp.means("taro@tosu.example.jp")
    sign_on(client, idp, tosu)
    client.logout()
    taro.is_active = False
    taro.save()

    sign_on(client, idp, tosu)

    assert is_out(client)


def test_an_address_that_was_given_to_somebody_else_does_not_lead_to_the_one_who_had_it(
    tosu, in_use, idp, taro, client
):
    idp.means("taro@tosu.example.jp", subject="0001")
    sign_on(client, idp, tosu)
    client.logout()

    idp.means("taro@tosu.example.jp", subject="0002")
    sign_on(client, idp, tosu)

    assert is_out(client)


@pytest.fixture
def usuki(tosu):
    city = factories.city("usuki")
    tenancy.set_tenant(tosu.pk)
    return city


def test_the_provider_of_one_city_lets_nobody_into_another(tosu, usuki, in_use, idp, client):
    tenancy.set_tenant(usuki.pk)
    jiro = factories.member(usuki, Role.ADMINISTRATOR, email="jiro@usuki.example.jp")
    # 同じドメインを、どちらの市も認めていても
    shared = factories.member(usuki, Role.DRAFTER, email="saburo@tosu.example.jp")

    for address in (jiro.email, shared.email):
        idp.means(address)
        sign_on(client, idp, tosu)
        assert is_out(client)


def test_one_citys_provider_says_nothing_at_the_door_of_another(tosu, usuki, in_use, idp, taro, client):
    tenancy.set_tenant(usuki.pk)
    factories.member(usuki, Role.DRAFTER, email="jiro@usuki.example.jp")
    other = factories.member(usuki, Role.ADMINISTRATOR, email="keeper@usuki.example.jp")
    with serving() as theirs:
        begun(usuki, other, theirs.place)
        asked = set_out(client, tosu)
        theirs.means("taro@tosu.example.jp")
        # 鳥栖市に向けた state と戻り先を持って、臼杵市の認証基盤から戻る
        come_back(client, theirs, asked)
        assert is_out(client)

        asked = set_out(client, tosu)
        idp.means("taro@tosu.example.jp")
        back = idp.authorize(asked).partition("?")[2]
        client.get(f"{reverse('city_callback', args=['usuki'])}?{back}")
        assert is_out(client)


def test_a_person_of_two_organizations_is_nobody_that_one_citys_provider_may_name(tosu, usuki, in_use, idp, client):
    tenancy.set_tenant(usuki.pk)
    both = factories.member(usuki, Role.DRAFTER, email="both@tosu.example.jp")
    tenancy.set_tenant(tosu.pk)
    Membership.unscoped.create(tenant=tosu, user=both, role=Role.AUDITOR)
    idp.means("both@tosu.example.jp")

    sign_on(client, idp, tosu)

    assert is_out(client)
    tenancy.set_tenant(tosu.pk)
    assert last_event(tosu)[2]["why"] == "この自治体だけの職員ではありません。"


def test_who_was_signed_in_as_somebody_else_is_no_longer(tosu, in_use, idp, taro, keeper, client):
    client.force_login(keeper)
    idp.means("taro@tosu.example.jp")

    sign_on(client, idp, tosu)

    assert is_in(client, taro)


def test_a_network_that_fails_too_often_is_turned_away(tosu, in_use, idp, taro, client, settings):
    settings.SIGN_IN_LIMITS = settings.SIGN_IN_LIMITS | {"network": (2, 300, None)}
    idp.means("taro@tosu.example.jp")
    idp.claims["nonce"] = "elsewhere"
    for _ in range(2):
        sign_on(client, idp, tosu)

    idp.claims.clear()
    sign_on(client, idp, tosu)

    assert is_out(client)


def test_an_address_leads_to_the_city_of_its_domain_whether_anybody_has_it_or_not(tosu, in_use, client):
    answers = [
        client.post(reverse("sign_on"), {"email": address, "next": "/cases/"})
        for address in ("hanako@tosu.example.jp", "nobody@TOSU.example.jp")
    ]

    assert {answer["Location"] for answer in answers} == {"/tosu/sign-on/?next=%2Fcases%2F"}
    elsewhere = client.post(reverse("sign_on"), {"email": "taro@elsewhere.example"})
    assert "認証基盤からのサインインを使っていません" in elsewhere.content.decode()


def test_a_domain_that_two_cities_use_offers_both(tosu, usuki, in_use, idp, client):
    tenancy.set_tenant(usuki.pk)
    other = factories.member(usuki, Role.ADMINISTRATOR, email="keeper@tosu.example.jp")
    begun(usuki, other, idp.place, domains=["tosu.example.jp"])

    page = client.post(reverse("sign_on"), {"email": "x@tosu.example.jp"}).content.decode()

    assert reverse("city_sign_on", args=["tosu"]) in page
    assert reverse("city_sign_on", args=["usuki"]) in page


def test_the_page_of_the_city_lets_its_button_lead_to_the_provider_and_nowhere_else(tosu, in_use, idp, client):
    page = client.get(reverse("city_sign_on", args=["tosu"]))

    policy = dict(part.strip().split(" ", 1) for part in page["Content-Security-Policy"].split(";") if " " in part)
    assert policy["form-action"] == f"'self' {idp.place}"
    assert asked_in(client.post(reverse("city_sign_on", args=["tosu"]))["Location"])["client_id"] == CLIENT


def test_a_city_without_a_provider_has_no_such_page(tosu, client):
    assert client.get(reverse("city_sign_on", args=["tosu"])).status_code == 404


def test_nothing_secret_stands_in_the_journal(tosu, in_use, idp, taro, client):
    idp.means("taro@tosu.example.jp")
    sign_on(client, idp, tosu)

    tenancy.set_tenant(tosu.pk)
    assert SECRET not in "".join(Event.objects.of_tenant(tosu.pk).values_list("data", flat=True))
