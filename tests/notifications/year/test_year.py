"""A year of mornings over the lives of many cases: exactly what the table says is told, and nothing else."""

import os

import pytest

from notifications.reminders import sweeping
from tests.notifications.year import lives, playing
from tests.notifications.year.rows import Hall, certify

CASES = int(os.environ.get("CASES", "60"))
TOWNS = len(lives.TOWNS) if "CASES" in os.environ else 2


@pytest.mark.django_db
def test_a_year_of_mornings_tells_exactly_what_the_table_says():
    halls = [Hall(number) for number in range(TOWNS)]
    certify(halls)
    year = playing.Year(
        lives.lives(CASES, towns=TOWNS),
        halls,
        lambda hall, day, moment: sweeping.sweep(hall.city, on=day, at=moment),
    )

    year.play()

    told = year.told
    assert playing.differences(year.wanted, told) == []
    assert told == year.wanted
    assert len({item[0] for items in told.values() for item in items}) == 11
