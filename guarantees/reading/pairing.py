"""字の並びから、見出しと値を結ぶ。"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import permutations

from guarantees.reading import cells
from guarantees.reading.labels import Label, label_of, spots
from guarantees.reading.letters import folded
from guarantees.reading.lines import Line, lines
from guarantees.reading.page import Edge, Page, runs_down
from guarantees.reading.tables import FULL, Value

ALIGNED = 1.2  # 値の続きの行は、値の頭からこれ以上ずれない（字の大きさの倍数）
PITCH = 2.2  # 続きの行までの、行から行への送り
NEAR = 1.3  # 二行の値の間に置かれた見出し
FALL = 3.2  # 見出しの下に置かれた値まで
BROKEN = 1.7  # 二行に割られた見出しの、行から行への送り
ENDINGS = ("【", "※", "①", "(注", "注)", "〔注", "[注", "次の方法", "当会社は", "上記の", "お客様", "「保証確認")


@dataclass(eq=False)
class _Heading:
    """A label on a page with the pieces of lines that belong to it."""

    label: Label
    line: Line
    until: float
    pieces: list[Line] = field(default_factory=list)


def values(page: Page) -> Iterator[tuple[Label, Value]]:
    """Pair each label on a page with what stands at its right, or beside it on lines of its own, or under it."""
    rules = () if runs_down(page.glyphs) else page.level
    headings, loose = _sorted_out(lines(page.glyphs))
    headings += _stacked(loose)
    for heading in headings:
        if not heading.pieces:
            _find_value(heading, headings, loose, rules)
    _continue(headings, loose, rules)
    for heading in headings:
        pieces = sorted(heading.pieces, key=lambda piece: piece.middle)
        yield heading.label, tuple(piece.text for piece in pieces)


def _sorted_out(rows: Sequence[Line]) -> tuple[list[_Heading], list[Line]]:
    """Find the labels with what stands at their right; the rest are loose pieces."""
    headings: list[_Heading] = []
    loose: list[Line] = []
    for row in rows:
        found = list(spots([glyph.char for glyph in row.glyphs], row.gaps))
        before = row.piece(0, found[0].start if found else None)
        loose += before.chunks() if before else []
        for spot, end in zip(found, [*(each.start for each in found[1:]), len(row.glyphs)], strict=False):
            rest = row.piece(spot.end, end)
            until = row.glyphs[end].left if end < len(row.glyphs) else cells.FAR
            heading = _Heading(spot.label, Line(row.glyphs[spot.start : spot.end]), until)
            heading.pieces = [rest] if rest else []
            headings.append(heading)
    return headings, loose


def _stacked(loose: list[Line]) -> list[_Heading]:
    """Find labels that were broken into two lines, one under the other, and take them out."""
    found = []
    for upper, lower in permutations(list(loose), 2):
        near = 0 < lower.middle - upper.middle <= BROKEN * upper.size
        if not near or min(abs(upper.left - lower.left), abs(upper.centre - lower.centre)) > upper.size:
            continue
        label = label_of(upper.text + lower.text)
        if label and upper in loose and lower in loose:
            found.append(_Heading(label, Line([*upper.glyphs, *lower.glyphs]), cells.FAR))
            loose.remove(upper)
            loose.remove(lower)
    return found


def _find_value(heading: _Heading, headings: Sequence[_Heading], loose: list[Line], rules: Sequence[Edge]) -> None:
    """Look for a value beside the label but on lines of its own, and then under it."""
    own = heading.line
    beside = [
        piece
        for piece in loose
        if own.right <= piece.left < heading.until
        and abs(piece.middle - own.middle) <= NEAR * own.size
        and not _separated(own, piece, rules)
    ]
    under = [
        piece
        for piece in loose
        if 0 < piece.middle - own.middle <= FALL * max(own.size, piece.size)
        and piece.left < own.right
        and piece.right > own.left
        and not _another_between(own, piece, headings)
    ]
    chosen = beside or sorted(under, key=lambda piece: piece.middle)[:1]
    for piece in chosen:
        if _ends(piece):
            break
        heading.pieces.append(piece)
        loose.remove(piece)


def _another_between(own: Line, piece: Line, headings: Sequence[_Heading]) -> bool:
    return any(
        own.middle < other.line.middle <= piece.middle + piece.size / 2
        and other.line.left < piece.right
        and other.line.right > piece.left
        for other in headings
    )


def _continue(headings: Sequence[_Heading], loose: list[Line], rules: Sequence[Edge]) -> None:
    """Give each loose piece to the value whose next line it is, or whose first line it is."""
    ended: set[int] = set()
    margin = max((each.right for each in [*loose, *(one for heading in headings for one in heading.pieces)]), default=0)
    for piece in sorted(loose, key=lambda each: each.middle):
        near = [
            (abs(piece.middle - last.middle) * (1.0 if piece.middle > last.middle else 1.25), heading)
            for heading in headings
            for last in heading.pieces
            if id(heading) not in ended and _follows(heading, last, piece, rules, margin)
        ]
        if not near or _beside_something(piece, min(near, key=lambda each: each[0])[1], headings, loose):
            continue
        heading = min(near, key=lambda each: each[0])[1]
        if _ends(piece):
            ended.add(id(heading))
        else:
            heading.pieces.append(piece)


def _follows(heading: _Heading, last: Line, piece: Line, rules: Sequence[Edge], margin: float) -> bool:
    begins = min(each.left for each in heading.pieces)
    aligned = abs(piece.left - begins) <= ALIGNED * piece.size
    return (
        (aligned or _wraps(heading, last, piece, margin))
        and 0 < abs(piece.middle - last.middle) <= PITCH * max(piece.size, last.size)
        and piece.size > 0.7 * last.size
        and not _separated(last, piece, rules)
    )


def _wraps(heading: _Heading, last: Line, piece: Line, margin: float) -> bool:
    """Tell whether a value that reached the margin goes on under its label, as in running text."""
    full = last.right >= margin - FULL * last.size and heading.until == cells.FAR
    return full and last.middle < piece.middle and abs(piece.left - heading.line.left) <= ALIGNED * piece.size


def _beside_something(piece: Line, heading: _Heading, headings: Sequence[_Heading], loose: Sequence[Line]) -> bool:
    """Tell whether the piece is itself the value of something at its left that is not known as a label."""
    others = [*loose, *(other.line for other in headings if other is not heading)]
    return any(
        abs(other.middle - piece.middle) < 0.5 * piece.size
        and heading.line.left - piece.size <= other.left
        and other.right <= piece.left
        for other in others
        if other is not piece
    )


def _separated(one: Line, other: Line, rules: Sequence[Edge]) -> bool:
    place = (max(one.left, other.left) + min(one.right, other.right)) / 2
    return cells.crossed(rules, one.middle, other.middle, place)


def _ends(piece: Line) -> bool:
    return folded(piece.text).startswith(ENDINGS)
