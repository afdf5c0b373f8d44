"""字を行に並べ、行の中の切れ目を見る。"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from statistics import median

from guarantees.reading.page import Glyph, runs_down

APART = 1.6  # この幅（字の大きさの倍数）を空けたら、別のまとまり。全角の空白一つは、まだ続き
DOUBLED = 0.25  # 太字に見せるために重ねた字


@dataclass(frozen=True)
class Line:
    """Glyphs that stand side by side, from left to right."""

    glyphs: Sequence[Glyph]

    @property
    def left(self) -> float:
        """Return where it begins."""
        return min(glyph.left for glyph in self.glyphs)

    @property
    def right(self) -> float:
        """Return where it ends."""
        return max(glyph.right for glyph in self.glyphs)

    @property
    def centre(self) -> float:
        """Return its centre along the line."""
        return (self.left + self.right) / 2

    @property
    def middle(self) -> float:
        """Return the height of its centre."""
        heights = [glyph.middle for glyph in self.glyphs]
        return (min(heights) + max(heights)) / 2

    @property
    def size(self) -> float:
        """Return the size of its characters."""
        return median(glyph.size for glyph in self.glyphs)

    @property
    def gaps(self) -> list[float]:
        """Return the space before each glyph, in parts of the size; the first has none."""
        return [0.0, *((other.left - one.right) / max(other.size, 1.0) for one, other in pairwise(self.glyphs))]

    @property
    def text(self) -> str:
        """Write the line out, with a space where there was one or where the gap is wider than between letters."""
        gaps = self.gaps
        usual = median(gaps[1:]) if len(gaps) > 2 else 0.0
        wide = max(0.5, usual * 1.8)
        spread = usual > 0.3  # 均等割付。字の間の空白は空白ではない
        return "".join(
            ((glyph.before if not spread else "") or (" " if gap >= wide else "")) * (index > 0) + glyph.char
            for index, (glyph, gap) in enumerate(zip(self.glyphs, gaps, strict=True))
        )

    def piece(self, start: int, end: int | None = None) -> "Line | None":
        """Cut a piece out; None where nothing is left."""
        return Line(self.glyphs[start:end]) if self.glyphs[start:end] else None

    def chunks(self) -> list["Line"]:
        """Cut the line where it leaves a wide gap."""
        cuts = [index for index, gap in enumerate(self.gaps) if gap >= APART]
        return [Line(self.glyphs[start:end]) for start, end in pairwise([0, *cuts, len(self.glyphs)])]


def lines(glyphs: Sequence[Glyph]) -> list[Line]:
    """Put glyphs into lines, from the top down; a column of vertical writing is a line too."""
    laid = [glyph.upright() for glyph in glyphs] if runs_down(glyphs) else list(glyphs)
    rows: list[list[Glyph]] = []
    for glyph in sorted(laid, key=lambda each: each.middle):
        row = rows[-1] if rows else None
        if row and abs(glyph.middle - row[-1].middle) < 0.4 * max(glyph.size, row[-1].size):
            row.append(glyph)
        else:
            rows.append([glyph])
    return [Line(_once(sorted(row, key=lambda each: each.left))) for row in rows]


def _once(row: Sequence[Glyph]) -> list[Glyph]:
    """Leave out a glyph that was drawn again over itself."""
    kept = [row[0]]
    for glyph in row[1:]:
        last = kept[-1]
        if glyph.char != last.char or glyph.left - last.left > DOUBLED * glyph.size:
            kept.append(glyph)
    return kept


def run_on(texts: Sequence[str]) -> str:
    """Join the lines of one value: Japanese runs on, words in Latin letters keep a space."""
    whole = ""
    for text in texts:
        glue = " " if re.search(r"[A-Za-z]$", whole) and re.match(r"[A-Za-z]", text) else ""
        whole += glue + text
    return whole
