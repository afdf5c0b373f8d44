"""A move that is refused even when nobody competes would lose every race unnoticed: alone, each must be done."""

import pytest

from tests.race import batch_moves, stage
from tests.race.pairs import PAIRS, Pair
from tests.race.racer import Outcome, Task, attempt

pytestmark = pytest.mark.xdist_group("race")


def once() -> dict[str, tuple[Pair, int]]:
    """Take each move from the first pair that ever lets it win, with the side on which it stands there."""
    found: dict[str, tuple[Pair, int]] = {}
    for pair in PAIRS:
        for side, name in enumerate((pair.left, pair.right)):
            if any(outcomes[side] is Outcome.WON for outcomes in pair.allowed):
                found.setdefault(name, (pair, side))
    return found


def test_only_those_who_are_not_asked_yet_never_win():
    assert batch_moves.MOVES.keys() - once().keys() == {"sign_out_of_turn"}


@pytest.mark.parametrize("name", once())
def test_a_move_without_a_rival_is_done(name: str, race_database: str):
    pair, side = once()[name]
    scene = stage.arrange(pair.scene)
    task = Task(name, scene.story.tenant.pk, (scene.left, scene.right)[side])

    result = attempt(batch_moves.MOVES[name], task, start=lambda: None)

    assert result.outcome is Outcome.WON, result.told
