"""Ask for everything to be checked: every night for all cities, and whenever somebody wants to know."""

from datetime import datetime

from accounts import doorbell, tenancy
from accounts import permissions as doors
from accounts.actors import Actor
from accounts.models import Organization, OrganizationKind
from contracts import permissions, tasks
from contracts.models import RecordCheck
from contracts.services import evidence
from contracts.services.checking.walking import THREAD


def ask(*, actor: Actor, at: datetime) -> RecordCheck:
    """Have everything of the actor's city checked; while a check is under way, that one answers."""
    doors.check(permissions.can_read_log, actor)
    before = RecordCheck.unscoped.filter(tenant_id=actor.tenant_id, done_at=None).first()
    if before is not None:
        return before  # type: ignore[no-any-return]
    check = begin(actor.tenant_id, at=at, asked_by=actor.name)
    evidence.record_in(THREAD, "records.check_asked", subject=f"check:{check.pk}", actor=actor, at=at)
    doorbell.ring(tasks.check_records)
    return check


def ask_all(*, at: datetime) -> None:
    """Have everything of every city checked, but for those where a check is still under way."""
    for city in Organization.objects.filter(kind=OrganizationKind.MUNICIPALITY).order_by("pk"):
        with tenancy.acting_for(city.pk):
            begin(city.pk, at=at)
    doorbell.ring(tasks.check_records)


def begin(tenant_id: int, *, at: datetime, asked_by: str = "") -> RecordCheck:
    """Put a check of the municipality in view into the queue, or return the one that is there."""
    values = {"asked_at": at, "due_at": at, "asked_by": asked_by}
    check, _ = RecordCheck.unscoped.get_or_create(tenant_id=tenant_id, done_at=None, defaults=values)
    return check  # type: ignore[no-any-return]
