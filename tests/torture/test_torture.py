"""Everything fails at once, again and again; afterwards nothing is lost, and nothing is signed twice."""

import pytest

from tests.torture.checker.invariants import INVARIANTS
from tests.torture.flight import Flight

pytestmark = pytest.mark.xdist_group("torture")


def test_everything_was_finished_after_the_faults(flight: Flight):
    assert flight.left == 0


def test_the_faults_really_fell(flight: Flight):
    assert len(flight.counted) > 8
    assert flight.counted["F01 worker の子を kill -9"] > 5
    assert flight.counted["F16 毒のある文書が封印で worker を殺す"] > 0
    assert flight.counted["F16 毒のある文書が検証で worker を殺す"] > 0


@pytest.mark.parametrize("question", INVARIANTS, ids=str)
def test_there_is_no(question: str, flight: Flight, flaws: dict[str, int]):
    found = list(INVARIANTS[question](flight.evidence))
    flaws[question] = len(found)

    assert found == []
