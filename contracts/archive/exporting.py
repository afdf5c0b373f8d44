"""Write the answers of a search as rows of a table, however many there are."""

from collections.abc import Iterator
from typing import Any

from accounts import tenancy
from accounts.actors import Actor
from contracts.archive.asking import Wanted
from contracts.archive.paging import NEWEST_FIRST, Order, Place
from contracts.archive.searching import matching
from contracts.models import Archived, EntryState
from contracts.streams.cells import Cell

AT_A_TIME = 2_000
HEADING = ("種別", "状態", "契約日", "年度", "区分", "工事番号", "件名", "取引先", "金額（円）", "担当課")
COLUMNS = (
    *("id", "what", "state", "concluded_date", "fiscal_year", "kind_label", "number", "title", "party", "amount"),
    "department__name",
)
KINDS, STATES = dict(Archived.choices), dict(EntryState.choices)
Row = tuple[Cell, ...]


def rows(wanted: Wanted, *, actor: Actor, order: Order = NEWEST_FIRST) -> Iterator[Row]:
    """Yield one row under HEADING for each answer, in an order; money in yen, days in Japan.

    The rows are read by key in short transactions of their own: a slow download holds neither a transaction open nor
    more than a handful of rows.
    """
    place: Place | None = None
    while True:
        batch = _batch(wanted, actor=actor, order=order, after=place)
        for entry in batch:
            yield _row(*entry[1:-1])
        if len(batch) < AT_A_TIME:
            return
        place = (batch[-1][-1], batch[-1][0])


def _batch(wanted: Wanted, *, actor: Actor, order: Order, after: Place | None) -> list[tuple[Any, ...]]:
    with tenancy.acting_for(actor.tenant_id):
        found = order.after(matching(wanted, actor=actor), after).order_by(*order.columns)
        return list(found.values_list(*COLUMNS, order.column)[:AT_A_TIME])


def _row(what: int, state: int, *rest: Cell) -> Row:
    return (KINDS[what], STATES[state], *rest)
