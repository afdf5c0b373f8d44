"""A morning asks the database for a city, not for each of its cases."""

from datetime import date

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounts.models import Role
from notifications.reminders import foreseeing
from tests import factories
from tests.contracts.reminding import scene

pytestmark = pytest.mark.django_db
BEFORE, FIRST, SECOND = date(2026, 3, 3), date(2026, 3, 10), date(2026, 3, 12)


def queries(work) -> int:
    with CaptureQueriesContext(connection) as asked:
        work()
    return len(asked)


@pytest.fixture
def fill():
    """Return a function that has one of everything wait for some firms on a day."""
    city = factories.city("tosu")
    people = {"drafter": factories.member(city, Role.DRAFTER), "signatory": factories.member(city, Role.APPROVER)}

    def more(day: date, *, firms: int) -> None:
        for number in range(firms):
            scene.waiting(city, day=day, email=f"firm{number}@{day}.example.jp", **people)

    # 初めの一度だけのこと（設定の行、市の鍵）を済ませておく
    more(BEFORE, firms=1)
    scene.sweep(city, BEFORE)
    return city, more


def test_ten_times_the_cases_are_swept_with_the_same_queries(fill):
    city, more = fill
    more(FIRST, firms=1)
    few = queries(lambda: scene.sweep(city, FIRST))
    more(SECOND, firms=10)
    many = queries(lambda: scene.sweep(city, SECOND))

    assert len({mail.to for mail in scene.mails()}) == 14
    assert many == few


def test_a_month_is_foreseen_with_the_queries_of_a_day(fill):
    city, more = fill
    more(FIRST, firms=3)

    def foresee(last: date) -> None:
        assert foreseeing.foresee(city, first=FIRST, last=last, on=FIRST)

    assert queries(lambda: foresee(date(2026, 4, 9))) == queries(lambda: foresee(FIRST))
