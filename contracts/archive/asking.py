"""What one may ask of the archive, and the conditions it comes to."""

from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db.models import Q

from contracts.folding import search_key

RANGES = {
    "concluded_date__gte": "first_date",
    "concluded_date__lte": "last_date",
    "amount__gte": "least_amount",
    "amount__lte": "most_amount",
}
CHOICES = {
    "what": "whats",
    "state": "states",
    "kind": "kinds",
    "department": "departments",
    "fiscal_year": "fiscal_years",
}


@dataclass(frozen=True)
class Wanted:
    """What to look for; None and what is empty leave a condition out.

    Amounts are in yen, days in Japan, all inclusive. Of several choices any will do; of several words, each must be
    found in the title or in the number.
    """

    first_date: date | None = None
    last_date: date | None = None
    party: str = ""
    words: str = ""
    number: str = ""
    least_amount: int | None = None
    most_amount: int | None = None
    whats: tuple[int, ...] = ()
    states: tuple[int, ...] = ()
    kinds: tuple[str, ...] = ()
    departments: tuple[int, ...] = ()
    fiscal_years: tuple[int, ...] = ()


def conditions(wanted: Wanted, *, without: str = "") -> Q:
    """Return the question as a condition on columns of `archive_current`; `without` leaves one column's choice out."""
    found = Q(is_current=True)
    for lookup, name in RANGES.items():
        if (limit := getattr(wanted, name)) is not None:
            found &= Q(**{lookup: limit})
    for column, name in CHOICES.items():
        if column != without and (chosen := getattr(wanted, name)):
            found &= _any_of(column, chosen)
    found &= _contains("party_key", wanted.party) & _contains("number_key", wanted.number)
    for word in wanted.words.split():
        found &= _contains("title_key", word) | _contains("number_key", word)
    return found


def _any_of(column: str, chosen: tuple[Any, ...]) -> Q:
    """Compare with each choice."""
    return Q(**{column: chosen[0]}) if len(chosen) == 1 else Q(**{f"{column}__in": chosen})


def _contains(column: str, text: str) -> Q:
    """Look for a text as it reads when folded; a text that is all signs is no condition."""
    key = search_key(text)
    return Q(**{f"{column}__contains": key}) if key else Q()
