"""一頁に書かれた字と罫線。向きは、字の並ぶほうを右、行の進むほうを下とする。"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import pairwise

Point = tuple[float, float]


@dataclass(frozen=True, slots=True)
class Glyph:
    """One character in its box, with its size and the white space written before it; in points, downwards."""

    char: str
    left: float
    top: float
    right: float
    bottom: float
    size: float
    before: str = ""

    @property
    def middle(self) -> float:
        """Return the height of its centre."""
        return (self.top + self.bottom) / 2

    @property
    def centre(self) -> float:
        """Return its centre along the line."""
        return (self.left + self.right) / 2

    def upright(self) -> "Glyph":
        """Lay a column of vertical writing down: what stood below comes to the right."""
        return Glyph(self.char, self.top, -self.right, self.bottom, -self.left, self.size, self.before)


@dataclass(frozen=True, slots=True)
class Edge:
    """A ruled line: where it lies, and from where to where it goes."""

    at: float
    start: float
    end: float

    def passes(self, place: float, slack: float = 1.0) -> bool:
        """Tell whether it goes past a place."""
        return self.start - slack <= place <= self.end + slack


@dataclass(frozen=True)
class Page:
    """What stands on a page in the order it was written; `hidden` is text nobody sees, as under a scan."""

    glyphs: Sequence[Glyph]
    hidden: Sequence[Glyph] = ()
    level: Sequence[Edge] = field(default=())
    plumb: Sequence[Edge] = field(default=())


def turned(point: Point, quarter: int) -> Point:
    """Turn a place on a PDF page so that text turned by that many quarters, clockwise, runs to the right, lines down.

    Turning it twice gives the place back.
    """
    x, y = point
    return ((x, -y), (-y, -x), (-x, y), (y, x))[quarter]


def joined(edges: Sequence[Edge], *, apart: float = 1.5, gap: float = 3.0) -> list[Edge]:
    """Join what continues the same line; points."""
    found: list[Edge] = []
    for edge in sorted(edges, key=lambda each: (round(each.at / apart), each.start)):
        last = found[-1] if found else None
        if last and abs(last.at - edge.at) <= apart and edge.start <= last.end + gap:
            found[-1] = Edge(last.at, last.start, max(last.end, edge.end))
        else:
            found.append(edge)
    return found


def runs_down(glyphs: Sequence[Glyph]) -> bool:
    """Tell whether characters were written from top to bottom, one below the other."""
    down = along = 0
    for one, other in pairwise(glyphs):
        aside, below = abs(other.centre - one.centre), other.middle - one.middle
        down += aside < one.size / 2 and one.size * 0.6 < below < one.size * 2.5
        along += abs(below) < one.size * 0.3 and other.left > one.left
    return down > along
