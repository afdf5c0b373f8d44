"""Who must have a second factor, the one page that opens without it, and passkeys as a way in and as proof."""

import json

import pytest
from allauth.mfa.models import Authenticator
from django.test import Client
from django.urls import reverse

from accounts import second_factor, tenancy
from accounts.models import Role
from tests import factories, passkeys
from tests.accounts.conftest import last_event
from tests.passkeys import Passkey

pytestmark = pytest.mark.django_db
DUE = "/accounts/second-factor/"


@pytest.fixture
def member(tosu):
    return factories.member(tosu, Role.DRAFTER)


def without_factor(tenant, *roles):
    user = factories.member(tenant, *roles)
    Authenticator.objects.filter(user=user).delete()
    return user


def with_password(user) -> Client:
    client = Client()
    client.answer = client.post(reverse("account_login"), {"login": user.email, "password": factories.PASSWORD})
    return client


def challenge_of(page) -> str:
    return dict(page.context["js_data"])["request_options"]["publicKey"]["challenge"]


def log_in_with(passkey: Passkey, user, *, client: Client | None = None):
    client = client or Client()
    asked = client.get(reverse("mfa_login_webauthn"), headers={"accept": "application/json"}).json()
    challenge = asked["request_options"]["publicKey"]["challenge"]
    answer = passkey.proves(challenge, user=user)
    return client, client.post(reverse("mfa_login_webauthn"), {"credential": json.dumps(answer)})


@pytest.mark.parametrize("role", [Role.SIGNATORY, Role.ADMINISTRATOR])
def test_who_signs_or_administers_reaches_nothing_without_a_second_factor(tosu, role):
    case = factories.case(tosu)
    client = with_password(without_factor(tosu, role, Role.DRAFTER))

    for address in (reverse("home"), reverse("case", args=[case.pk]), reverse("people"), reverse("archive")):
        assert client.get(address)["Location"] == DUE
    page = client.get(DUE)
    assert page.status_code == 200
    assert case.title not in page.content.decode()
    assert reverse("case_list") not in page.content.decode()
    assert client.post(reverse("case_new"), {})["Location"] == DUE
    assert client.get(reverse("mfa_add_webauthn"))["Location"].startswith(reverse("account_reauthenticate"))


def test_an_operator_reaches_nothing_without_a_second_factor(db):
    organization = factories.city("unei", kind="operator")
    client = with_password(without_factor(organization, Role.OPERATOR))

    assert client.get(reverse("platform_visits"))["Location"] == DUE


def test_who_neither_signs_nor_administers_works_without_one(member):
    assert with_password(member).get(reverse("case_list")).status_code == 200


def test_a_role_given_later_asks_for_one_from_the_next_request(tosu, member):
    client = with_password(member)
    tenancy.set_tenant(tosu.pk)
    factories.Membership.unscoped.create(tenant=tosu, user=member, role=Role.SIGNATORY)

    assert client.get(reverse("case_list"))["Location"] == DUE


def test_a_passkey_set_up_on_the_way_opens_the_work_and_gives_recovery_codes(tosu):
    user = without_factor(tosu, Role.ADMINISTRATOR)
    client = with_password(user)
    client.post(reverse("account_reauthenticate"), {"password": factories.PASSWORD})
    page = client.get(reverse("mfa_add_webauthn"))
    challenge = dict(page.context["js_data"])["creation_options"]["publicKey"]["challenge"]
    typed = {"name": "職場のパソコン", "passwordless": "on", "credential": json.dumps(Passkey().registers(challenge))}

    answer = client.post(reverse("mfa_add_webauthn"), typed)

    assert answer["Location"] == reverse("mfa_view_recovery_codes")
    assert client.get(reverse("people")).status_code == 200
    assert client.get(answer["Location"]).content.decode().count("<li>") >= 10
    tenancy.set_tenant(tosu.pk)
    assert last_event(tosu)[0] in {"people.second_factor_set", "people.recovery_codes_made"}


def test_a_passkey_that_answers_another_page_is_not_registered(tosu):
    user = without_factor(tosu, Role.ADMINISTRATOR)
    client = with_password(user)
    client.post(reverse("account_reauthenticate"), {"password": factories.PASSWORD})
    client.get(reverse("mfa_add_webauthn"))

    answer = client.post(reverse("mfa_add_webauthn"), {"credential": json.dumps(Passkey().registers("AAAA"))})

    assert answer.status_code == 200
    assert not Authenticator.objects.filter(user=user).exists()


def test_after_the_password_a_passkey_lets_in(tosu):
    user = without_factor(tosu, Role.SIGNATORY)
    passkey = passkeys.give(user)
    client = with_password(user)
    page = client.get(reverse("mfa_authenticate"))
    before = client.get(reverse("home")).status_code

    typed = {"credential": json.dumps(passkey.proves(challenge_of(page)))}
    answer = client.post(reverse("mfa_authenticate"), typed)

    assert before == 302
    assert answer["Location"] == "/"
    assert client.get(reverse("home")).status_code == 200


@pytest.mark.parametrize("wrong", ["someone else", "no finger", "another site"])
def test_a_passkey_that_is_not_right_lets_nobody_in(tosu, wrong):
    user = without_factor(tosu, Role.SIGNATORY)
    passkey = passkeys.give(user)
    if wrong == "someone else":
        passkey = Passkey()
    elif wrong == "no finger":
        passkey.verifies = False
    else:
        passkey.origin = "http://localhost.example.com"
    client = with_password(user)
    page = client.get(reverse("mfa_authenticate"))

    answer = client.post(reverse("mfa_authenticate"), {"credential": json.dumps(passkey.proves(challenge_of(page)))})

    assert answer.status_code == 200
    assert client.get(reverse("home")).status_code == 302


def test_an_answer_works_once(tosu):
    user = without_factor(tosu, Role.SIGNATORY)
    passkey = passkeys.give(user)
    client = with_password(user)
    typed = {"credential": json.dumps(passkey.proves(challenge_of(client.get(reverse("mfa_authenticate")))))}
    client.post(reverse("mfa_authenticate"), typed)

    thief = with_password(user)
    thief.get(reverse("mfa_authenticate"))
    answer = thief.post(reverse("mfa_authenticate"), typed)

    assert answer.status_code == 200
    assert thief.get(reverse("home")).status_code == 302


def test_a_passkey_alone_signs_in_and_counts_as_both_factors(tosu, rf):
    user = without_factor(tosu, Role.SIGNATORY)
    client, answer = log_in_with(passkeys.give(user), user)

    request = rf.get("/")
    request.user, request.session = user, client.session

    assert answer["Location"] == "/"
    assert client.get(reverse("home")).status_code == 200
    assert second_factor.described(request) == second_factor.PASSKEY_ALONE


def test_a_passkey_opens_no_account_that_is_shut(tosu):
    user = without_factor(tosu, Role.SIGNATORY)
    passkey = passkeys.give(user)
    user.is_active = False
    user.save()

    client, _ = log_in_with(passkey, user)

    assert client.get(reverse("home")).status_code == 302


def test_somebody_elses_passkey_does_not_sign_in_under_my_name(tosu):
    mine, other = without_factor(tosu, Role.SIGNATORY), without_factor(tosu, Role.SIGNATORY)
    passkeys.give(mine)
    theirs = passkeys.give(other)

    client, answer = log_in_with(theirs, mine)

    assert answer["Location"] == reverse("account_login")
    assert client.get(reverse("home")).status_code == 302


def test_a_passkey_is_proof_enough_before_signing(tosu, rf):
    user = without_factor(tosu, Role.SIGNATORY)
    passkey = passkeys.give(user)
    client = Client()
    client.force_login(user)
    request = rf.get("/")
    request.user, request.session = user, client.session
    before = second_factor.described(request)
    page = client.get(reverse("mfa_reauthenticate_webauthn"))

    answer = client.post(
        reverse("mfa_reauthenticate_webauthn"),
        {"credential": json.dumps(passkey.proves(challenge_of(page))), "next": reverse("case_list")},
    )

    request.session = client.session
    assert before == ""
    assert answer["Location"] == reverse("case_list")
    assert second_factor.described(request)


def test_the_last_passkey_taken_away_leads_back_to_the_set_up(tosu):
    user = without_factor(tosu, Role.ADMINISTRATOR)
    passkeys.give(user)
    client = Client()
    client.force_login(user)
    client.post(reverse("account_reauthenticate"), {"password": factories.PASSWORD})
    row = Authenticator.objects.get(user=user)

    client.post(reverse("mfa_remove_webauthn", args=[row.pk]))

    assert client.get(reverse("people"))["Location"] == DUE
    tenancy.set_tenant(tosu.pk)
    assert last_event(tosu)[0] == "people.second_factor_removed"
