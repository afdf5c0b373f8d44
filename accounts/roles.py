"""Who holds which role on a day (JST), and who stands in for whom."""

from datetime import date
from typing import Any

from django.db.models import OuterRef, QuerySet, Subquery

from accounts import tenancy
from accounts.actors import Actor
from accounts.models import Delegation, Department, Membership, Organization, Role, User


def holders(tenant: Organization, role: str, *, on: date, department: Department | None = None) -> QuerySet[User]:
    """Find the active users who hold a role on a day (JST), in one department if one is named."""
    held = Membership.unscoped.filter(tenant=tenant, role=role).held_on(on)
    if department is not None:
        held = held.filter(department=department)
    return User.objects.filter(is_active=True, pk__in=held.values("user_id")).order_by("pk")


def stands_in_for(user: User, *, tenant: Organization, on: date) -> list[User]:
    """List the principals in whose stead a person may decide (代決) on a day (JST); never sign."""
    entries = Delegation.unscoped.filter(tenant=tenant, delegate=user, first_date__lte=on, last_date__gte=on)
    entries = entries.filter(principal__is_active=True).select_related("principal").order_by("principal_id")
    return [entry.principal for entry in entries]


def colleagues(actor: Actor, *, on: date, role: Role | None = None) -> QuerySet[Any]:
    """Find the active members of the asker's city on a day (JST), each with the name of a department of theirs."""
    held = Membership.objects.visible_to(actor).held_on(on)
    if role is not None:
        held = held.filter(role=role)
    return _with_department(held).filter(is_active=True)


def signatories_ever(actor: Actor) -> QuerySet[Any]:
    """Find everyone who is or was a signatory of the asker's city, each with the name of a department of theirs."""
    return _with_department(Membership.objects.visible_to(actor).filter(role=Role.SIGNATORY))


def _with_department(held: Any) -> QuerySet[Any]:
    place = held.filter(user=OuterRef("pk")).order_by("department_id").values("department__name")[:1]
    people = User.objects.filter(pk__in=held.values("user_id"))
    return people.annotate(department_name=Subquery(place)).order_by("name", "pk")


def home_of(user: User) -> int | None:
    """Find the organization in which a person holds, held or will hold a role, whatever this transaction sees."""
    with tenancy.as_person(user.pk):
        rows = Membership.unscoped.filter(user=user).order_by("tenant_id", "pk")
        return rows.values_list("tenant_id", flat=True).first()


def nearest_term(user: User, *, on: date) -> Membership | None:
    """Find the role that someone without one today will hold next, or else held last."""
    terms = Membership.unscoped.filter(user=user).select_related("tenant")
    coming = terms.filter(starts_date__gt=on).order_by("starts_date", "pk").first()
    return coming or terms.filter(ends_date__lt=on).order_by("-ends_date", "pk").first()
