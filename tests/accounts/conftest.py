"""One city with its administrators, and what its journal says last."""

import json
from datetime import date, timedelta
from typing import Any

import pytest
from django.utils import timezone

from accounts.actors import Actor
from accounts.models import Membership, Organization, Role, User
from audit.models import Event
from tests import factories


@pytest.fixture
def tosu(db: None) -> Organization:
    return factories.city("tosu")


@pytest.fixture
def administrator(tosu: Organization) -> Actor:
    return factories.staff(tosu, Role.ADMINISTRATOR)


def today() -> date:
    return timezone.localdate()


def days(number: int) -> date:
    """Return the day so many days from today."""
    return today() + timedelta(days=number)


def role_of(user: User, role: Role) -> Membership:
    return Membership.unscoped.get(user=user, role=role)


def set_term(user: User, *, starts: date | None = None, ends: date | None = None) -> None:
    Membership.unscoped.filter(user=user).update(starts_date=starts, ends_date=ends)


def last_event(tenant: Organization) -> tuple[str, str, dict[str, Any]]:
    event = Event.objects.of_tenant(tenant.pk).exclude(action__startswith="mail.")[0]
    return event.action, event.thread, json.loads(event.data)


def user_of(actor: Actor) -> User:
    return User.objects.get(pk=actor.user_id)
