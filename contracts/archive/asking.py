"""What one may ask of the archive, and the conditions it comes to."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from itertools import product
from typing import Any

from django.db.models import Q

from contracts.archive.texts.finding import holding, one_of
from contracts.folding import query_keys

RANGES = {
    "concluded_date__gte": "first_date",
    "concluded_date__lte": "last_date",
    "fiscal_year__gte": "first_year",
    "fiscal_year__lte": "last_year",
    "amount__gte": "least_amount",
    "amount__lte": "most_amount",
}
CHOICES = {
    "what": "whats",
    "state": "states",
    "kind": "kinds",
    "department": "departments",
    "fiscal_year": "fiscal_years",
    "party_key": "party_keys",
}
WORDS_IN = ("title_key", "party_key", "number_key")


@dataclass(frozen=True)
class Wanted:
    """What to look for; None and what is empty leave a condition out.

    Amounts are in yen, days in Japan, fiscal years the year in which they begin, all inclusive. Of several choices,
    counterparties or numbers any will do; of several words each must be found, in the title, the counterparty or the
    number, and of several titles each in the title. None among the departments stands for what has none;
    `party_keys` are whole folded names, as the divisions give them; `called` tells [a word, the folded name of a firm
    that is read so], where the register was asked. With `inside` a word may also be found in the text
    of the documents.
    """

    first_date: date | None = None
    last_date: date | None = None
    first_year: int | None = None
    last_year: int | None = None
    least_amount: int | None = None
    most_amount: int | None = None
    parties: tuple[str, ...] = ()
    titles: tuple[str, ...] = ()
    numbers: tuple[str, ...] = ()
    words: tuple[str, ...] = ()
    whats: tuple[int, ...] = ()
    states: tuple[int, ...] = ()
    kinds: tuple[str, ...] = ()
    departments: tuple[int | None, ...] = ()
    fiscal_years: tuple[int, ...] = ()
    party_keys: tuple[str, ...] = ()
    called: tuple[tuple[str, str], ...] = ()
    inside: bool = False

    # 見つけた契約だけを見る問いでは、選ばなかった値の件数は分からない
    is_narrowed = False

    def holding(self, word: str) -> Q:
        """Return the condition that a document of an entry holds a word."""
        return holding(word)


@dataclass(frozen=True)
class Looked(Wanted):
    """What to look for, with the entries whose documents hold each word, looked for before.

    `is_narrowed` tells that a word was looked for only in entries that meet every other condition, `is_cut` that it
    was not looked for in all of these.
    """

    held: Mapping[str, Sequence[int]] = field(default_factory=dict)
    is_narrowed: bool = False
    is_cut: bool = False

    def holding(self, word: str) -> Q:
        """Return the condition that an entry is one of those that were found."""
        return one_of(self.held[word])


def conditions(wanted: Wanted, *, without: str = "") -> Q:
    """Return the question as a condition on columns of `archive_current`; `without` leaves one column's choice out."""
    return Q(is_current=True) & asked(wanted, without=without)


def asked(wanted: Wanted, *, without: str = "") -> Q:
    """Return the question as a condition on entries, whether they are still current or not."""
    found = Q()
    for lookup, name in RANGES.items():
        if (limit := getattr(wanted, name)) is not None:
            found &= Q(**{lookup: limit})
    for column, name in CHOICES.items():
        if (column != without or wanted.is_narrowed) and (chosen := getattr(wanted, name)):
            found &= _any_of(column, chosen)
    found &= _contains(["party_key"], wanted.parties) | _read_as(wanted, *wanted.parties)
    found &= _contains(["number_key"], wanted.numbers)
    for title in wanted.titles:
        found &= _contains(["title_key"], [title])
    for word in wanted.words:
        found &= _anywhere(word, wanted)
    return found


def _anywhere(word: str, wanted: Wanted) -> Q:
    """Look for a word in the names of an entry, and in the text of its documents where that is asked."""
    named = _contains(WORDS_IN, [word]) | _read_as(wanted, word)
    return named | wanted.holding(word) if wanted.inside and named else named


def _read_as(wanted: Wanted, *words: str) -> Q:
    """Ask for the firms that some of the words are the reading of; no condition when there are none."""
    keys = [key for word, key in wanted.called if word in words]
    return Q(party_key__in=keys) if keys else Q()


def _any_of(column: str, chosen: Iterable[Any]) -> Q:
    """Compare with each choice; None stands for rows that have no value."""
    values = [value for value in chosen if value is not None]
    missing = Q(**{f"{column}__isnull": True}) if None in chosen else Q()
    if not values:
        return missing
    return missing | (Q(**{column: values[0]}) if len(values) == 1 else Q(**{f"{column}__in": values}))


def _contains(columns: Iterable[str], texts: Iterable[str]) -> Q:
    """Look for any of the texts in any column, as it reads when folded; a text that is all signs is no condition."""
    found = Q()
    for text in texts:
        for key, column in product(query_keys(text), columns):
            found |= Q(**{f"{column}__contains": key})
    return found
