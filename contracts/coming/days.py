"""The rows of every kind gathered under their days, of each kind only as many as are shown."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from typing import Any

from django.db.models import Count, F, Window
from django.db.models.functions import RowNumber
from django.utils import timezone

from accounts import written
from accounts.actors import Actor
from contracts.coming.sources import SOURCES, Source, Span

DAYS = "select day, sum(n) from ({asked}) as counted group by day"


@dataclass(frozen=True)
class Matter:
    """One thing that is due, or ends, on a day; `url` is "" where there is no page to open."""

    title: str
    url: str
    note: str = ""


@dataclass
class Group:
    """What of one kind comes on one day: as many as are shown, and how many there are."""

    label: str
    tone: str
    count: int
    matters: list[Matter] = field(default_factory=list)
    unit: str = "件"

    @property
    def more(self) -> int:
        return self.count - len(self.matters)


def coming(actor: Actor, *, span: Span, whose: str, most: int, today: date) -> dict[date, list[Group]]:
    """List per day (JST, both ends of the span count) what is coming, at most so many of a kind; a query a kind."""
    days: dict[date, list[Group]] = defaultdict(list)
    for source in SOURCES:
        for day, group in _by_day(source, source.rows(actor, span, whose), most, today):
            days[day].append(group)
    return days


def counts(actor: Actor, *, span: Span, whose: str) -> dict[date, int]:
    """Count what is coming on each day (JST) of a span that has anything, in one query."""
    first, last = span
    beginning = timezone.make_aware(datetime.combine(first, time()))
    found = written.ask(DAYS, _counted, actor, beginning, last - first, whose)
    return {day: int(many) for day, many in found}


def _counted(actor: Actor, beginning: datetime, length: timedelta, whose: str) -> Any:
    span = (timezone.localdate(beginning), timezone.localdate(beginning) + length)
    first, *others = (
        source.rows(actor, span, whose).order_by().values("day").annotate(n=Count("pk")) for source in SOURCES
    )
    return first.union(*others, all=True)


def _by_day(source: Source, rows: Any, most: int, today: date) -> Iterable[tuple[date, Group]]:
    nth = Window(RowNumber(), partition_by=F("day"), order_by="pk")
    many = Window(Count("pk"), partition_by=F("day"))
    groups: dict[date, Group] = {}
    for row in rows.annotate(nth=nth, many=many).filter(nth__lte=most).order_by("day", "nth"):
        label = source.name_on(row.day, today=today)
        group = groups.setdefault(row.day, Group(label, source.tone, row.many))
        group.matters.append(Matter(*source.told(row)))
    return groups.items()
