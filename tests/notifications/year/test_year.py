"""A year of mornings over the lives of many cases: exactly what the table says is told, and nothing else.

`make year` plays a thousand cases in all the towns; the suite plays a few, one town a year, others the hard weeks.
"""

import os
import random
from collections.abc import Iterable, Mapping
from datetime import date, timedelta
from typing import Any

import pytest

from contracts import presets, rules
from notifications.models import Delivery
from notifications.reminders import leaving, sweeping
from tests.notifications.year import lives, model, playing
from tests.notifications.year.closed import ONE
from tests.notifications.year.lives import TOWNS, YEAR, Span
from tests.notifications.year.rows import Hall, act, certify

CASES = int(os.environ.get("CASES", "0"))
TOSU, MATSUYAMA, MIYAKONOJO, USUKI = range(4)
NEW_YEAR, LEAP_DAY = (date(2027, 12, 6), date(2028, 1, 14)), (date(2028, 2, 14), date(2028, 3, 10))
SHORT = pytest.mark.skipif(CASES > 0, reason="長い形は一年のすべてを含む")


@pytest.fixture(autouse=True)
def operators(settings) -> None:
    settings.OPERATORS = list(model.OPERATORS)


def begin(count: int, *, towns: Iterable[int], span: Span = YEAR) -> playing.Year:
    """Found some towns, and draw some lives in them."""
    halls = {number: Hall(number) for number in towns}
    certify(halls.values())
    born = lives.lives(count, towns=list(halls), span=span)
    return playing.Year(born, halls, lambda hall, day, at: sweeping.sweep(hall.city, on=day, at=at), span)


def play(count: int, **where: Any) -> playing.Year:
    """Play some lives, and compare what was told with what the table says."""
    year = begin(count, **where)
    year.play()
    assert playing.differences(year.wanted, year.told) == []
    assert year.told == year.wanted
    return year


@pytest.mark.django_db
@SHORT
def test_a_year_of_mornings_tells_exactly_what_the_table_says():
    year = play(60, towns=[TOSU])

    assert {item[0] for items in year.told.values() for item in items} == {
        "deadline",
        "deadline_firm",
        "escalation",
        "overdue",
        "unopened",
        "consent",
        "guarantee",
        "download",
        "download_lapsed",
        "authority",
        "certificate",
    }


@pytest.mark.django_db
@SHORT
@pytest.mark.parametrize(
    ("town", "span"),
    [(MATSUYAMA, NEW_YEAR), (MIYAKONOJO, LEAP_DAY), (USUKI, LEAP_DAY)],
    ids=["office-days-over-the-new-year", "first-day-counts-over-the-leap-day", "no-deadline"],
)
def test_towns_that_count_otherwise_are_reminded_by_their_own_days(town: int, span: Span):
    assert play(12, towns=[town], span=span).told


def headings(context: Mapping[str, Any] | None) -> set[str]:
    """Name the cases that a mail tells of."""
    return {each["heading"] for each in (context or {"matters": []})["matters"] if each["heading"].startswith("市道")}


@pytest.mark.django_db
@SHORT
def test_a_mail_that_waits_till_noon_leaves_with_what_still_holds_or_not_at_all():
    year = begin(25, towns=[TOSU], span=LEAP_DAY)
    hall, events, ends = year.halls[TOSU], year.events(), set()

    for morning in playing.mornings(LEAP_DAY, random.Random(1)):
        act(events, year.halls, until=morning)
        year.morning(morning)
        noon = morning + timedelta(hours=4)
        act(events, year.halls, until=noon)
        for delivery in Delivery.unscoped.filter(tenant=hall.city, key__startswith=f"morning:{morning:%Y-%m-%d}"):
            told = year.expected[TOSU, morning.date(), delivery.to]
            left = model.holding(told, year.lives, noon, town=TOSU, towns=[TOSU])
            context = leaving.context_now(delivery, noon)

            assert (context is None) == (not left), (morning, delivery.to, told)
            assert headings(context) == {lives.heading(each.about) for each in left} - {""}
            ends.add("whole" if left == told else "less" if left else "none")

    assert ends == {"whole", "less", "none"}


@pytest.mark.django_db
@pytest.mark.skipif(CASES == 0, reason="make year")
def test_a_year_in_every_town():
    year = play(CASES, towns=range(len(TOWNS)))

    print(f"\n案件 {CASES}、メール {len(year.told)}、催促 {sum(map(len, year.told.values()))}")  # noqa: T201


@pytest.mark.parametrize("town", TOWNS, ids=lambda town: town.slug)
def test_the_model_counts_deadlines_as_the_rules_of_each_guide_do(town: lives.Town):
    rule_set = presets.load(town.slug)
    days = [YEAR[0] + ONE * number for number in range(366)]

    for day in days:
        counted = rules.deadline(rule_set, day)
        assert (counted and counted.date) == town.deadline(day), day


def test_the_model_itself_reminds_as_one_counts_on_the_fingers():
    """A case won on Thursday 2027-12-23 is due on the 28th; the year ends, and nobody has done anything."""
    won = lives.When(registered=lives.datetime(2027, 12, 23, 10, tzinfo=lives.JST))
    case = lives.Life(
        number=2, town=TOSU, department=0, registrar="drafter-a", firms=1, when=won, awarded=date(2027, 12, 23)
    )

    def told(day: date) -> set[tuple[str, date, str]]:
        morning = lives.datetime(day.year, day.month, day.day, 8, tzinfo=lives.JST)
        found = model.expected([case], morning, town=TOSU, towns=[TOSU])
        return {(each.rule, each.planned, each.to.partition("@")[0]) for each in found if "case:" in each.about}

    assert case.deadline == date(2027, 12, 28)
    assert told(date(2027, 12, 24)) == {("deadline", date(2027, 12, 26), "drafter-a")}
    assert told(date(2027, 12, 27)) == {
        ("deadline", date(2027, 12, 27), "drafter-a"),
        *(("escalation", date(2027, 12, 27), keeper) for keeper in ("keeper-a", "keeper-b")),
    }
    assert told(date(2027, 12, 30)) == set()
    # 期限の翌日（29日）は閉庁日なので、年が明けてから
    assert ("overdue", date(2027, 12, 29), "drafter-a") in told(date(2028, 1, 4))
    assert ("overdue", date(2028, 1, 5), "drafter-a") in told(date(2028, 1, 5))
    assert {rule for rule, _day, _to in told(date(2028, 1, 12))} == {"overdue", "escalation"}
