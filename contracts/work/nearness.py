"""How near a deadline is, in the words of the first page and the inbox."""

from datetime import date, timedelta

from django.db.models import Q, TextChoices

WEEK = timedelta(days=7)


class Nearness(TextChoices):
    """The parts of the work from the most pressing to what has no day."""

    LATE = "late", "期限を過ぎています"
    TODAY = "today", "今日まで"
    WEEK = "week", "あと7日以内"
    LATER = "later", "それより先"
    UNDATED = "undated", "期限の定めなし"

    def on(self, today: date) -> Q:
        """Ask for what is that near on a day (JST), by `due_by`."""
        asked = {
            Nearness.LATE: Q(due_by__lt=today),
            Nearness.TODAY: Q(due_by=today),
            Nearness.WEEK: Q(due_by__gt=today, due_by__lte=today + WEEK),
            Nearness.LATER: Q(due_by__gt=today + WEEK),
            Nearness.UNDATED: Q(due_by=None),
        }
        return asked[self]


def of_days(days_left: int | None) -> Nearness:
    """Name how near something with so many days left is; None where nothing runs."""
    if days_left is None:
        return Nearness.UNDATED
    if days_left <= 0:
        return Nearness.TODAY if days_left == 0 else Nearness.LATE
    return Nearness.WEEK if days_left <= WEEK.days else Nearness.LATER
