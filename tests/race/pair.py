"""What two competing moves are to a race: where they meet, and the only ways in which it may end."""

from collections.abc import Callable
from dataclasses import dataclass

from contracts.models import Case
from tests.race.racer import Outcome
from tests.race.stage import Scene

WON, REFUSED, IDLE = Outcome.WON, Outcome.REFUSED, Outcome.IDLE


@dataclass(frozen=True)
class Pair:
    """Two moves, the scene they meet in, what to look at afterwards, and {(left, right): how it then stands}."""

    name: str
    scene: Callable[[], Scene]
    left: str
    right: str
    watch: Callable[[Case], str]
    allowed: dict[tuple[Outcome, Outcome], str]
    is_slow: bool = False  # 本物の署名や印字を伴い、一回に数秒かかる
    latest: float = 0.012  # 秒。一方がどれだけ遅れて始めるか。手続き一つの長さほど


def one_of_two(left: str, right: str) -> dict[tuple[Outcome, Outcome], str]:
    """Allow exactly one winner: how it stands when the left one won, and when the right one did."""
    return {(WON, REFUSED): str(left), (REFUSED, WON): str(right)}
