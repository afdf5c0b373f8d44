"""問いを順に尋ね、SQL の時間と、全体の時間を分けて取る。"""

import itertools
import time
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from math import ceil
from typing import Any

from django.db import connections

ALIASES = ("default", "ops")


@dataclass
class Taken:
    """Milliseconds of each question: in SQL, and from the call to the answer."""

    sql: list[float] = field(default_factory=list)
    whole: list[float] = field(default_factory=list)


class Clock:
    """Add up the time that the statements of one question take, from sending them to having their rows."""

    def __init__(self) -> None:
        self.seconds = 0.0

    def __call__(self, execute: Any, *statement: Any) -> Any:
        began = time.perf_counter()
        try:
            return execute(*statement)
        finally:
            self.seconds += time.perf_counter() - began


def ask(works: Sequence[Callable[[], object]], *, rounds: int, patience: float) -> Taken:
    """Do each work once unmeasured, then in `rounds` rounds; either part ends after so many seconds."""
    taken = Taken()
    for turns in (1, rounds):
        taken, ends = Taken(), time.monotonic() + patience
        for work in itertools.chain.from_iterable(itertools.repeat(works, turns)):
            sql, whole = _once(work)
            taken.sql.append(sql)
            taken.whole.append(whole)
            if time.monotonic() > ends:
                break
    return taken


def percentile(taken: Sequence[float], share: float) -> float:
    """Return the smallest value that so large a share does not exceed, in milliseconds."""
    ordered = sorted(taken)
    return round(ordered[max(0, ceil(round(len(ordered) * share, 6)) - 1)], 2)


def _once(work: Callable[[], object]) -> tuple[float, float]:
    clock = Clock()
    with ExitStack() as wrapped:
        for alias in ALIASES:
            wrapped.enter_context(connections[alias].execute_wrapper(clock))
        began = time.perf_counter()
        work()
        whole = time.perf_counter() - began
    return clock.seconds * 1000, whole * 1000
