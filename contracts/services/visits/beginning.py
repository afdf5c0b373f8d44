"""Begin a visit: with a reason, until a time, told at once to those who answer for the city."""

from datetime import datetime, timedelta

from django.db import transaction
from django.utils import timezone

from accounts import permissions as doors
from accounts import roles, tenancy
from accounts.actors import Actor, system
from accounts.models import Organization, OrganizationKind, Role, User, Visit, VisitEnd
from accounts.refusals import Refusal
from contracts import permissions
from contracts.services import evidence
from contracts.services.operators import THREAD
from contracts.services.visits import ending, letters

TERMS = (timedelta(minutes=30), timedelta(hours=1), timedelta(hours=2), Visit.LONGEST)


class VisitRefused(Refusal):
    """A visit cannot begin this way; the text says why."""


def find(name: str) -> Organization:
    """Find the city that an operator names, by its name or its slug; raises VisitRefused where there is none."""
    cities = Organization.objects.filter(kind=OrganizationKind.MUNICIPALITY)
    found = cities.filter(slug=name).first() or cities.filter(name=name).order_by("pk").first()
    if found is None:
        raise VisitRefused(f"「{name}」という自治体はありません。正式な名称か、アドレスに使う記号を入力してください。")
    if found.slug != name and cities.filter(name=name).count() > 1:
        raise VisitRefused(f"「{name}」という自治体は、一つではありません。アドレスに使う記号を入力してください。")
    return found


@transaction.atomic
def begin(city: Organization, *, actor: Actor, at: datetime, reason: str, term: timedelta) -> Visit:
    """Let an operator into a city, tell its administrators, and write it into both journals.

    Raises VisitRefused without a reason, for a term that is not offered, during another visit of the same person, and
    where the city has nobody to be told.
    """
    doors.check(permissions.operates, actor)
    if not reason.strip():
        raise VisitRefused("立ち入る理由を入力してください。自治体にそのまま伝わります。")
    if term not in TERMS:
        raise VisitRefused("立入りの長さは、画面にあるものから選んでください。")
    visitor = User.objects.select_for_update(no_key=True).get(pk=actor.user_id or 0)
    _end_lapsed(visitor, at=at)
    with tenancy.acting_for(city.pk):
        told = list(roles.holders(city, Role.ADMINISTRATOR, on=timezone.localdate(at)))
        if not told:
            raise VisitRefused(f"{city.name}には、お知らせできる運用管理者がいないため、立ち入れません。")
        visit: Visit = Visit.unscoped.create(
            tenant=city,
            visitor=visitor,
            visitor_name=visitor.name,
            visitor_email=visitor.email,
            operator_name=actor.organization_name,
            reason=reason.strip(),
            began_at=at,
            ends_at=at + term,
        )
        letters.begun(visit, to=told, at=at)
        _record(visit, city=city, actor=actor, at=at)
    evidence.record_in(
        THREAD,
        "operators.entered",
        subject=visit.thread,
        actor=actor,
        at=at,
        city=city.name,
        reason=visit.reason,
        until=visit.ends_at.isoformat(),
    )
    return visit


def _record(visit: Visit, *, city: Organization, actor: Actor, at: datetime) -> None:
    """Write into the city's journal that someone is there, in the words of that journal's own system."""
    evidence.record_in(
        visit.thread,
        "visit.begun",
        subject=visit.thread,
        actor=system(city.pk),
        at=at,
        visitor=f"{visit.visitor_name} <{visit.visitor_email}>",
        operator=visit.operator_name,
        ip=actor.ip or "",
        reason=visit.reason,
        until=visit.ends_at.isoformat(),
    )


def _end_lapsed(visitor: User, *, at: datetime) -> None:
    """End the visit whose term has come and that the sweep has not ended yet; refuse a second one beside another."""
    before = Visit.unscoped.filter(visitor=visitor, ended_at=None).select_related("tenant").first()
    if before is None:
        return
    if before.lasts(at):
        raise VisitRefused(f"いま{before.tenant.name}に立ち入っています。終えてから、次の立入りを始めてください。")
    with tenancy.acting_for(before.tenant_id):
        ending.end(before, how=VisitEnd.TERM, actor=system(before.tenant_id), at=at)
