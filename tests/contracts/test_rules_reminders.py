"""The days of reminding, from the rules alone."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contracts import presets, rules

MARCH = (date(2026, 3, 1), date(2026, 3, 31))
TOSU, MATSUYAMA = presets.load("tosu"), presets.load("matsuyama")


def march(*days: int) -> list[date]:
    return [date(2026, 3, day) for day in days]


def own(preset, **values):
    return preset | {"reminders": preset["reminders"] | values}


def test_the_deadline_is_urged_daily_from_the_third_day_of_its_own_counting():
    # 鳥栖市は、落札の翌日から暦日で数えて五日以内
    assert rules.deadline_days(TOSU, awarded=date(2026, 3, 5), deadline=date(2026, 3, 10), within=MARCH) == march(
        8, 9, 10
    )


def test_where_office_days_are_counted_the_third_of_them_is_meant():
    # 松山市は、土日祝日を除いて七日以内。3月5日（木）の翌日から数えた三日目は 3月10日（火）
    deadline = rules.deadline(MATSUYAMA, date(2026, 3, 5))
    found = rules.deadline_days(MATSUYAMA, awarded=date(2026, 3, 5), deadline=deadline.date, within=MARCH)

    assert deadline.date == date(2026, 3, 16)
    assert found == march(10, 11, 12, 13, 14, 15, 16)


def test_a_first_day_after_the_deadline_leaves_the_deadline_alone():
    late = own(TOSU, deadline_from_day=30)

    assert rules.deadline_days(late, awarded=date(2026, 3, 5), deadline=date(2026, 3, 10), within=MARCH) == march(10)


def test_a_city_without_a_period_urges_nothing():
    usuki = presets.load("usuki")

    assert rules.deadline_days(usuki, awarded=date(2026, 3, 5), deadline=date(2026, 3, 10), within=MARCH) == []


def test_the_chief_hears_of_the_last_days_and_of_those_after_them():
    assert rules.escalation_days(TOSU, deadline=date(2026, 3, 10), within=MARCH) == march(9, 10, 11, 18, 25)
    none_before = own(TOSU, escalate_days_left=0)
    assert rules.escalation_days(none_before, deadline=date(2026, 3, 10), within=MARCH) == march(10, 11, 18, 25)


def test_who_has_not_answered_is_asked_after_some_days_and_at_intervals():
    assert rules.waiting_days(TOSU, "guarantee", since=date(2026, 3, 2), within=MARCH) == march(9, 16, 23, 30)
    assert rules.waiting_days(TOSU, "consent", since=date(2026, 3, 5), within=MARCH, until=date(2026, 3, 10)) == march(
        7, 9
    )


def test_an_end_is_announced_some_days_before_it():
    assert rules.ending_days(TOSU, "download", ends=date(2026, 3, 20), within=MARCH) == march(13, 17, 19)
    assert rules.ending_days(TOSU, "authority", ends=date(2026, 4, 10), within=MARCH) == march(11)
    assert rules.furthest_left(TOSU, "certificate") == 30


def test_rules_that_are_silent_have_the_defaults():
    silent = {key: value for key, value in TOSU.items() if key != "reminders"}

    assert rules.reminder_line(silent, "escalation") == "escalate_days_left = 1、overdue_every_days = 7"


@pytest.mark.parametrize(
    ("values", "why"),
    [
        ({"overdue_every_days": 0}, "1以上366以下の整数"),
        ({"download_days_left": []}, "1個以上の並び"),
        ({"download_days_left": [7, 7]}, "同じ日数が2度あります"),
        ({"sometimes": 3}, "「sometimes」という項目はありません"),
    ],
)
def test_days_that_make_no_sense_are_refused(values, why):
    with pytest.raises(rules.RuleError, match=why):
        rules.validate(own(TOSU, **values))


@given(
    since=st.dates(date(2020, 1, 1), date(2026, 12, 31)),
    first=st.dates(date(2025, 1, 1), date(2026, 12, 31)),
    length=st.integers(0, 40),
    after=st.integers(1, 40),
    every=st.integers(1, 40),
)
def test_a_span_cuts_the_same_days_out_of_the_whole_row(since, first, length, after, every):
    said, last = own(TOSU, guarantee_after_days=after, guarantee_every_days=every), first + timedelta(days=length)
    whole = (since + timedelta(days=days) for days in range(after, 3000, every))

    found = rules.waiting_days(said, "guarantee", since=since, within=(first, last))

    assert found == [day for day in whole if first <= day <= last]
