"""The deadline of a conclusion: who hears of it, on which mornings."""

from datetime import date, timedelta

import pytest

from accounts.models import Department, Membership, Role
from contracts.models import Case, ContractVersion
from contracts.states import CaseState, VersionState
from tests import factories
from tests.contracts.reminding import scene

pytestmark = pytest.mark.django_db
# 2026-03-05（木）の落札。鳥栖市の期限は、翌日から数えて五日目の 3月10日（火）
AWARDED, DEADLINE = date(2026, 3, 5), date(2026, 3, 10)


def days(first: date, last: date) -> list[date]:
    return [first + timedelta(days=n) for n in range((last - first).days + 1)]


@pytest.fixture
def city():
    return factories.city("tosu")


@pytest.fixture
def drafter(city):
    return factories.member(city, Role.DRAFTER, name="起案の人", email="drafter@tosu.example.jp")


@pytest.fixture
def case(city, drafter):
    return scene.case(city, awarded=AWARDED, by=factories.actor(drafter, city))


def test_from_the_third_counted_day_on_every_morning_tells_who_works_on_it(city, case, drafter):
    assert case.conclusion_deadline_date == DEADLINE

    for day in days(AWARDED, DEADLINE):
        scene.sweep(city, day)

    # 三日目の 3月8日は日曜日なので、金曜日に知らせる
    assert scene.told(rule="deadline") == [(date(2026, 3, day), drafter.email) for day in (8, 9, 10)]
    assert scene.mornings_of(drafter.email) == [date(2026, 3, day) for day in (6, 9, 10)]
