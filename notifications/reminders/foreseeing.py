"""What the mornings to come will tell, if nothing changes: for the calendar, and for whoever asks about a day."""

from collections import defaultdict
from datetime import date, datetime

from django.utils import timezone

from accounts.models import Organization
from notifications import office
from notifications.reminders import mornings, registry
from notifications.reminders.planning import IsOpen, sending_day, told_on
from notifications.reminders.registry import Asking, Item
from notifications.reminders.sweeping import Due, Morning, plan, told_already


def forecast(city: Organization, *, on: date, at: datetime) -> Morning:
    """Tell what the morning of a day (JST) says to whom, by the roles of that day, as things stand at a moment."""
    begins = mornings.moment(office.policy_of(city), on)
    return plan(city, on=on, at=max(at, begins), only_that_day=on > timezone.localdate(at))


def foresee(city: Organization, *, first: date, last: date, on: date) -> dict[date, list[Due]]:
    """Tell what the mornings from one day to another (JST) will say, by the roles of the day `on`, in a few queries.

    What was told already is left out; on a closed day there is no morning.
    """
    is_open = mornings.opening(city)
    asking = Asking(city, on, planned=told_on(first, last, is_open=is_open))
    policy = office.policy_of(city)
    told, found = told_already(asking), defaultdict(list)
    for item in registry.find(asking):
        for day, planned in _mornings_of(item, is_open=is_open).items():
            holds = item.holds(at=mornings.moment(policy, day))
            if first <= day <= last and holds and (*item.key, planned) not in told:
                found[day].append(Due(item, planned))
    return dict(found)


def _mornings_of(item: Item, *, is_open: IsOpen) -> dict[date, date]:
    """Map each morning that tells something of an item to the planned day that it tells, the latest of them."""
    return {sending_day(day, shift=item.shift, is_open=is_open): day for day in sorted(item.planned)}
