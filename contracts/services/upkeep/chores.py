"""The rows of upkeep: take the one that has been due longest, and put it back with its reason when it must wait."""

import logging
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import TypeVar

from django.db.models import QuerySet

from accounts import tenancy
from accounts.refusals import Refusal
from contracts.models.upkeep import Upkeep
from contracts.reading import RevisionDamaged
from contracts.services.upkeep.proof import Unproven
from signing.refusals import SealingRefused, SealingUnavailable

logger = logging.getLogger(__name__)

# どの時刻認証局も締切いっぱいまで黙り、大きな文書を検証しても、これより短い
LEASE = timedelta(minutes=10)
BACK_OFF = tuple(timedelta(minutes=minutes) for minutes in (1, 5, 15, 60, 360, 1440))
# 断りの文が、そのまま理由になるもの
KNOWN = (SealingUnavailable, SealingRefused, RevisionDamaged, Refusal, Unproven)
_Chore = TypeVar("_Chore", bound=Upkeep)


def do_next(
    rows: "QuerySet[_Chore]",
    act: Callable[[_Chore], None],
    *,
    tenant_id: int,
    at: datetime,
    trouble: str,
    postponed: Callable[[_Chore, str], None] = lambda _chore, _reason: None,
) -> bool:
    """Do the row of a municipality that has been due longest, with no row locked; False when none is.

    Whatever stops it is kept as the reason (a failure nobody foresaw as `trouble`), and it is tried again later;
    `postponed` is told in the same transaction. A worker may die anywhere in here: the lease runs out, and the next
    one starts again from the rows.
    """
    with tenancy.acting_for(tenant_id):
        chore = take(rows, at=at)
    if chore is None:
        return False
    try:
        act(chore)
    except KNOWN as known:
        reason = str(known)
    except Exception:  # 何が起きても、仕事を理由とともに戻し、間を置いてやり直す
        logger.exception("%s %s", type(chore).__name__, chore.pk)
        reason = trouble
    else:
        return True
    with tenancy.acting_for(tenant_id):
        if put_back(chore, reason=reason, at=at):
            postponed(chore, reason)
    return True


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
