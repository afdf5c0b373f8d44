"""Write what happened to the people of a city into its journal."""

from datetime import date, datetime

from accounts.actors import Actor
from accounts.models import Membership, User
from audit import journal

CITY_THREAD = "city"


def thread_of(user: User) -> str:
    """Name the thread of the operation log that tells what happened to a person's roles."""
    return f"person:{user.pk}"


def record(action: str, *, actor: Actor, at: datetime, thread: str, subject: str, **data: object) -> None:
    """Add one event to the city's journal. Call it last in a service: the head of the chain stays locked."""
    journal.record(
        action,
        tenant_id=actor.tenant_id,
        at=at,
        actor_kind=actor.kind,
        actor_name=f"{actor.name} <{actor.email}>" if actor.email else actor.name,
        ip=actor.ip,
        subject=subject,
        thread=thread,
        data=data,
    )


def about(user: User) -> str:
    """Name a person as the log does."""
    return f"{user.name} <{user.email}>"


def described(membership: Membership) -> dict[str, str]:
    """Put a role into words for the log."""
    return {
        "role": membership.get_role_display(),
        "department": membership.department.name if membership.department else "",
        "title": membership.title,
        "basis": membership.get_basis_display(),
        "starts_date": _day(membership.starts_date),
        "ends_date": _day(membership.ends_date),
    }


def _day(day: date | None) -> str:
    return day.isoformat() if day else ""
