"""What a machine decides at night or on a holiday waits for the office."""

from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest

from accounts.tenancy import acting_for
from contracts.models import RuleSet
from notifications import hooks, office, table
from notifications.models import MailPolicy
from notifications.table import Audience, Telling, Timing
from tests.notifications.conftest import AT

JST = ZoneInfo("Asia/Tokyo")
HOLIDAYS = {date(2026, 3, 20), *(date(2025, 12, 29) + timedelta(days=n) for n in range(6))}


def jst(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=JST)


def is_closed(day: date) -> bool:
    return day.weekday() >= 5 or day in HOLIDAYS


@pytest.mark.parametrize(
    ("decided", "leaves"),
    [
        ("2026-03-05T10:20", "2026-03-05T10:20"),
        ("2026-03-05T08:00", "2026-03-05T08:00"),
        ("2026-03-05T18:29:59", "2026-03-05T18:29:59"),
        ("2026-03-05T07:59:59", "2026-03-05T08:00"),
        ("2026-03-05T00:00", "2026-03-05T08:00"),
        ("2026-03-05T18:30", "2026-03-06T08:00"),
        ("2026-03-06T23:59", "2026-03-09T08:00"),
        ("2026-03-07T12:00", "2026-03-09T08:00"),
        ("2026-03-19T20:00", "2026-03-23T08:00"),
        ("2025-12-26T18:30", "2026-01-05T08:00"),
        ("2028-02-28T19:00", "2028-02-29T08:00"),
    ],
)
def test_a_mail_leaves_in_the_next_office_hours(decided, leaves):
    assert office.next_open(MailPolicy(), jst(decided), is_closed=is_closed) == jst(leaves)


def test_the_hours_are_those_of_the_city():
    policy = MailPolicy(quiet_until=time(9, 30), quiet_from=time(16))

    assert office.next_open(policy, jst("2026-03-05T08:30"), is_closed=is_closed) == jst("2026-03-05T09:30")
    assert office.next_open(policy, jst("2026-03-05T16:00"), is_closed=is_closed) == jst("2026-03-06T09:30")


def test_an_office_that_never_opens_delays_no_mail_for_ever():
    leaves = office.next_open(MailPolicy(), jst("2026-03-05T20:00"), is_closed=lambda day: True)

    assert leaves - jst("2026-03-05T20:00") < timedelta(days=32)


@pytest.fixture
def at_night(enqueue, reload, monkeypatch):
    """Queue a mail that a machine decided on a Friday night, and tell when it will leave."""

    def leaves(timing: Timing) -> datetime:
        telling = Telling("invitation", event="期限切れ", audience=(Audience.FIRM,), why="試しに", timing=timing)
        monkeypatch.setitem(table._table, telling.template, telling)
        return reload(enqueue(key=timing, at=jst("2026-03-06T22:00"))).next_attempt_at

    return leaves


def test_only_what_can_wait_waits_for_the_office(at_night):
    assert at_night(Timing.OFFICE_HOURS) == jst("2026-03-09T08:00")
    assert at_night(Timing.AT_ONCE) == jst("2026-03-06T22:00")


def test_the_office_is_closed_on_the_days_of_the_citys_own_rules(at_night, city):
    with acting_for(city.pk):
        MailPolicy.unscoped.create(tenant=city, quiet_until=time(8, 45))
        closed = {"deadline": {"local_closed_days": ["03-09"]}}
        RuleSet.unscoped.create(tenant=city, number=1, name="試し", effective_date=date(2026, 1, 1), data=closed)

    assert at_night(Timing.OFFICE_HOURS) == jst("2026-03-10T08:45")


def test_every_app_that_knows_closed_days_is_asked(city, monkeypatch):
    monkeypatch.setattr(hooks, "why_closed", [lambda house: lambda day: "", lambda house: lambda day: "停電"])

    assert office.calendar(city)(AT.date()) == "停電"
