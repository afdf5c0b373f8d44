"""字の並びから、見出しと値を結ぶ。"""

from collections.abc import Iterator

from guarantees.reading.cells import FAR, crossed
from guarantees.reading.headings import Heading, sorted_out
from guarantees.reading.labels import Label
from guarantees.reading.letters import folded
from guarantees.reading.lines import Line, lines
from guarantees.reading.page import Page, runs_down
from guarantees.reading.tables import FULL, Value

# どれも字の大きさの倍数。
ALIGNED = 1.2  # 値の続きの行は、値の頭からこれ以上ずれない
PITCH = 2.2  # 続きの行までの、行から行への送り
NEAR = 1.3  # 行の間に置かれた見出しから、値の行まで
FALL = 3.2  # 見出しの下に置かれた値まで
INDENT = 3.0  # 見出しの下に置かれた値の字下げ
ENDINGS = ("【", "※", "①", "(注", "注)", "〔注", "[注", "次の方法", "当会社は", "上記の", "お客様", "「保証確認")


def values(page: Page) -> Iterator[tuple[Label, Value]]:
    """Pair each label on a page with what stands at its right, or beside it on lines of its own, or under it."""
    board = _Board(page)
    board.find()
    board.go_on()
    for heading in board.headings:
        pieces = sorted(heading.pieces, key=lambda piece: piece.middle)
        yield heading.label, tuple(piece.text for piece in pieces)


class _Board:
    """The labels of a page, and the pieces of lines that are nobody's yet."""

    def __init__(self, page: Page) -> None:
        rows = lines(page.glyphs)
        self.headings, self.loose = sorted_out(rows)
        self.rules = () if runs_down(page.glyphs) else page.level
        self.margin = max((row.right for row in rows), default=0.0)

    def find(self) -> None:
        """Give each label that has nothing at its right what stands beside it on other lines, or under it."""
        under = {heading for heading in self.headings if self._rather_under(heading)}
        for heading in under:
            self.loose += [chunk for piece in heading.pieces for chunk in piece.chunks()]
            heading.pieces = []
        for heading in self.headings:
            if heading.pieces:
                continue
            beside = [] if heading in under else self._beside(heading)
            for piece in beside or self._under(heading)[:1]:
                if _ends(piece):
                    break
                heading.pieces.append(piece)
                self.loose.remove(piece)

    def _rather_under(self, heading: Heading) -> bool:
        """Tell whether more labels of its column have something under them than at their right."""
        column = [other for other in self.headings if abs(other.line.left - heading.line.left) <= heading.line.size]
        under = [other for other in column if self._under(other)]
        return heading in under and sum(bool(other.pieces) for other in column) < len(under)

    def go_on(self) -> None:
        """Give each loose piece to the value whose next line it is, or whose first line it is."""
        ended: set[Heading] = set()
        for piece in sorted(self.loose, key=lambda each: each.middle):
            heading = self._owner(piece, but=ended)
            if heading is None or self._stands_beside(piece, heading):
                continue
            if _ends(piece):
                ended.add(heading)
            else:
                heading.pieces.append(piece)

    def _beside(self, heading: Heading) -> list[Line]:
        own = heading.line
        return [
            piece
            for piece in self.loose
            if own.right <= piece.left < heading.until
            and abs(piece.middle - own.middle) <= NEAR * own.size
            and not self._nearer_to_another(piece, heading)
            and not self._separated(heading, own, piece)
        ]

    def _nearer_to_another(self, piece: Line, heading: Heading) -> bool:
        away = abs(piece.middle - heading.line.middle)
        return any(
            abs(piece.middle - other.line.middle) < away and abs(other.line.left - heading.line.left) <= other.line.size
            for other in self.headings
        )

    def _under(self, heading: Heading) -> list[Line]:
        own = heading.line
        found = [
            piece
            for piece in self.loose
            if 0 < piece.middle - own.middle <= FALL * max(own.size, piece.size)
            and piece.left < own.right
            and piece.right > own.left
            and piece.left <= own.left + max(INDENT * own.size, own.right - own.left)
            and not self._another_between(own, piece)
        ]
        return sorted(found, key=lambda piece: piece.middle)

    def _another_between(self, own: Line, piece: Line) -> bool:
        return any(
            own.middle < other.line.middle <= piece.middle + piece.size / 2
            and other.line.left < piece.right
            and other.line.right > piece.left
            for other in self.headings
        )

    def _owner(self, piece: Line, *, but: set[Heading]) -> Heading | None:
        """Return the label whose value is nearest; a piece over a value is a little farther than one under it."""
        near = [
            (abs(piece.middle - last.middle) * (1.0 if piece.middle > last.middle else 1.25), index)
            for index, heading in enumerate(self.headings)
            for last in heading.pieces
            if heading not in but and self._follows(heading, last, piece)
        ]
        return self.headings[min(near)[1]] if near else None

    def _follows(self, heading: Heading, last: Line, piece: Line) -> bool:
        begins = min(each.left for each in heading.pieces)
        aligned = abs(piece.left - begins) <= ALIGNED * piece.size
        return (
            (aligned or self._wraps(heading, last, piece))
            and 0 < abs(piece.middle - last.middle) <= PITCH * max(piece.size, last.size)
            and piece.size > 0.7 * last.size
            and not self._separated(heading, last, piece)
        )

    def _wraps(self, heading: Heading, last: Line, piece: Line) -> bool:
        """Tell whether a value that reached the margin goes on under its label, as in running text."""
        full = last.right >= self.margin - FULL * last.size and heading.until == FAR
        return full and last.middle < piece.middle and abs(piece.left - heading.line.left) <= ALIGNED * piece.size

    def _stands_beside(self, piece: Line, heading: Heading) -> bool:
        """Tell whether the piece is itself the value of something at its left that is not known as a label."""
        others = [*self.loose, *(other.line for other in self.headings if other is not heading)]
        return any(
            abs(other.middle - piece.middle) < 0.5 * piece.size
            and heading.line.left - piece.size <= other.left
            and other.right <= piece.left
            for other in others
            if other is not piece
        )

    def _separated(self, heading: Heading, one: Line, other: Line) -> bool:
        """Tell whether a rule parts two rows; one that passes under the value alone only underlines it."""
        places = (heading.line.centre, other.centre)
        return all(crossed(self.rules, one.middle, other.middle, at) for at in places)


def _ends(piece: Line) -> bool:
    return folded(piece.text).startswith(ENDINGS)
