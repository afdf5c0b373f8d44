"""Search the concluded contracts: ids from the covering index, then the rows of one page.

The id query filters and sorts only on columns of `archive_cov`, so that row security leaves it an index-only scan;
paging is by key, flat at any depth.
"""

from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db.models import Count, F, Sum
from django.db.models.fields.tuple_lookups import TupleLessThan

from accounts.actors import Actor
from contracts.folding import search_key
from contracts.models import ArchiveEntry

PAGE = 50
Place = tuple[date, int]


@dataclass(frozen=True)
class Wanted:
    """What to look for; None and empty text leave a condition out. Amounts in yen, days in Japan, all inclusive."""

    first_date: date | None = None
    last_date: date | None = None
    party: str = ""
    words: str = ""
    least_amount: int | None = None
    most_amount: int | None = None


@dataclass(frozen=True)
class Found:
    """One page of results, and how many there are in all and for how much."""

    entries: list[ArchiveEntry]
    following: Place | None
    count: int
    amount: int


def search(wanted: Wanted, *, actor: Actor, after: Place | None = None) -> Found:
    """Find concluded contracts, newest first; `after` is the place of the last row of the page before."""
    matching = _matching(wanted, actor)
    totals = matching.aggregate(count=Count("id"), amount=Sum("amount"))
    entries, more = _page(matching, actor=actor, after=after)
    last = (entries[-1].concluded_date, entries[-1].pk) if more else None
    return Found(entries=entries, following=last, count=totals["count"], amount=totals["amount"] or 0)


def _matching(wanted: Wanted, actor: Actor) -> Any:
    conditions = {
        "concluded_date__gte": wanted.first_date,
        "concluded_date__lte": wanted.last_date,
        "amount__gte": wanted.least_amount,
        "amount__lte": wanted.most_amount,
    }
    rows = ArchiveEntry.objects.visible_to(actor)
    rows = rows.filter(**{name: value for name, value in conditions.items() if value is not None})
    if wanted.party.strip():
        rows = rows.filter(party_key__contains=search_key(wanted.party))
    for word in wanted.words.split():
        rows = rows.filter(title_key__contains=search_key(word))
    return rows


def _page(matching: Any, *, actor: Actor, after: Place | None) -> tuple[list[ArchiveEntry], bool]:
    if after is not None:
        matching = matching.filter(TupleLessThan((F("concluded_date"), F("id")), after))
    ids = list(matching.order_by("-concluded_date", "-id").values_list("id", flat=True)[: PAGE + 1])
    rows = ArchiveEntry.objects.visible_to(actor).filter(pk__in=ids[:PAGE]).select_related("version__contract")
    return list(rows.order_by("-concluded_date", "-id")), len(ids) > PAGE


def write_place(place: Place) -> str:
    """Write a place in the list for an address: 2026-03-11.15."""
    return f"{place[0].isoformat()}.{place[1]}"


def read_place(text: str) -> Place | None:
    """Read a place in the list from an address; None when it is not one."""
    day, _, number = text.partition(".")
    try:
        return (date.fromisoformat(day), int(number)) if number.isascii() and len(number) < 19 else None
    except ValueError:
        return None
