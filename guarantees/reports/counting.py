"""Count a city's guarantees for the usage table, from the rows that the person may see."""

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any

from django.db.models import Count, Q
from django.db.models.functions import TruncMonth

from accounts.actors import Actor
from contracts import tables
from contracts.dates import JST, day_in_japan
from contracts.figures.usage import Line, month_text
from contracts.models import RuleSet
from guarantees import states
from guarantees.models import Guarantee, GuaranteeType, PaperKind
from guarantees.reports import usage
from guarantees.reports.usage import Cell
from guarantees.states import GuaranteeState

# 受理されて、または紙で受け取られて、契約を保証したことのある状態
DEPOSITED = states.HELD | {GuaranteeState.CHANGED, GuaranteeState.RELEASED}
TYPES = {kind.value: kind.label for kind in GuaranteeType}


@dataclass(frozen=True)
class Wanted:
    """What the report is about: a type or all ("") of a department or all (None), by months, both inclusive.

    The months are their first days; None leaves that end open. `by` is one of usage.BREAKDOWNS.
    """

    by: str = "department"
    type: str = GuaranteeType.ADVANCE
    department: int | None = None
    since: date | None = None
    until: date | None = None

    @property
    def types(self) -> dict[str, str]:
        return {self.type: TYPES[self.type]} if self.type else TYPES

    @property
    def noun(self) -> str:
        """Name what is counted, as the heading of the table does."""
        return TYPES[self.type] if self.type else "保証"


@dataclass(frozen=True)
class Report:
    """The usage table of a city on a day."""

    wanted: Wanted
    on: date
    lines: list[Line]
    total: Line

    @property
    def shown(self) -> list[Line]:
        return [*self.lines, self.total]

    @property
    def headings(self) -> tuple[str, ...]:
        """Give the columns of the table as the guides name them (R97); the first is what the lines are about."""
        named = (f"{self.wanted.noun}件数", "うち、電子保証利用件数", "電子保証利用率")
        return (usage.BREAKDOWNS[self.wanted.by], "運用開始時期", *named)

    @property
    def as_of(self) -> str:
        """Say up to when it counts: 「2026年1月末」 for a month that is over, else the day itself."""
        until = self.wanted.until
        if until is not None and _following(until) <= self.on:
            return f"{month_text(until)}末"
        return f"{month_text(self.on)}{self.on.day}日"


def report(wanted: Wanted, *, actor: Actor, at: datetime) -> Report:
    """Make the usage table of the actor's city in the columns of R97."""
    cells = _cells(wanted, actor)
    since = starts(actor)
    shown, total = usage.lines(cells, by=wanted.by, types=wanted.types, starts=since, whole=actor.organization_name)
    return Report(wanted, day_in_japan(at), shown, total)


def of_departments(actor: Actor, first: date, last: date) -> tuple[list[Line], Line]:
    """Give the lines of the departments and of the whole city for whole months, of guarantees of every type."""
    wanted = Wanted(type="", since=first, until=last.replace(day=1))
    return usage.lines(
        _cells(wanted, actor), by="department", types=TYPES, starts=starts(actor), whole=actor.organization_name
    )


def write(found: Report) -> bytes:
    """Write the table as CSV, its last line the whole city; numbers plain, rates as on the page."""
    columns = [tables.Column(str(number), heading) for number, heading in enumerate(found.headings)]
    rows = ([line.label, line.start_text, str(line.count), str(line.electronic), line.rate] for line in found.shown)
    return tables.write(tables.UTF8, columns, rows)


def starts(actor: Actor) -> dict[str, date]:
    """Tell since when the city takes each type electronically: the first version of its rules that offers it."""
    offering = RuleSet.objects.visible_to(actor).filter(data__guarantee__offered=True)
    found: dict[str, date] = {}
    for types, day in offering.order_by("effective_date").values_list("data__guarantee__types", "effective_date"):
        for type_ in types:
            found.setdefault(type_, day)
    return found


def _cells(wanted: Wanted, actor: Actor) -> list[Cell]:
    found = _counted(wanted, actor).annotate(month=TruncMonth("decided_at", tzinfo=JST))
    electronic = Count("pk", filter=Q(paper_kind=""))
    grouped = found.values_list("type", "case__department__name", "month").annotate(n=Count("pk"), e=electronic)
    return [Cell(type_, name, month.date(), n, e) for type_, name, month, n, e in grouped.order_by()]


def _counted(wanted: Wanted, actor: Actor) -> Any:
    """Find the guarantees that were deposited; a change certificate is no further guarantee, cash is none at all."""
    rows = Guarantee.objects.visible_to(actor).filter(state__in=DEPOSITED, amends__isnull=True)
    conditions = {
        "type": wanted.type or None,
        "case__department_id": wanted.department,
        "decided_at__gte": wanted.since and _first_moment(wanted.since),
        "decided_at__lt": wanted.until and _first_moment(_following(wanted.until)),
    }
    rows = rows.exclude(paper_kind=PaperKind.CASH)
    return rows.filter(**{name: value for name, value in conditions.items() if value is not None})


def _following(month: date) -> date:
    return (month + timedelta(days=31)).replace(day=1)


def _first_moment(month: date) -> datetime:
    return datetime.combine(month, time.min, tzinfo=JST)
