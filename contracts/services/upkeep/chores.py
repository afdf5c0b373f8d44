"""The rows of upkeep: take the one that has been due longest, and put it back with its reason when it must wait."""

from datetime import datetime, timedelta
from typing import TypeVar

from django.db.models import QuerySet

from contracts.models.upkeep import Upkeep

# どの時刻認証局も締切いっぱいまで黙り、大きな文書を検証しても、これより短い
LEASE = timedelta(minutes=10)
BACK_OFF = tuple(timedelta(minutes=minutes) for minutes in (1, 5, 15, 60, 360, 1440))
_Chore = TypeVar("_Chore", bound=Upkeep)


def take(rows: "QuerySet[_Chore]", *, at: datetime) -> _Chore | None:
    """Take the row of the municipality in view that has been due longest; None when none is.

    A worker may die at any instruction after this: the lease runs out, and the next one starts again.
    """
    due = rows.select_for_update(of=("self",), no_key=True, skip_locked=True).filter(due_at__lte=at)
    chore = due.order_by("due_at", "pk").first()
    if chore is None:
        return None
    chore.fence += 1
    chore.due_at = at + LEASE
    chore.save(update_fields=["fence", "due_at"])
    return chore


def held(chore: _Chore) -> _Chore | None:
    """Lock a row again, if it is still in the hands of whoever took it."""
    rows = type(chore).unscoped.select_for_update(no_key=True)
    return rows.filter(pk=chore.pk, fence=chore.fence).first()  # type: ignore[no-any-return]


def put_back(chore: Upkeep, *, reason: str, at: datetime) -> bool:
    """Keep the reason and try again later; False when the row is in other hands by now."""
    row = held(chore)
    if row is None:
        return False
    row.failures += 1
    row.due_at = at + BACK_OFF[min(row.failures, len(BACK_OFF)) - 1]
    row.last_error = reason[:500]
    row.save(update_fields=["failures", "due_at", "last_error"])
    return True
