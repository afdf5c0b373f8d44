"""How many answers there are in all, and for how much."""

from dataclasses import dataclass
from typing import Any

from django.db.models import Count, Sum


@dataclass(frozen=True)
class Total:
    """A number of entries, and the sum of their amounts in yen."""

    count: int = 0
    amount: int = 0


def total(matching: Any) -> Total:
    """Count and sum the entries of a query, exactly."""
    found = matching.aggregate(count=Count("id"), amount=Sum("amount"))
    return Total(count=found["count"], amount=int(found["amount"] or 0))
