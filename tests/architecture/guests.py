"""Whoever runs the installation, and someone of theirs who has entered a city."""

from datetime import datetime, timedelta

from django.utils import timezone

from accounts import tenancy, visiting
from accounts.actors import Actor
from accounts.models import Membership, Organization, OrganizationKind, Role, User, Visit
from contracts.services.visits import beginning
from tests import factories


def operator(slug: str = "unei", name: str = "むすび運営") -> Organization:
    """Make whoever runs this installation, and act for them."""
    row, _ = Organization.objects.get_or_create(
        slug=slug, defaults={"kind": OrganizationKind.OPERATOR, "name": name, "help_email": "unei@example.jp"}
    )
    tenancy.set_tenant(row.pk)
    return row


def worker(name: str = "運営　太郎", *, slug: str = "unei") -> User:
    """Make someone who works for the operator."""
    house = operator(slug)
    count = Membership.unscoped.filter(tenant=house).count()
    user = User.objects.create_user(email=f"{slug}{count}@operator.example.jp", name=name, password="x")
    Membership.unscoped.create(tenant=house, user=user, role=Role.OPERATOR)
    return user


def visit(
    city: Organization, *, by: User | None = None, at: datetime | None = None, hours: float = 1, reason: str = "照会"
) -> Visit:
    """Let someone of the operator into a city that has an administrator, and act for the city again."""
    tenancy.set_tenant(city.pk)
    if not Membership.unscoped.filter(tenant=city, role=Role.ADMINISTRATOR).exists():
        factories.member(city, Role.ADMINISTRATOR)
    person = by or worker()
    made = beginning.begin(
        city, actor=asker(person), at=at or timezone.now(), reason=reason, term=timedelta(hours=hours)
    )
    tenancy.forget()
    tenancy.set_tenant(city.pk)
    return made


def asker(person: User) -> Actor:
    """Make the actor of someone of the operator, and act for the operator, as a request of theirs does."""
    tenancy.set_user(person.pk)
    held = Membership.unscoped.select_related("tenant").get(user=person)
    tenancy.set_tenant(held.tenant_id)
    return factories.actor(person, held.tenant)


def inside(seen: Visit) -> Actor:
    """Make the actor that a visitor is in the city, and act for the city."""
    actor = visiting.guest(asker(seen.visitor), seen)
    tenancy.forget()
    tenancy.set_tenant(seen.tenant_id)
    return actor
