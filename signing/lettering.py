"""Where the words of a page stand, so that they can be laid over its picture."""

from collections.abc import Iterator
from contextlib import closing
from ctypes import c_int
from dataclasses import dataclass
from math import atan2, degrees, hypot
from typing import Any

from pypdfium2 import raw

from signing.texts import upright

MOST_LETTERS = 20_000
# 同じ行でも、これより離れた字は別のまとまりにする。字の大きさに対する割合
APART = 1.0
# 字の枠の下から、字の立つ線までの高さ。字の大きさに対する割合
BELOW_BASELINE = 0.12
# PDFium は、画面の上の場所を整数で答える
FINE = 100


@dataclass(frozen=True)
class Words:
    """A run of letters: where its baseline begins (points from the top left), how large, how long, at which angle."""

    text: str
    x: float
    y: float
    size: float
    length: float
    angle: float


@dataclass(frozen=True)
class Sheet:
    """A page as it is seen (points), and its words in the order of reading."""

    across: float
    down: float
    words: tuple[Words, ...]

    @property
    def text(self) -> str:
        return "\n".join(each.text for each in self.words)

    @classmethod
    def load(cls, told: dict[str, Any]) -> "Sheet":
        """Rebuild a sheet from what asdict() made of it."""
        return cls(told["across"], told["down"], tuple(Words(**each) for each in told["words"]))


@dataclass(frozen=True)
class _Letter:
    char: str
    left: float
    top: float
    right: float
    bottom: float

    @property
    def size(self) -> float:
        return max(self.right - self.left, self.bottom - self.top, 0.1)

    @property
    def middle(self) -> tuple[float, float]:
        return (self.left + self.right) / 2, (self.top + self.bottom) / 2


def sheet(page: Any) -> Sheet:
    """Read one page of PDFium."""
    across, down = page.get_size()
    with closing(page.get_textpage()) as words:
        runs = _columns(page, words) if upright.is_upright(words) else _runs(_letters(page, words))
        found = tuple(_words(run) for run in runs)
    return Sheet(round(across, 1), round(down, 1), found)


def _letters(page: Any, words: Any) -> Iterator[_Letter | None]:
    """Yield the letters of a page; None where a line ends."""
    for index in range(min(words.count_chars(), MOST_LETTERS)):
        char = chr(raw.FPDFText_GetUnicode(words, index) or 0xFFFE)
        if char in "\r\n":
            yield None
        elif char.isprintable():
            yield _seen(page, char, words.get_charbox(index, loose=True))


def _runs(letters: Iterator[_Letter | None]) -> Iterator[list[_Letter]]:
    run: list[_Letter] = []
    for letter in letters:
        if run and (letter is None or _is_apart(run, letter)):
            yield run
            run = []
        if letter is not None and (run or letter.char != " "):
            run.append(letter)
    if run:
        yield run


def _is_apart(run: list[_Letter], letter: _Letter) -> bool:
    # 空白の枠は当てにならない
    last = next(each for each in reversed(run) if each.char != " ")
    return letter.char != " " and _distance(last, letter) > (1 + APART) * max(last.size, letter.size)


def _columns(page: Any, words: Any) -> Iterator[list[_Letter]]:
    for line in upright.upright_lines(words):
        run = [_seen(page, letter.char, letter.box) for letter in line.letters if letter.char.isprintable()]
        if run:
            yield run


def _words(run: list[_Letter]) -> Words:
    while run[-1].char == " ":
        run = run[:-1]
    first, last = run[0], run[-1]
    text = "".join(letter.char for letter in run)
    if _is_level(first, last):
        size = first.bottom - first.top
        return _rounded(text, first.left, first.bottom - BELOW_BASELINE * size, size, last.right - first.left, 0.0)
    size = min(first.right - first.left, first.bottom - first.top)
    (ax, ay), (bx, by) = first.middle, last.middle
    return _rounded(text, ax, ay, size, _distance(first, last) + size, degrees(atan2(by - ay, bx - ax)))


def _is_level(first: _Letter, last: _Letter) -> bool:
    is_beside = min(first.bottom, last.bottom) > max(first.top, last.top)
    return first is last or (is_beside and last.left >= first.left)


def _rounded(text: str, *places: float) -> Words:
    return Words(text, *(round(place, 1) for place in places))


def _distance(one: _Letter, other: _Letter) -> float:
    (ax, ay), (bx, by) = one.middle, other.middle
    return hypot(bx - ax, by - ay)


def _seen(page: Any, char: str, box: tuple[float, float, float, float]) -> _Letter:
    """Turn the place of a letter on the page into where it is seen, the page being turned and cut as it says."""
    (ax, ay), (bx, by) = _on_screen(page, *box[:2]), _on_screen(page, *box[2:])
    return _Letter(char, min(ax, bx), min(ay, by), max(ax, bx), max(ay, by))


def _on_screen(page: Any, x: float, y: float) -> tuple[float, float]:
    across, down = page.get_size()
    found = c_int(), c_int()
    raw.FPDF_PageToDevice(page, 0, 0, round(across * FINE), round(down * FINE), 0, x, y, *found)
    return found[0].value / FINE, found[1].value / FINE
