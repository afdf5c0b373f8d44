"""Count a fiscal year of a city by department, each number from one index over the days of that year."""

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db.models import Count, Exists, OuterRef, Sum

from accounts.actors import Actor
from contracts.dates import FISCAL_YEAR_STARTS
from contracts.figures.numbers import Figures, Spread
from contracts.models import Archived, ArchiveEntry, Case, Consent
from contracts.states import CaseState, ConsentState

NO_DEPARTMENT = "（担当課なし）"


@dataclass(frozen=True)
class Span:
    """The days of a fiscal year (JST), both inclusive."""

    year: int

    @property
    def first(self) -> date:
        return date(self.year, FISCAL_YEAR_STARTS, 1)

    @property
    def last(self) -> date:
        return date.fromordinal(date(self.year + 1, FISCAL_YEAR_STARTS, 1).toordinal() - 1)

    @property
    def days(self) -> tuple[date, date]:
        return self.first, self.last


def count(span: Span, *, actor: Actor) -> Mapping[str, Figures]:
    """Count what was contracted in a fiscal year, by the name of the department, for those who may see it."""
    found: dict[str, Figures] = defaultdict(Figures)
    for department, figures in [*_electronic(span, actor), *_on_paper(span, actor)]:
        found[department or NO_DEPARTMENT] += figures
    return dict(sorted(found.items()))


def first_year(actor: Actor) -> int | None:
    """Tell the fiscal year of the first contract that was concluded electronically."""
    rows = _concluded(actor).order_by("concluded_date", "id").values_list("fiscal_year", flat=True)
    return rows.first()  # type: ignore[no-any-return]


def _concluded(actor: Actor) -> Any:
    """Leave out what other systems concluded: it has no version here."""
    return ArchiveEntry.objects.visible_to(actor).filter(is_current=True, version__isnull=False)


def _electronic(span: Span, actor: Actor) -> list[tuple[str, Figures]]:
    rows = _concluded(actor).filter(concluded_date__range=span.days, what__in=[Archived.CONTRACT, Archived.AMENDMENT])
    grouped = rows.order_by().values_list("department__name", "what", "days_to_conclude")
    counted = grouped.annotate(n=Count("pk"), stamps=Sum("stamp_duty_saved"))
    return [(name, _of(what, days, n, int(stamps or 0))) for name, what, days, n, stamps in counted]


def _of(what: int, days: int | None, n: int, stamps: int) -> Figures:
    if what == Archived.AMENDMENT:
        return Figures(amendments=n, stamps=stamps)
    return Figures(contracts=n, stamps=stamps, days=Spread({} if days is None else {days: n}))


def _on_paper(span: Span, actor: Actor) -> list[tuple[str, Figures]]:
    """Count the contracts on paper that the rules would have let be electronic."""
    cases = Case.objects.visible_to(actor).filter(
        state=CaseState.PAPER, paper_contract_date__range=span.days, econtract_verdict__eligible=True
    )
    asked = Consent.objects.visible_to(actor).filter(case=OuterRef("pk")).exclude(state=ConsentState.CANCELLED)
    refused = Exists(asked.exclude(state=ConsentState.ACCEPTED))
    grouped = cases.annotate(refused=refused).order_by().values_list("department__name", "refused")
    return [
        (name, Figures(refused=n) if declined else Figures(other=n))
        for name, declined, n in grouped.annotate(n=Count("pk"))
    ]
