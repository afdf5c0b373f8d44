"""The hours in which a house writes of its own accord: office days, outside its quiet hours, in Japan."""

from collections.abc import Callable
from datetime import date, datetime, time, timedelta
from functools import cache
from itertools import count

from django.utils import timezone

from accounts.models import Organization
from notifications import hooks
from notifications.models import MailPolicy

ONE_DAY = timedelta(days=1)
# 閉庁日ばかりの表でも、メールがいつまでも待たないように
LONGEST_DAYS = 31


def policy_of(tenant: Organization) -> MailPolicy:
    """Return how a house writes its mails: its own row, or the defaults."""
    own = MailPolicy.unscoped.filter(tenant=tenant).first()
    return own if own is not None else MailPolicy(tenant=tenant)


def calendar(tenant: Organization) -> Callable[[date], str]:
    """Make the calendar of an office: it says why a day in Japan is closed, "" when it is open; each day once."""
    asked = [ask(tenant) for ask in hooks.why_closed]
    return cache(lambda day: next((why for each in asked if (why := each(day))), ""))


def opens_at(tenant: Organization, at: datetime) -> datetime:
    """Return the first moment from `at` on that lies in the office hours of a house; `at` itself where it does."""
    why_closed = calendar(tenant)
    return next_open(policy_of(tenant), at, is_closed=lambda day: bool(why_closed(day)))


def next_open(policy: MailPolicy, at: datetime, *, is_closed: Callable[[date], bool]) -> datetime:
    """Return the first moment from `at` on, outside the quiet hours and on no closed day."""
    local = timezone.localtime(at)
    for days in count():
        day = local.date() + ONE_DAY * days
        if days < LONGEST_DAYS and is_closed(day):
            continue
        opens = _moment(day, policy.quiet_until)
        if at <= opens:
            return opens
        if days == 0 and at < _moment(day, policy.quiet_from):
            return at
    raise AssertionError("count() は終わらない")


def _moment(day: date, clock: time) -> datetime:
    return timezone.make_aware(datetime.combine(day, clock))
