"""The work of one person in order of urgency, counted and cut in the database: a page costs the same at any depth."""

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property
from typing import Any

from django.db.models import BigIntegerField, DateField, F, Q, Value, When
from django.db.models import Case as Choose
from django.utils import timezone

from accounts import written
from accounts.actors import Actor
from contracts.hooks import Waiting, Work
from contracts.states import OPEN_CASES
from contracts.work.nearness import WEEK, Nearness

NO_CASE = Value(0, output_field=BigIntegerField())
# 組ごとに、初めの行と全体の数を一度に尋ねる
PARTS = """
    select of_kind, its_row, its_case, near, nth, many
    from (
        select *,
            row_number() over (partition by near order by due_by nulls last, its_case, of_kind, its_row) as nth,
            count(*) over (partition by near) as many
        from (
            select waiting.*, case
                when due_by is null then 'undated'
                when due_by < %s then 'late'
                when due_by <= %s then 'today'
                when due_by <= %s then 'week'
                else 'later'
            end as near
            from ({asked}) as waiting
        ) as placed
    ) as numbered
    where nth <= %s
    order by nth
"""
# 初めの頁の行と全体の数を一度に尋ねる
FIRST = """
    select of_kind, its_row, count(*) over () as many
    from ({asked}) as waiting
    order by due_by nulls last, its_case, of_kind, its_row
    limit %s
"""
KNOWN = 50


@dataclass
class Part:
    """What of the work is about as near: how much there is, and the first lines of it."""

    near: Nearness
    count: int
    lines: list[Work] = field(default_factory=list)

    @property
    def more(self) -> int:
        return self.count - len(self.lines)


@dataclass(frozen=True)
class Parts:
    """The work of one person by nearness; `cases` are those of its first lines, shown or not."""

    parts: list[Part]
    cases: frozenset[int]

    @property
    def count(self) -> int:
        return sum(part.count for part in self.parts)


class Queue:
    """What waits for one person, the nearest deadline first; a paginator takes it as it takes a list.

    With `near` it is only what is about as near.
    """

    def __init__(self, kinds: tuple[Waiting, ...], actor: Actor, at: datetime, *, near: Nearness | None = None) -> None:
        self.kinds, self.actor, self.at, self._near = kinds, actor, at, near

    def count(self) -> int:
        """Count the lines."""
        return self._first[0]

    @cached_property
    def _first(self) -> tuple[int, list[tuple[int, int]]]:
        """Count the lines and name the first of them, in one query."""
        if not self.kinds:
            return 0, []
        found = written.ask(FIRST, _keys, self.actor, self.at, self.kinds, self._near, after=[KNOWN])
        return (found[0][2] if found else 0), [(kind, row) for kind, row, _ in found]

    def near(self, wanted: Nearness) -> "Queue":
        """Keep only what is about as near."""
        return Queue(self.kinds, self.actor, self.at, near=wanted)

    def parts(self, *, most: int) -> Parts:
        """Divide the work by how near it is, with at most so many lines of each: one query, and one for each kind."""
        if not self.kinds:
            return Parts([], frozenset())
        today = timezone.localdate(self.at)
        days = [today, today, today + WEEK]
        found = written.ask(PARTS, _keys, self.actor, self.at, self.kinds, self._near, before=days, after=[KNOWN])
        made = self._made([(kind, row) for kind, row, _, _, nth, _ in found if nth <= most])
        parts = {near: Part(Nearness(near), many) for _, _, _, near, _, many in found}
        for kind, row, _, near, _, _ in found:
            if (kind, row) in made:
                parts[near].lines.append(made[kind, row])
        return Parts([parts[each] for each in Nearness if each in parts], frozenset(row[2] for row in found))

    def __getitem__(self, part: slice) -> list[Work]:
        """Make some of the lines: one query for each kind among them, and one for their order beyond the first."""
        count, first = self._first
        if part.stop <= KNOWN or count <= KNOWN:
            return list(self._lines(first[part]))
        keys = _keys(self.actor, self.at, self.kinds, self._near)
        keys = keys.order_by(F("due_by").asc(nulls_last=True), "its_case", "of_kind", "its_row")
        return list(self._lines([(key["of_kind"], key["its_row"]) for key in keys[part]]))

    def _lines(self, keys: list[tuple[int, int]]) -> Iterator[Work]:
        made = self._made(keys)
        return (made[key] for key in keys if key in made)

    def _made(self, found: list[tuple[int, int]]) -> dict[tuple[int, int], Work]:
        """Make the lines of some rows, in one query for each kind among them."""
        wanted = defaultdict(list)
        for kind, row in found:
            wanted[kind].append(row)
        return {
            (kind, row.pk): self.kinds[kind].line(row)
            for kind, rows in wanted.items()
            for row in self.kinds[kind].rows(self.actor, self.at).filter(pk__in=rows)
        }


def _keys(actor: Actor, at: datetime, kinds: tuple[Waiting, ...], near: Nearness | None) -> Any:
    """Name each line by its kind and its row, with its day and its case."""
    asked = near.on(timezone.localdate(at)) if near else Q()
    first, *others = (_key(kind, number, actor, at).filter(asked) for number, kind in enumerate(kinds))
    return first.union(*others, all=True)


def _key(kind: Waiting, number: int, actor: Actor, at: datetime) -> Any:
    rows = kind.rows(actor, at).order_by()
    if kind.case is None:
        due = F(kind.due) if kind.due else Value(None, output_field=DateField())
        return rows.values(of_kind=Value(number), its_row=F("pk"), due_by=due, its_case=NO_CASE)
    case = f"{kind.case}__" if kind.case else ""
    running = When(**{f"{case}state__in": OPEN_CASES}, then=F(f"{case}conclusion_deadline_date"))
    by = F(kind.due) if kind.due else Choose(running)
    return rows.values(of_kind=Value(number), its_row=F("pk"), due_by=by, its_case=F(f"{case}pk"))
