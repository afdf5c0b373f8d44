"""On which days the city halls are closed, written out by hand from 国民の祝日に関する法律 for the years played."""

from datetime import date, timedelta

ONE = timedelta(days=1)
HOLIDAYS = {
    2027: "01-01 01-11 02-11 02-23 03-21 03-22 04-29 05-03 05-04 05-05 07-19 08-11 09-20 09-23 10-11 11-03 11-23",
    2028: "01-01 01-10 02-11 02-23 03-20 04-29 05-03 05-04 05-05 07-17 08-11 09-18 09-22 10-09 11-03 11-23",
}
YEAR_END = "12-29 12-30 12-31 01-01 01-02 01-03"
CLOSED = {
    date.fromisoformat(f"{year}-{day}") for year, days in HOLIDAYS.items() for day in f"{days} {YEAR_END}".split()
}


def is_open(day: date) -> bool:
    assert day.year in HOLIDAYS, day
    return day.isoweekday() <= 5 and day not in CLOSED


def last_open(day: date) -> date:
    """Find the last office day up to a day."""
    while not is_open(day):
        day -= ONE
    return day


def next_open(day: date) -> date:
    """Find the first office day from a day on."""
    while not is_open(day):
        day += ONE
    return day


def counted(awarded: date, nth: int, *, inclusive: bool, only_open: bool) -> date:
    """Find the n-th day of a period that begins on the day of the award, or on the day after it."""
    day = awarded if inclusive else awarded + ONE
    while True:
        if is_open(day) or not only_open:
            nth -= 1
        if nth == 0:
            return day
        day += ONE
