"""Whole years by the calendar."""

from calendar import monthrange
from datetime import date, timedelta


def last_day(starts: date, years: int) -> date:
    """Count a period of whole years by the calendar (民法143条): to the day before the corresponding day."""
    year = starts.year + years
    if starts.day > monthrange(year, starts.month)[1]:
        # 応当する日（2月29日）がない年は、その月の末日に満了する。
        return date(year, starts.month, monthrange(year, starts.month)[1])
    return starts.replace(year=year) - timedelta(days=1)
