"""Two people press at the same instant: one of them wins, the other is told, and the log agrees with the rows.

`make race ROUNDS=200` runs the long form.
"""

import os
import random
import time

import pytest

from contracts.models import SigningStep
from tests.race import stage
from tests.race.agreement import disagreements, emails_agree
from tests.race.conftest import Racers, Tally
from tests.race.pairs import PAIRS, Pair
from tests.race.racer import Result, Task

pytestmark = pytest.mark.xdist_group("race")


@pytest.mark.parametrize("pair", PAIRS, ids=lambda pair: f"{pair.left}-{pair.right}")
def test_the_final_state_and_the_log_agree(pair: Pair, racers: Racers, tally: Tally):
    began = time.monotonic()
    for number in range(rounds(pair)):
        wrong = run(pair, racers, tally, delays=delays(number, latest=pair.latest))
        tally.disagreements += [f"{number} 回目: {each}" for each in wrong]
    tally.seconds = time.monotonic() - began

    assert tally.disagreements == []


def rounds(pair: Pair) -> int:
    """Race a few rounds in the suite, and as many as ROUNDS says in the long form."""
    return int(os.environ.get("ROUNDS", 1 if pair.is_slow else 3))


def delays(number: int, *, latest: float) -> tuple[float, float]:
    """Let both start at once in every other round; in the rounds between, one starts a moment later than the other."""
    late = random.Random(number).uniform(0, latest)
    return ((0, 0), (late, 0), (0, 0), (0, late))[number % 4]


def run(pair: Pair, racers: Racers, tally: Tally, *, delays: tuple[float, float]) -> list[str]:
    """Race one round and judge it."""
    scene = stage.arrange(pair.scene)
    tenant = scene.story.tenant.pk
    left, right = racers.race(
        Task(pair.left, tenant, scene.left, delays[0]), Task(pair.right, tenant, scene.right, delays[1])
    )
    tally.count(left, right)
    with stage.acting(scene):
        return judge(pair, scene, left, right)


def judge(pair: Pair, scene: stage.Scene, left: Result, right: Result) -> list[str]:
    case = scene.story.case
    found = disagreements(case)
    stands = pair.watch(case)
    if stands != pair.allowed.get((left.outcome, right.outcome)):
        found.append(f"{left.outcome}（{left.told}）× {right.outcome}（{right.told}）で、{stands}")
    steps = SigningStep.unscoped.filter(version__contract__case=case)
    return found + [f"{step} の署名者が記録と違う" for step in steps if not emails_agree(step)]
