"""What those who run this installation may ask of all its municipalities; each question is written down with why."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import date, datetime

from django.db import transaction

from accounts import permissions as doors
from accounts import tenancy
from accounts.actors import Actor, system
from accounts.models import Organization, OrganizationKind
from accounts.refusals import Refusal
from contracts import permissions
from contracts.archive import across, rollups
from contracts.archive.across import Page
from contracts.archive.asking import Wanted
from contracts.archive.paging import Place, write_place
from contracts.archive.rollups import Totals
from contracts.services import evidence

THREAD = "operators"


class OperatorRefused(Refusal):
    """The operator cannot be entered as it was asked; the text says why."""


@dataclass(frozen=True)
class Answer:
    """One page of entries of any municipality, and the exact totals; None where a question has more to it."""

    page: Page
    totals: Totals | None


@transaction.atomic
def search(wanted: Wanted, *, actor: Actor, at: datetime, reason: str, after: Place | None = None) -> Answer:
    """Answer a question to all archives, and write it into the operator's journal: who asked what, why, from where."""
    doors.check(permissions.operates, actor)
    answer = Answer(page=across.page(wanted, after=after), totals=_totals(wanted))
    evidence.record_in(
        THREAD,
        "operators.searched",
        subject="archive",
        actor=actor,
        at=at,
        asked=_asked(wanted),
        reason=reason,
        after=write_place(after) if after else "",
        shown=[entry.pk for entry in answer.page.entries],
    )
    return answer


@transaction.atomic
def found(*, slug: str, name: str, at: datetime) -> Organization:
    """Enter who runs this installation, or correct the name; raises OperatorRefused when the slug is another's."""
    known = Organization.objects.filter(slug=slug).first()
    if known is not None and known.kind != OrganizationKind.OPERATOR:
        raise OperatorRefused(f"記号「{slug}」は、別の団体が使っています。")
    operator = known or Organization(slug=slug, kind=OrganizationKind.OPERATOR)
    operator.name = name
    operator.save()
    with tenancy.acting_for(operator.pk):
        subject = f"organization:{operator.pk}"
        evidence.record_in(THREAD, "operators.founded", subject=subject, actor=system(operator.pk), at=at, name=name)
    return operator


def _totals(wanted: Wanted) -> Totals | None:
    return rollups.totals(wanted) if rollups.can_tell(wanted) else None


def _asked(wanted: Wanted) -> Mapping[str, object]:
    given = {name: value for name, value in asdict(wanted).items() if value not in (None, (), False)}
    return {name: value.isoformat() if isinstance(value, date) else value for name, value in given.items()}
