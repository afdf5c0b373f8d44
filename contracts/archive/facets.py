"""How the answers divide: by what they are, their kind, department, year, state, and the greatest counterparties.

Each is one pass over the covering index. A column's own choice is left out of its division, so that one sees what the
other choices would bring.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.db.models import Count, Sum

from accounts.actors import Actor
from contracts.archive.asking import CHOICES, Wanted, conditions
from contracts.archive.totals import Total
from contracts.models import ArchiveEntry

MOST_PARTIES = 20


@dataclass(frozen=True)
class Share:
    """The entries that have one value in a column; of a counterparty the value is its folded name."""

    value: Any
    total: Total


def facets(wanted: Wanted, *, actor: Actor) -> Mapping[str, list[Share]]:
    """Divide what is wanted by each column of CHOICES."""
    return {column: list(map(_share, _divided(column, wanted, actor))) for column in CHOICES}


def parties(wanted: Wanted, *, actor: Actor) -> list[Share]:
    """Return the counterparties with the greatest sums, the greatest first, by folded name."""
    rows = _divided("party_key", wanted, actor).order_by("-amount__sum", "party_key")
    return list(map(_share, rows[:MOST_PARTIES]))


def _divided(column: str, wanted: Wanted, actor: Actor) -> Any:
    rows = ArchiveEntry.objects.visible_to(actor).filter(conditions(wanted, without=column))
    return rows.order_by("-id__count", column).values_list(column).annotate(Count("id"), Sum("amount"))


def _share(row: tuple[Any, int, Any]) -> Share:
    value, count, amount = row
    return Share(value=value, total=Total(count=count, amount=int(amount)))
