"""縦書きの頁。PDFium は並んだ行を左から返すので、右から読む順に直す。"""

from dataclasses import dataclass, field
from itertools import pairwise
from typing import Any

from pypdfium2 import raw

SAMPLE = 200
# 一つの行の隣り合う字の、ずれと隔たりの上限。字の大きさに対する割合
APART, GAP = 0.5, 2.5


@dataclass(frozen=True)
class Letter:
    char: str
    across: float
    up: float
    size: float
    box: tuple[float, float, float, float]


@dataclass
class Line:
    """Letters that stand under each other, from the top."""

    letters: list[Letter] = field(default_factory=list)

    @property
    def across(self) -> float:
        return self.letters[0].across

    @property
    def top(self) -> float:
        return self.letters[0].up

    @property
    def bottom(self) -> float:
        return self.letters[-1].up


def is_upright(words: Any) -> bool:
    """Tell whether most letters of a page stand under the one before."""
    letters = _letters(words, most=SAMPLE)
    down = sum(_follows(one, other) for one, other in pairwise(letters))
    return 2 * down > len(letters) > 1


def upright_text(words: Any) -> str:
    """Return the text of an upright page, lines from right to left, tier by tier."""
    return "\n".join("".join(letter.char for letter in line.letters) for line in upright_lines(words))


def upright_lines(words: Any) -> list[Line]:
    """Return the lines of an upright page from right to left, tier by tier."""
    tiers: list[list[Line]] = []
    for line in sorted(_lines(_letters(words)), key=lambda line: -line.top):
        if tiers and line.top > tiers[-1][0].bottom:
            tiers[-1].append(line)
        else:
            tiers.append([line])
    return [line for tier in tiers for line in sorted(tier, key=lambda line: -line.across)]


def _lines(letters: list[Letter]) -> list[Line]:
    lines = [Line(letters[:1])] if letters else []
    for one, other in pairwise(letters):
        if not _follows(one, other):
            lines.append(Line())
        lines[-1].letters.append(other)
    return lines


def _follows(one: Letter, other: Letter) -> bool:
    return 0 < one.up - other.up < GAP * one.size and abs(other.across - one.across) < APART * one.size


def _letters(words: Any, most: int | None = None) -> list[Letter]:
    """Return the letters of a page with their places; white space has none of its own."""
    count = words.count_chars() if most is None else min(words.count_chars(), most)
    found = ((chr(raw.FPDFText_GetUnicode(words, index) or 0x20), index) for index in range(count))
    return [Letter(char, *_place(words, index)) for char, index in found if not char.isspace()]


def _place(words: Any, index: int) -> tuple[float, float, float, tuple[float, float, float, float]]:
    left, bottom, right, top = words.get_charbox(index, loose=True)
    return (left + right) / 2, top, max(right - left, top - bottom), (left, bottom, right, top)
