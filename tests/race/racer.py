"""A racer: an operating-system process of its own, with its own connection as the application's role.

It waits at the barrier with the rows of the page already read, as a person does who is about to press a button.
"""

import time
import traceback
from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from functools import partial
from multiprocessing.connection import Connection
from multiprocessing.synchronize import Barrier
from typing import Any

PATIENCE = 60  # 秒


class Outcome(StrEnum):
    WON = "成った"
    REFUSED = "断られた"
    IDLE = "することがなかった"
    BROKEN = "壊れた"


@dataclass(frozen=True)
class Task:
    """One move of a racer: its name in moves.py, the city it acts in, the rows it is about, and a delay in seconds."""

    move: str
    tenant_id: int
    ids: dict[str, Any]
    delay: float = 0.0


@dataclass(frozen=True)
class Result:
    """How a move ended, and what the person was told."""

    outcome: Outcome
    told: str = ""


def main(track: Connection, barrier: Barrier) -> None:
    """Take tasks until there are no more (None)."""
    import django

    django.setup()
    from tests.race import batch_moves

    track.send(None)
    while (task := track.recv()) is not None:
        track.send(attempt(batch_moves.MOVES[task.move], task, start=partial(_start, barrier, task.delay)))


def _start(barrier: Barrier, delay: float) -> None:
    barrier.wait(PATIENCE)
    time.sleep(delay)


def attempt(move: Callable[..., Any], task: Task, *, start: Callable[[], object]) -> Result:
    """Make one move and tell how it ended; what is not a refusal is an error that nobody may be shown."""
    from accounts.refusals import Refusal

    try:
        done = move(task.tenant_id, start, **task.ids)
    except Refusal as refused:
        return Result(Outcome.REFUSED, str(refused))
    except Exception:  # noqa: BLE001 - 判定する側に、そのまま伝える
        return Result(Outcome.BROKEN, traceback.format_exc())
    return Result(Outcome.IDLE if done is False else Outcome.WON)
