"""A city whose provider is in use, and its staff at the provider's door."""

from collections.abc import Iterator

import pytest
from django.conf import settings
from django.http import HttpResponse
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts import tenancy
from accounts.federation.models import IdentityProvider
from accounts.federation.saying import Said
from accounts.federation.services import settling
from accounts.models import Organization, Role, User
from tests import factories
from tests.accounts.federation.provider import CLIENT, SECRET, Provider, asked_in, serving

WENT_WRONG = "認証基盤からサインインできませんでした"


@pytest.fixture
def idp() -> Iterator[Provider]:
    with serving() as provider:
        yield provider


@pytest.fixture
def taro(tosu: Organization) -> User:
    return factories.member(tosu, Role.DRAFTER, name="鳥栖　太郎", email="taro@tosu.example.jp")


@pytest.fixture
def keeper(tosu: Organization) -> User:
    return factories.member(tosu, Role.ADMINISTRATOR, name="運用　花子", email="hanako@tosu.example.jp")


def prepared(city: Organization, keeper: User, place: str, **values: object) -> IdentityProvider:
    """Prepare a provider of a city."""
    tenancy.set_tenant(city.pk)
    told = {"domains": [f"{city.slug}.example.jp"], "address_claim": "email", "vouches": False} | values
    return settling.prepare_oidc(
        actor=factories.actor(keeper, city),
        at=timezone.now(),
        issuer=place,
        client_id=CLIENT,
        secret=SECRET,
        **told,  # type: ignore[arg-type]
    )


def begun(city: Organization, keeper: User, place: str, **values: object) -> IdentityProvider:
    """Prepare a provider, try it, and use it."""
    draft = prepared(city, keeper, place, **values)
    actor, said = factories.actor(keeper, city), Said(place, "tried", keeper.email, is_sure=True)
    settling.note_trial(draft, actor=actor, at=timezone.now(), said=said, user=keeper)
    return settling.begin(draft, actor=actor, at=timezone.now())


@pytest.fixture
def in_use(tosu: Organization, keeper: User, idp: Provider) -> IdentityProvider:
    return begun(tosu, keeper, idp.place)


def set_out(browser: Client, city: Organization, **posted: str) -> dict[str, str]:
    """Press the city's button, and return what the provider is asked."""
    leaving = browser.post(reverse("city_sign_on", args=[city.slug]), posted)
    assert leaving.status_code == 302, leaving.content.decode()
    return asked_in(leaving["Location"])


def come_back(browser: Client, idp: Provider, asked: dict[str, str]) -> HttpResponse:
    """Let the provider send the browser back."""
    return browser.get(idp.authorize(asked).removeprefix(settings.BASE_URL))


def sign_on(browser: Client, idp: Provider, city: Organization, **posted: str) -> HttpResponse:
    return come_back(browser, idp, set_out(browser, city, **posted))


def is_in(browser: Client, user: User) -> bool:
    return browser.session.get("_auth_user_id") == str(user.pk)


def is_out(browser: Client) -> bool:
    return "_auth_user_id" not in browser.session


def told(browser: Client) -> str:
    """Read the sign-in page, with what it says of the last try."""
    return browser.get(reverse("account_login")).content.decode()
