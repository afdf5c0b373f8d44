"""行の並びから、見出しと、見出しでない字のまとまりを分ける。"""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import permutations

from guarantees.reading.cells import FAR
from guarantees.reading.labels import Label, label_of, spots
from guarantees.reading.lines import Line

BROKEN = 1.7  # 二行に分けた見出しの、行から行への送り（字の大きさの倍数）
LATIN = re.compile(r"[A-Za-z][A-Za-z .,'’/()&-]{2,}")


@dataclass(eq=False)
class Heading:
    """A label on a page, how far to the right its value may go, and the pieces of lines that are its value."""

    label: Label
    line: Line
    until: float = FAR
    pieces: list[Line] = field(default_factory=list)


def sorted_out(rows: Sequence[Line]) -> tuple[list[Heading], list[Line]]:
    """Find the labels with what stands at their right; the rest are loose pieces."""
    headings: list[Heading] = []
    loose: list[Line] = []
    for row in rows:
        found = list(spots([glyph.char for glyph in row.glyphs], row.gaps))
        before = row.piece(0, found[0].start if found else None)
        loose += before.chunks() if before else []
        for spot, end in zip(found, [*(each.start for each in found[1:]), len(row.glyphs)], strict=False):
            rest = row.piece(spot.end, end)
            until = row.glyphs[end].left if end < len(row.glyphs) else FAR
            line = Line(row.glyphs[spot.start : spot.end])
            headings.append(Heading(spot.label, line, until, [rest] if rest else []))
    headings += _broken(loose)
    _translated(headings, loose)
    return headings, loose


def _broken(loose: list[Line]) -> list[Heading]:
    """Find labels that were broken into two lines, one under the other, and take them out."""
    found = []
    for upper, lower in permutations(list(loose), 2):
        label = label_of(upper.text + lower.text) if _stand_together(upper, lower) else None
        if label and upper in loose and lower in loose:
            found.append(Heading(label, Line([*upper.glyphs, *lower.glyphs])))
            loose.remove(upper)
            loose.remove(lower)
    return found


def _translated(headings: Sequence[Heading], loose: list[Line]) -> None:
    """Take words in Latin letters under a label to be its translation, where its value stands beside."""
    for heading in headings:
        own = heading.line
        beside = [piece for piece in loose if own.right <= piece.left and abs(piece.middle - own.middle) < 2 * own.size]
        for piece in list(loose):
            translates = LATIN.fullmatch(piece.text) and _stand_together(own, piece)
            if translates and (heading.pieces or beside):
                heading.line = Line([*own.glyphs, *piece.glyphs])
                loose.remove(piece)


def _stand_together(upper: Line, lower: Line) -> bool:
    near = 0 < lower.middle - upper.middle <= BROKEN * max(upper.size, lower.size)
    return near and min(abs(upper.left - lower.left), abs(upper.centre - lower.centre)) <= upper.size
