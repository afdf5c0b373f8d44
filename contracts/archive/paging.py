"""The order of the answers, and the place in it where a page ends: by key, flat at any depth."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db.models import F
from django.db.models.fields.tuple_lookups import TupleGreaterThan, TupleLessThan

PAGE = 50
Place = tuple[Any, int]

COLUMNS = {
    "date": "concluded_date",
    "amount": "amount",
    "party": "party_key",
    "title": "title_key",
    "number": "number_key",
}
LONGEST_KEY = 200
MOST_DIGITS = 18


@dataclass(frozen=True)
class Order:
    """By which column, a name of COLUMNS, and whether the greatest comes first."""

    by: str = "date"
    descending: bool = True

    @property
    def column(self) -> str:
        return COLUMNS[self.by]

    @property
    def columns(self) -> tuple[str, str]:
        """Name the columns to sort by; the number of the row settles what is equal."""
        sign = "-" if self.descending else ""
        return f"{sign}{self.column}", f"{sign}id"

    @property
    def turned(self) -> "Order":
        """The same order walked the other way, to read the page before a place."""
        return Order(by=self.by, descending=not self.descending)

    def after(self, rows: Any, place: Place | None) -> Any:
        """Keep the rows that follow a place; all where there is none."""
        if place is None:
            return rows
        comparison = TupleLessThan if self.descending else TupleGreaterThan
        return rows.filter(comparison((F(self.column), F("id")), place))

    def place_of(self, entry: Any) -> Place:
        """Tell the place of a row."""
        return getattr(entry, self.column), entry.pk


NEWEST_FIRST = Order()


def read_order(text: str) -> Order:
    """Read an order from an address, 「amount」 or 「-amount」; the newest first when it is none."""
    name = text.removeprefix("-")
    return Order(by=name, descending=text.startswith("-")) if name in COLUMNS else NEWEST_FIRST


def write_order(order: Order) -> str:
    """Write an order for an address: 「-amount」 begins with the greatest."""
    return f"-{order.by}" if order.descending else order.by


def write_place(place: Place) -> str:
    """Write a place in the list for an address: 2026-03-11.15."""
    value, number = place
    return f"{value.isoformat() if isinstance(value, date) else value}.{number}"


def read_place(text: str, order: Order = NEWEST_FIRST) -> Place | None:
    """Read a place in the list from an address; None when it is not one of this order."""
    value, _, number = text.rpartition(".")
    try:
        return READ.get(order.by, _key)(value), _count(number)
    except ValueError:
        return None


def _count(text: str) -> int:
    if not (text.isascii() and text.isdecimal() and len(text) <= MOST_DIGITS):
        raise ValueError(text)
    return int(text)


def _yen(text: str) -> int:
    return -_count(text[1:]) if text.startswith("-") else _count(text)


def _key(text: str) -> str:
    if "\x00" in text or len(text) > LONGEST_KEY:
        raise ValueError(text)
    return text


READ: dict[str, Callable[[str], Any]] = {"date": date.fromisoformat, "amount": _yen}
