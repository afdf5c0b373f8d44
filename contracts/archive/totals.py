"""How many answers there are in all, and for how much: of each sort of thing, for their yen do not add up as one."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.db.models import Count, Sum


@dataclass(frozen=True)
class Total:
    """A number of entries, and the sum of their amounts in yen."""

    count: int = 0
    amount: int = 0

    @staticmethod
    def of(totals: Iterable["Total"]) -> "Total":
        """Add totals up."""
        listed = list(totals)
        return Total(count=sum(each.count for each in listed), amount=sum(each.amount for each in listed))


def by_what(matching: Any) -> dict[int, Total]:
    """Count and sum the entries of a query exactly, by the values of Archived that occur, in one pass."""
    rows = matching.order_by("what").values_list("what").annotate(Count("id"), Sum("amount"))
    return {what: Total(count=count, amount=int(amount)) for what, count, amount in rows}
