"""罫線に囲まれた升ごとに、字を分ける。"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from guarantees.reading.page import Edge, Glyph, Page

Box = tuple[float, float, float, float]
"""Left, top, right, bottom."""

FAR = 1e6
NEXT_TO = 12.0  # 隣の升との間。二重の罫線や、間を空けた枠もある


@dataclass(frozen=True, eq=False)
class Cell:
    """A box between rules and what is written in it, in the order of writing."""

    left: float
    top: float
    right: float
    bottom: float
    glyphs: Sequence[Glyph]

    @property
    def middle(self) -> float:
        """Return the height of its centre."""
        return (self.top + self.bottom) / 2

    @property
    def centre(self) -> float:
        """Return its centre along the lines."""
        return (self.left + self.right) / 2


def cells(page: Page) -> list[Cell]:
    """Find the cells of the tables on a page; a table may be open at its left and right ends."""
    found: dict[Box, list[Glyph]] = {}
    for glyph in page.glyphs:
        found.setdefault(_box(page, glyph), []).append(glyph)
    return [Cell(*box, glyphs) for box, glyphs in found.items() if _closed(*box)]


def _box(page: Page, glyph: Glyph) -> Box:
    beside = [edge.at for edge in page.plumb if edge.passes(glyph.middle)]
    around = [edge.at for edge in page.level if edge.passes(glyph.centre)]
    return (
        max((at for at in beside if at <= glyph.centre), default=-FAR),
        max((at for at in around if at <= glyph.middle), default=-FAR),
        min((at for at in beside if at > glyph.centre), default=FAR),
        min((at for at in around if at > glyph.middle), default=FAR),
    )


def _closed(left: float, top: float, right: float, bottom: float) -> bool:
    return top > -FAR and bottom < FAR and (left > -FAR or right < FAR)


def to_the_right(cell: Cell, others: Iterable[Cell]) -> Cell | None:
    """Return the neighbour at the right that stands at the same height."""
    near = [
        other
        for other in others
        if -1 <= other.left - cell.right <= NEXT_TO
        and (other.top <= cell.middle <= other.bottom or cell.top <= other.middle <= cell.bottom)
    ]
    return min(near, key=lambda other: abs(other.middle - cell.middle), default=None)


def below(cell: Cell, others: Iterable[Cell]) -> Cell | None:
    """Return the neighbour under a cell."""
    near = [
        other
        for other in others
        if -1 <= other.top - cell.bottom <= NEXT_TO
        and (other.left <= cell.centre <= other.right or cell.left <= other.centre <= cell.right)
    ]
    return min(near, key=lambda other: abs(other.centre - cell.centre), default=None)


def crossed(edges: Iterable[Edge], one: float, other: float, at: float) -> bool:
    """Tell whether a level rule lies between two heights at a place along the line."""
    return any(min(one, other) < edge.at < max(one, other) and edge.passes(at) for edge in edges)
