"""The codes by which a text is found: its letters, and its pairs of letters, as integers of 32 bits."""

from itertools import pairwise

LETTER = 0xFFFF
SIGN = 0x8000_0000


def stored(key: str) -> list[int]:
    """Return the codes of all letters and pairs in a folded text, each once."""
    return sorted({_code(letter) for letter in key} | _pairs(key))


def sought(word: str) -> list[int]:
    """Return the codes that a text must have to hold a folded word: its pairs, or its only letter."""
    return sorted(_pairs(word) or {_code(letter) for letter in word})


def _pairs(key: str) -> set[int]:
    return {_code(first, second) for first, second in pairwise(key)}


def _code(*letters: str) -> int:
    """Pack letters into a signed integer; rare ones share codes, and are told apart when the text is read."""
    code = 0
    for letter in letters:
        code = code << 16 | ord(letter) & LETTER
    return code - 2 * SIGN if code & SIGN else code
