"""The work of one person in order of urgency, counted and cut in the database: a page costs the same at any depth."""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from typing import Any

from django.db.models import BigIntegerField, DateField, F, Value, When
from django.db.models import Case as Choose

from contracts.hooks import Waiting, Work
from contracts.states import OPEN_CASES

NO_CASE = Value(0, output_field=BigIntegerField())


class Queue:
    """What waits for one person, the nearest deadline first; a paginator takes it as it takes a list."""

    def __init__(self, kinds: Sequence[Waiting]) -> None:
        self.kinds = kinds

    def count(self) -> int:
        """Count the lines, in one query."""
        return int(self._keys().count()) if self.kinds else 0

    def __getitem__(self, part: slice) -> list[Work]:
        """Make some of the lines: one query for their order, and one for each kind among them."""
        return list(self._lines(self._keys()[part])) if self.kinds else []

    def _keys(self) -> Any:
        """Name each line by its kind and its row, the nearest deadline first and those without one last."""
        first, *others = (_key(kind, number) for number, kind in enumerate(self.kinds))
        return first.union(*others, all=True).order_by(
            F("due_by").asc(nulls_last=True), "its_case", "of_kind", "its_row"
        )

    def _lines(self, keys: Any) -> Iterator[Work]:
        found = [(key["of_kind"], key["its_row"]) for key in keys]
        wanted = defaultdict(list)
        for kind, row in found:
            wanted[kind].append(row)
        made = {
            (kind, row.pk): self.kinds[kind].line(row)
            for kind, rows in wanted.items()
            for row in self.kinds[kind].rows.filter(pk__in=rows)
        }
        return (made[key] for key in found if key in made)


def _key(kind: Waiting, number: int) -> Any:
    if kind.case is None:
        due = F(kind.due) if kind.due else Value(None, output_field=DateField())
        return kind.rows.order_by().values(of_kind=Value(number), its_row=F("pk"), due_by=due, its_case=NO_CASE)
    case = f"{kind.case}__" if kind.case else ""
    running = When(**{f"{case}state__in": OPEN_CASES}, then=F(f"{case}conclusion_deadline_date"))
    by = F(kind.due) if kind.due else Choose(running)
    return kind.rows.order_by().values(of_kind=Value(number), its_row=F("pk"), due_by=by, its_case=F(f"{case}pk"))
