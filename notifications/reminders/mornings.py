"""The mornings of a house: on which days and at what time it reminds people."""

from datetime import date, datetime, time

from django.utils import timezone

from accounts.models import Organization
from notifications import office
from notifications.models import MailPolicy
from notifications.reminders.planning import LONGEST_CLOSURE, ONE_DAY, IsOpen


def opening(city: Organization) -> IsOpen:
    """Make the function that tells on which days (JST) the office of a house is open."""
    why_closed = office.calendar(city)
    return lambda day: not why_closed(day)


def moment(policy: MailPolicy, day: date) -> datetime:
    """Give the moment at which the morning of a day begins."""
    return timezone.make_aware(datetime.combine(day, policy.morning))


def following(policy: MailPolicy, *, at: datetime, is_open: IsOpen) -> datetime:
    """Give the first morning of an open office after a moment."""
    days = [timezone.localdate(at) + ONE_DAY * n for n in range(LONGEST_CLOSURE)]
    later = (day for day in days if moment(policy, day) > at)
    return moment(policy, next((day for day in later if is_open(day)), days[-1]))


def is_on(policy: MailPolicy, *, at: datetime) -> bool:
    """Tell whether a morning may be held at a moment: not before its hour, nor in the evening's quiet hours."""
    clock = timezone.localtime(at).time()
    ends = policy.quiet_from if policy.quiet_from > policy.morning else time.max
    return policy.morning <= clock < ends
