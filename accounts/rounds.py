"""A fair worker: every municipality with work gets one piece of it done before any of them gets its second."""

import logging
import random
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import connection
from psycopg import sql

from accounts import doorbell
from accounts.models import OrganizationKind

logger = logging.getLogger(__name__)

# 一度の呼び鈴で働き続ける長さ。これで区切るので、ほかの種類の仕事も、止まれという合図も、長くは待たない。
SHIFT_SECONDS = 2.0
WAITING = """
    select w.tenant_id, w.work, w.several from {}(%s) w
    where not exists (select from accounts_organization o where o.id = w.tenant_id and o.kind = %s)
"""


@dataclass(frozen=True)
class Turn:
    """A municipality that has work of some kind which is due: one piece, or several."""

    tenant_id: int
    work: str
    several: bool = False


def waiting(function: str, *, at: datetime) -> list[Turn]:
    """Ask a function made by `TellWhoWaits` who has work that is due; a city that has left has none."""
    with connection.cursor() as cursor:
        cursor.execute(sql.SQL(WAITING).format(sql.Identifier(function)), [at, OrganizationKind.FORMER])
        return [Turn(*row) for row in cursor.fetchall()]


def serve(task: Any, *, waiting: Callable[[], Sequence[Turn]], do: Callable[[Turn], bool]) -> None:
    """Answer the bell of a task: work in rounds until nothing is due, or the shift is over and the bell rings again.

    `do` claims and does one piece of work, and says whether there was any. Whoever finds more than one piece calls
    one more worker, who does the same: a single ring wakes as many as there is work for, and no more.
    """
    doorbell.answer(task)
    shift = _Shift(task, do)
    while turns := shift.willing(waiting()):
        shift.call_help(turns)
        # 順を混ぜるのは、同時に働く worker が同じ市に集まらないため
        worked = [shift.give(turn) for turn in random.sample(turns, len(turns))]  # nosec B311
        if shift.is_over:
            doorbell.press(task)
            return
        if not any(worked):
            return


class _Shift:
    """One worker's time at the work, from answering the bell to going home."""

    def __init__(self, task: Any, do: Callable[[Turn], bool]) -> None:
        self._task, self._do = task, do
        self._ends = time.monotonic() + SHIFT_SECONDS
        self._failed: set[tuple[int, str]] = set()
        self._has_called = False

    @property
    def is_over(self) -> bool:
        return time.monotonic() >= self._ends

    def willing(self, turns: Sequence[Turn]) -> list[Turn]:
        """Leave out what has failed in this shift: it is tried again in the next."""
        return [turn for turn in turns if (turn.tenant_id, turn.work) not in self._failed]

    def call_help(self, turns: Sequence[Turn]) -> None:
        """Wake one more worker, once, when there is more to do than one can do at a time."""
        if not self._has_called and (len(turns) > 1 or turns[0].several):
            self._has_called = True
            doorbell.press(self._task)

    def give(self, turn: Turn) -> bool:
        """Do one piece of a city's work; False when there was none left, or no time."""
        try:
            return not self.is_over and self._do(turn)
        except Exception:  # 一つの市の思わぬ誤りで、ほかの市を待たせない
            logger.exception("%s of municipality %s failed", turn.work, turn.tenant_id)
            self._failed.add((turn.tenant_id, turn.work))
            return True
