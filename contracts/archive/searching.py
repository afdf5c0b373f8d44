"""Search the archive: ids from the covering index, then the rows of one page.

The id query filters and sorts only on columns of `archive_current`, so that row security leaves it an index-only scan.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from accounts.actors import Actor
from contracts.archive import paging
from contracts.archive.asking import Wanted, conditions
from contracts.archive.paging import NEWEST_FIRST, Order, Place
from contracts.archive.planning import plan_each
from contracts.archive.totals import Total, by_what
from contracts.models import ArchiveEntry


@dataclass(frozen=True)
class Found:
    """One page of answers, the places at its ends, and the totals over all pages by values of Archived.

    `following` is the place after which the next page begins, `preceding` the one before which the last one ended.
    """

    entries: list[ArchiveEntry] = field(default_factory=list)
    following: Place | None = None
    preceding: Place | None = None
    totals: Mapping[int, Total] = field(default_factory=dict)

    @property
    def total(self) -> Total:
        """Add up all sorts of things; the yen of a guarantee are not those of a contract."""
        return Total.of(self.totals.values())


def search(
    wanted: Wanted,
    *,
    actor: Actor,
    order: Order = NEWEST_FIRST,
    after: Place | None = None,
    before: Place | None = None,
) -> Found:
    """Find what is wanted, in an order: the page after a place, or the one that ends before it."""
    rows = matching(wanted, actor=actor)
    totals = by_what(rows)
    if before is not None:
        entries, more = _page(rows, actor=actor, order=order.turned, after=before)
        if more:
            first, last = order.place_of(entries[-1]), order.place_of(entries[0])
            return Found(entries=entries[::-1], following=last, preceding=first, totals=totals)
    # 前へ戻って初めに着いたら、半端な頁でなく初めの頁を見せる。
    entries, more = _page(rows, actor=actor, order=order, after=after)
    return Found(
        entries=entries,
        following=order.place_of(entries[-1]) if more else None,
        preceding=order.place_of(entries[0]) if entries and after is not None else None,
        totals=totals,
    )


def count(wanted: Wanted, *, actor: Actor) -> Mapping[int, Total]:
    """Count and sum what is wanted, by values of Archived."""
    return by_what(matching(wanted, actor=actor))


def matching(wanted: Wanted, *, actor: Actor) -> Any:
    """Return the query of all entries that are wanted, in no order; this transaction plans it for its own words."""
    plan_each()
    return ArchiveEntry.objects.visible_to(actor).filter(conditions(wanted))


def _page(rows: Any, *, actor: Actor, order: Order, after: Place | None) -> tuple[list[ArchiveEntry], bool]:
    size = paging.PAGE
    ids = list(order.after(rows, after).order_by(*order.columns).values_list("id", flat=True)[: size + 1])
    page = ArchiveEntry.objects.visible_to(actor).filter(pk__in=ids[:size])
    return list(page.order_by(*order.columns)), len(ids) > size
