"""The days of a morning, without any database: which planned day is told when."""

from datetime import date, timedelta

from hypothesis import given
from hypothesis import strategies as st

from notifications.reminders.planning import LOOK_BACK, ONE_DAY, Shift, due, sending_day, told_on

# 2026-03-06 は金曜日
FRIDAY, SATURDAY, SUNDAY, MONDAY = (date(2026, 3, day) for day in (6, 7, 8, 9))


def weekdays(day: date) -> bool:
    return day.weekday() < 5


def never(_day: date) -> bool:
    return False


def test_a_planned_day_on_which_the_office_is_open_is_told_on_its_own_morning():
    assert sending_day(FRIDAY, shift=Shift.BEFORE, is_open=weekdays) == FRIDAY
    assert sending_day(FRIDAY, shift=Shift.AFTER, is_open=weekdays) == FRIDAY


def test_a_closed_day_is_told_before_or_after_it():
    assert {sending_day(day, shift=Shift.BEFORE, is_open=weekdays) for day in (SATURDAY, SUNDAY)} == {FRIDAY}
    assert {sending_day(day, shift=Shift.AFTER, is_open=weekdays) for day in (SATURDAY, SUNDAY)} == {MONDAY}


def test_an_office_that_never_opens_does_not_keep_anyone_counting():
    assert sending_day(FRIDAY, shift=Shift.AFTER, is_open=never) == FRIDAY


def test_of_several_planned_days_only_the_latest_is_told():
    days = [FRIDAY - ONE_DAY, FRIDAY, SATURDAY, SUNDAY, MONDAY]

    assert due(days, on=FRIDAY, shift=Shift.BEFORE, is_open=weekdays) == SUNDAY
    assert due(days, on=MONDAY, shift=Shift.AFTER, is_open=weekdays) == MONDAY


def test_what_is_still_to_come_is_not_told():
    assert due([MONDAY], on=FRIDAY, shift=Shift.BEFORE, is_open=weekdays) is None
    assert due([SATURDAY], on=FRIDAY, shift=Shift.AFTER, is_open=weekdays) is None


def test_what_should_have_been_told_a_week_ago_is_left_alone():
    assert due([FRIDAY], on=FRIDAY + LOOK_BACK - ONE_DAY, shift=Shift.AFTER, is_open=weekdays) == FRIDAY
    assert due([FRIDAY], on=FRIDAY + LOOK_BACK, shift=Shift.AFTER, is_open=weekdays) is None


days = st.dates(date(2026, 1, 1), date(2026, 12, 31))


@given(planned=days, on=days, shift=st.sampled_from(Shift), closed=st.sets(days, max_size=60))
def test_a_morning_asks_for_every_day_that_it_may_tell(planned, on, shift, closed):
    def is_open(day: date) -> bool:
        return weekdays(day) and day not in closed

    first, last = told_on(on, on, is_open=is_open)

    told = due([planned], on=on, shift=shift, is_open=is_open)
    if is_open(on) and told:
        assert first <= planned <= last
        assert on - timedelta(days=7) < sending_day(planned, shift=shift, is_open=is_open) <= on
