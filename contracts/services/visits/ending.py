"""End a visit: by whoever came, by the city, or by the clock; the city is told what was looked at."""

import json
from collections import Counter
from datetime import datetime

from django.db import transaction
from django.utils import timezone

from accounts import permissions as doors
from accounts import roles
from accounts.actors import Actor, system
from accounts.models import Role, Visit, VisitEnd
from accounts.querysets import lock
from audit.models import Event
from contracts import permissions
from contracts.services import evidence
from contracts.services.visits import letters

LOOKED = "visit.looked"


@transaction.atomic
def leave(visit: Visit, *, actor: Actor, at: datetime) -> Visit:
    """End one's own visit before its term."""
    doors.check(permissions.comes_and_goes, actor)
    return end(visit, how=VisitEnd.VISITOR, actor=actor, at=at)


@transaction.atomic
def send_out(visit: Visit, *, actor: Actor, at: datetime) -> Visit:
    """Let the city end a visit at once; the visitor's next page is not shown any more."""
    doors.check(permissions.can_end_visit, actor)
    return end(visit, how=VisitEnd.CITY, actor=actor, at=at)


@transaction.atomic
def end_next(*, tenant_id: int, at: datetime) -> bool:
    """End one visit of the municipality in view whose term has come; False when there is none."""
    due = Visit.unscoped.select_for_update(skip_locked=True, no_key=True)
    visit = due.filter(tenant_id=tenant_id, ended_at=None, ends_at__lte=at).order_by("ends_at", "pk").first()
    if visit is None:
        return False
    end(visit, how=VisitEnd.TERM, actor=system(tenant_id), at=at)
    return True


def end(visit: Visit, *, how: VisitEnd, actor: Actor, at: datetime) -> Visit:
    """Close a visit once, tell the city's administrators what was looked at, and write it into the city's journal."""
    visit = lock(visit, "tenant")
    if visit.ended_at is not None:
        return visit
    # 期限の後に見つけたものは、期限に終わっていた。頁は、期限を過ぎた時から開いていない。
    visit.ended_how, visit.ended_by = (how, actor.name) if visit.lasts(at) else (VisitEnd.TERM, "")
    visit.ended_at = min(at, visit.ends_at)
    visit.save(update_fields=["ended_at", "ended_how", "ended_by"])
    looked = pages(visit)
    told = roles.holders(visit.tenant, Role.ADMINISTRATOR, on=timezone.localdate(at))
    letters.ended(visit, to=told, looked=looked, at=at)
    evidence.record_in(
        visit.thread,
        "visit.ended",
        subject=visit.thread,
        actor=actor,
        at=at,
        how=VisitEnd(visit.ended_how).label,
        visitor=f"{visit.visitor_name} <{visit.visitor_email}>",
        pages=sum(looked.values()),
    )
    return visit


def pages(visit: Visit) -> Counter[str]:
    """Count what the visitor was shown, by the titles of the pages, in the order in which they were first shown."""
    events = Event.objects.filter(tenant_id=visit.tenant_id, thread=visit.thread, action=LOOKED).order_by("seq")
    told = (json.loads(data) for data in events.values_list("data", flat=True))
    return Counter(each["title"].partition("｜")[0] or each["path"] for each in told if each["status"] == 200)
