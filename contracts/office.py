"""On which days a municipality's office is open, by the rules in force on that day."""

from collections.abc import Callable
from datetime import date

from accounts.models import Organization
from contracts.models import RuleSet
from contracts.rules import deadlines


def why_closed(city: Organization) -> Callable[[date], str]:
    """Read a city's closed days, and say of any day in Japan why the office is closed, "" when it is open.

    Before the first rules, and for a house without any, the nation's calendar holds.
    """
    rows = RuleSet.unscoped.filter(tenant=city).order_by("-effective_date", "-number")
    versions = list(rows.values_list("effective_date", "data__deadline"))

    def why(day: date) -> str:
        in_force = next((period for since, period in versions if since <= day), None)
        return deadlines.why_closed({"deadline": in_force or {}}, day)

    return why
