"""Staff at their desks: the drafter of the case, colleagues in other roles, and a stranger from the next city."""

from collections.abc import Callable

import pytest
from allauth.account.internal.flows.login import record_authentication
from django.test import Client, RequestFactory

from accounts import tenancy
from accounts.models import Organization, Role, User
from tests import factories
from tests.stories import Story, story

Desk = Callable[..., Client]


@pytest.fixture
def tosu(db: None) -> Story:
    return story()


@pytest.fixture
def desk() -> Desk:
    """Sit down at the desk of someone with the given roles, or of a given person."""

    def sit(tenant: Organization, *roles: Role, user: User | None = None, second_factor: bool = False) -> Client:
        client = Client()
        person = user or factories.member(tenant, *roles)
        client.force_login(person)
        if second_factor:
            give_second_factor(client, person)
        return client

    return sit


@pytest.fixture
def stranger(tosu: Story, desk: Desk) -> Client:
    """Sit in the next city, with every role there is."""
    usuki = factories.city("usuki")
    client = desk(usuki, *Role)
    tenancy.set_tenant(tosu.tenant.pk)
    return client


def give_second_factor(client: Client, user: User) -> None:
    """Note in the session what allauth notes after a code of the authenticator."""
    request = RequestFactory().get("/")
    request.session = client.session
    record_authentication(request, user, "mfa", type="totp")
    request.session.save()


def user_of(actor: factories.Actor) -> User:
    return User.objects.get(pk=actor.user_id)
