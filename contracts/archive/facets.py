"""How the answers divide: by what they are, their kind, department, year, state, and the greatest counterparties.

Each is one pass over the covering index. A column's own choice is left out of its division, so that one sees what the
other choices would bring. Names that are not in the index are read from the newest entry of each part.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from django.db.models import Count, Max, Sum

from accounts.actors import Actor
from contracts.archive.asking import CHOICES, Wanted, conditions
from contracts.archive.planning import plan_each
from contracts.archive.totals import Total
from contracts.dates import fiscal_year_text
from contracts.models import Archived, ArchiveEntry, EntryState

MOST_PARTIES = 20
DIVIDED = tuple(column for column in CHOICES if column != "party_key")
NONE = "なし"
NAMED: dict[str, Callable[[Any], str]] = {
    "what": lambda value: str(Archived(value).label),
    "state": lambda value: str(EntryState(value).label),
    "fiscal_year": fiscal_year_text,
}
NAMED_BY_NEWEST = {"kind": "kind_label", "department": "department__name", "party_key": "party"}


@dataclass(frozen=True)
class Share:
    """The entries that have one value in a column; of a counterparty the value is its folded name."""

    value: Any
    label: str
    total: Total


Part = tuple[Any, int, Any, int]


def facets(wanted: Wanted, *, actor: Actor) -> Mapping[str, list[Share]]:
    """Divide what is wanted by each column of DIVIDED; years by their order, all else by how many there are."""
    plan_each()
    divided = {column: list(_divided(column, wanted, actor)) for column in DIVIDED}
    divided["fiscal_year"].sort(reverse=True)
    return _named(divided, actor=actor)


def parties(wanted: Wanted, *, actor: Actor) -> list[Share]:
    """Return the counterparties with the greatest sums, the greatest first; each as its newest entry writes it."""
    plan_each()
    rows = _divided("party_key", wanted, actor).order_by("-amount__sum", "party_key")
    return _named({"party_key": list(rows[:MOST_PARTIES])}, actor=actor)["party_key"]


def _divided(column: str, wanted: Wanted, actor: Actor) -> Any:
    rows = ArchiveEntry.objects.visible_to(actor).filter(conditions(wanted, without=column))
    return rows.order_by("-id__count", column).values_list(column).annotate(Count("id"), Sum("amount"), Max("id"))


def _named(divided: Mapping[str, list[Part]], *, actor: Actor) -> dict[str, list[Share]]:
    newest = {part[-1] for column in divided.keys() & NAMED_BY_NEWEST.keys() for part in divided[column]}
    rows = ArchiveEntry.objects.visible_to(actor).filter(pk__in=newest) if newest else ArchiveEntry.unscoped.none()
    names = {row["id"]: row for row in rows.values("id", *NAMED_BY_NEWEST.values())}
    return {
        column: [_share(part, _label(column, part, names.get(part[-1], {}))) for part in parts]
        for column, parts in divided.items()
    }


def _label(column: str, part: Part, newest: Mapping[str, str | None]) -> str:
    if column in NAMED:
        return NAMED[column](part[0])
    return newest[NAMED_BY_NEWEST[column]] or NONE


def _share(part: Part, label: str) -> Share:
    value, count, amount, _newest = part
    return Share(value=value, label=label, total=Total(count=count, amount=int(amount)))
