"""Write the answers of a search as rows of a table, however many there are."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from accounts import tenancy
from accounts.actors import Actor
from contracts.archive.asking import Wanted
from contracts.archive.paging import NEWEST_FIRST, Order, Place
from contracts.archive.searching import matching
from contracts.models import Archived, EntryState
from contracts.streams.cells import Cell

AT_A_TIME = 2_000
Row = tuple[Cell, ...]


@dataclass(frozen=True)
class Column:
    """A column of the table: its heading, the column of the entry, and the names of its values where they are codes."""

    heading: str
    source: str
    names: Mapping[int, str] | None = None


COLUMNS = {
    "what": Column("種別", "what", dict(Archived.choices)),
    "state": Column("状態", "state", dict(EntryState.choices)),
    "date": Column("契約日", "concluded_date"),
    "year": Column("年度", "fiscal_year"),
    "kind": Column("区分", "kind_label"),
    "number": Column("工事番号", "number"),
    "title": Column("件名", "title"),
    "party": Column("取引先", "party"),
    "amount": Column("金額（円）", "amount"),
    "department": Column("担当課", "department__name"),
}
ALL = tuple(COLUMNS)


def heading(columns: Sequence[str] = ALL) -> tuple[str, ...]:
    """Name the columns for the first line of a file."""
    return tuple(COLUMNS[name].heading for name in columns)


def rows(wanted: Wanted, *, actor: Actor, order: Order = NEWEST_FIRST, columns: Sequence[str] = ALL) -> Iterator[Row]:
    """Yield one row of the columns (names of COLUMNS) for each answer, in an order; money in yen, days in Japan.

    The rows are read by key in short transactions of their own: a slow download holds neither a transaction open nor
    more than a handful of rows, and one that is given up leaves nothing behind.
    """
    chosen = [COLUMNS[name] for name in columns]
    coded = [(at, column.names) for at, column in enumerate(chosen) if column.names]
    place: Place | None = None
    while True:
        batch = _batch(wanted, chosen, actor=actor, order=order, after=place)
        for entry in batch:
            row = list(entry[: len(chosen)])
            for at, names in coded:
                row[at] = names[row[at]]
            yield tuple(row)
        if len(batch) < AT_A_TIME:
            return
        place = (batch[-1][-2], batch[-1][-1])


def _batch(
    wanted: Wanted, columns: list[Column], *, actor: Actor, order: Order, after: Place | None
) -> list[tuple[Any, ...]]:
    with tenancy.acting_for(actor.tenant_id):
        found = order.after(matching(wanted, actor=actor), after).order_by(*order.columns)
        return list(found.values_list(*(column.source for column in columns), order.column, "id")[:AT_A_TIME])
