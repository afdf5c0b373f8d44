"""On which morning a planned day is told, and which planned days a morning tells. Days are those of Japan."""

from collections.abc import Callable, Iterable
from datetime import date, timedelta
from enum import StrEnum

ONE_DAY = timedelta(days=1)
# これより前の朝に知らせるはずだったことは、知らせそびれたままにする。止まっていた間の分を、まとめて浴びせない
LOOK_BACK = timedelta(days=7)
# 閉庁日ばかりの表でも、数えるのを必ず終える
LONGEST_CLOSURE = 366

Span = tuple[date, date]
IsOpen = Callable[[date], bool]


class Shift(StrEnum):
    """Where a planned day goes on which the office is closed."""

    BEFORE = "before"
    AFTER = "after"


def sending_day(planned: date, *, shift: Shift, is_open: IsOpen) -> date:
    """Return the office day on whose morning a planned day is told: that day, or the nearest one before or after."""
    step = -ONE_DAY if shift is Shift.BEFORE else ONE_DAY
    days = (planned + step * n for n in range(LONGEST_CLOSURE))
    return next((day for day in days if is_open(day)), planned)


def told_on(first: date, last: date, *, is_open: IsOpen) -> Span:
    """Give the planned days that the mornings from `first` to `last` may tell, whichever way they shift."""
    closed_since = sending_day(first - LOOK_BACK, shift=Shift.BEFORE, is_open=is_open)
    closed_until = sending_day(last + ONE_DAY, shift=Shift.AFTER, is_open=is_open)
    return closed_since + ONE_DAY, closed_until - ONE_DAY


def due(planned: Iterable[date], *, on: date, shift: Shift, is_open: IsOpen) -> date | None:
    """Return the planned day that a morning tells: the latest whose sending day has come, within the last week.

    None when there is none. Whether it was told before, the caller knows.
    """
    for day in sorted(planned, reverse=True):
        sent = sending_day(day, shift=shift, is_open=is_open)
        if sent <= on:
            return day if sent > on - LOOK_BACK else None
    return None
