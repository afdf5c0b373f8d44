"""Mark where a text answers a question: in the text as it is written, found as it reads when folded."""

import re
import unicodedata
from collections.abc import Iterable, Iterator
from functools import lru_cache
from typing import NamedTuple

from contracts.folding import ABBREVIATION, LEGAL_FORM, search_key

_key = lru_cache(maxsize=8192)(search_key)
# 前の字に付いて一字になるもの: 半角の濁点・半濁点、結合文字、異体字セレクタ
ATTACHED = re.compile("[\uff9e\uff9f\u3099\u309a\ufe00-\ufe0f\U000e0100-\U000e01ef]")
PARENTHESES = str.maketrans("（）", "()")


class Piece(NamedTuple):
    """A stretch of a text, and whether it is what was looked for."""

    text: str
    is_hit: bool


def pieces(text: str, words: Iterable[str]) -> list[Piece]:
    """Cut a text into pieces; together they are the text, character by character as it is written."""
    keys = {key for word in words if (key := search_key(word))}
    cut: list[Piece] = []
    cursor = 0
    for start, end in _joined(_hits(text, keys)):
        cut += [Piece(text[cursor:start], is_hit=False), Piece(text[start:end], is_hit=True)]
        cursor = end
    return [piece for piece in [*cut, Piece(text[cursor:], is_hit=False)] if piece.text]


def _hits(text: str, keys: set[str]) -> list[tuple[int, int]]:
    """Find where the keys stand in a text, from the first letter to the last."""
    if not keys:
        return []
    folded, places = _folded(text)
    found = (match for key in keys for match in re.finditer(re.escape(key), folded))
    return sorted((places[match.start()][0], places[match.end() - 1][1]) for match in found)


def _joined(hits: list[tuple[int, int]]) -> Iterator[tuple[int, int]]:
    """Make one of hits that touch."""
    if not hits:
        return
    start, end = hits[0]
    for first, last in hits[1:]:
        if first > end:
            yield start, end
            start = first
        end = max(end, last)
    yield start, end


def _folded(text: str) -> tuple[str, list[tuple[int, int]]]:
    """Fold a text letter by letter: the folded text, and for each of its letters where it comes from."""
    letters: list[tuple[str, tuple[int, int]]] = []
    for start, end in _clusters(text):
        letters += [(letter, (start, end)) for letter in _key(text[start:end])]
    folded = "".join(letter for letter, _ in letters)
    # 法人の種類は照合の字に入らないので、それをまたぐ語も見つかるように除く。名がそれだけなら残る。
    forms = [range(*found.span()) for found in LEGAL_FORM.finditer(folded)]
    kept = [each for place, each in enumerate(letters) if not any(place in form for form in forms)] or letters
    return "".join(letter for letter, _ in kept), [place for _, place in kept]


def _clusters(text: str) -> Iterator[tuple[int, int]]:
    """Yield the stretches that fold as one: a letter with what is attached to it, or 「(株)」."""
    plain = text.translate(PARENTHESES)
    abbreviated = {found.start(): found.end() for found in ABBREVIATION.finditer(plain)}
    start = 0
    while start < len(text):
        end = abbreviated.get(start, start + 1)
        while end < len(text) and (ATTACHED.match(text[end]) or unicodedata.combining(text[end])):
            end += 1
        yield start, end
        start = end
