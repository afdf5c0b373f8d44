"""On which days a municipality's office is open, by the rules in force on that day."""

from datetime import date

from accounts.models import Organization
from contracts.models import RuleSet
from contracts.rules import deadlines


def why_closed(city: Organization, day: date) -> str:
    """Say why an office is closed on a day in Japan, "" when it is open; without rules, by the nation's calendar."""
    try:
        rules = RuleSet.in_force(tenant=city, on=day).data
    except RuleSet.DoesNotExist:
        rules = {}
    return deadlines.why_closed(rules, day)
