"""The morning mails that are coming, if nothing changes: to whom, and about what."""

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime

from django.utils import timezone

from accounts.actors import Actor
from accounts.models import Membership, Organization
from contracts.coming.days import Group, Matter
from contracts.coming.sources import DEPARTMENT, MINE, Span
from notifications import office
from notifications.reminders import mornings, registry
from notifications.reminders.foreseeing import foresee
from notifications.reminders.planning import ONE_DAY


@dataclass(frozen=True)
class _Letter:
    """What one address will read on a morning: how often each rule speaks in it."""

    name: str
    rules: Counter[str]

    def __str__(self) -> str:
        return "、".join(f"{registry.label(rule)} {count}件" for rule, count in self.rules.items())


def letters(actor: Actor, *, city: Organization, span: Span, whose: str, at: datetime, most: int) -> dict[date, Group]:
    """Foresee the mails of each morning of a span that has not begun at a moment, in a few queries.

    Theirs are those that reach the person, or the members of the department; else all of the city. Of each day at
    most so many are named.
    """
    today = timezone.localdate(at)
    has_begun = mornings.moment(office.policy_of(city), today) <= at
    first = max(span[0], today + ONE_DAY if has_begun else today)
    if first > span[1]:
        return {}
    is_theirs = _addresses(actor, whose)
    found: dict[date, Group] = {}
    for day, dues in foresee(city, first=first, last=span[1], on=today).items():
        mails: dict[str, _Letter] = {}
        for due in dues:
            if due.item.to and is_theirs(due.item.to):
                mails.setdefault(due.item.to, _Letter(due.item.name, Counter())).rules[due.item.rule] += 1
        if mails:
            found[day] = _group(mails, most)
    return found


def _group(mails: dict[str, _Letter], most: int) -> Group:
    named = [Matter(letter.name, "", str(letter)) for _to, letter in sorted(mails.items())[:most]]
    return Group("朝のお知らせ（予定）", "info", len(mails), named, unit="通")


def _addresses(actor: Actor, whose: str) -> Callable[[str], bool]:
    if whose == MINE:
        return lambda to: to.casefold() == actor.email.casefold()
    if whose != DEPARTMENT or actor.department_id is None:
        return lambda _to: True
    held = Membership.objects.visible_to(actor).filter(department_id=actor.department_id)
    members = {email.casefold() for email in held.values_list("user__email", flat=True)}
    return lambda to: to.casefold() in members
