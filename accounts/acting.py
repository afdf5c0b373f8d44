"""As whom a member of staff acts: the roles they hold on a day, in one organization."""

from datetime import date
from typing import Any

from allauth.mfa.models import Authenticator
from django.db.models import Exists

from accounts.actors import Actor, ActorKind
from accounts.models import FACTORS, WITH_FACTOR, Membership, Organization, User


def actor_for(user: User, *, on: date, ip: str | None, user_agent: str = "") -> Actor | None:
    """Make the actor of a signed-in member of staff from the roles held on a day (JST); None when there are none."""
    held = acting(user, on=on, ip=ip, user_agent=user_agent)
    return held[0] if held else None


def acting(user: User, *, on: date, ip: str | None, user_agent: str) -> tuple[Actor, Organization] | None:
    """Make the same actor with the municipality in which they act, in one query."""
    held = Membership.unscoped.filter(user=user).held_on(on).select_related("tenant").order_by("tenant_id", "pk")
    has_factor = Exists(Authenticator.objects.filter(user=user, type__in=FACTORS))
    memberships: list[Any] = list(held.annotate(has_factor=has_factor))
    if not memberships:
        return None
    first = memberships[0]
    roles = frozenset(m.role for m in memberships if m.tenant_id == first.tenant_id)
    actor = Actor(
        kind=ActorKind.STAFF,
        tenant_id=first.tenant_id,
        name=user.name,
        email=user.email,
        ip=ip,
        user_id=user.pk,
        department_id=first.department_id,
        roles=roles,
        lacks_factor=not (first.has_factor or roles.isdisjoint(WITH_FACTOR)),
        organization_name=first.tenant.name,
        user_agent=user_agent,
    )
    return actor, first.tenant
