"""Where two names differ, character by character, so that an eye finds 「県道」 beside 「市道」."""

from collections.abc import Iterator
from dataclasses import dataclass
from difflib import SequenceMatcher
from itertools import groupby

from contracts.folding import search_key


@dataclass(frozen=True)
class Part:
    """A stretch of a text, and whether the other text has it too."""

    text: str
    differs: bool


def marked(text: str, other: str) -> tuple[Part, ...]:
    """Split a text where it differs from another; spelling that folds to the same is no difference."""
    odd = set(_odd(text, other))
    runs = groupby(enumerate(text), key=lambda each: each[0] in odd)
    return tuple(Part("".join(char for _, char in run), differs) for differs, run in runs)


def _odd(text: str, other: str) -> Iterator[int]:
    ours, theirs = _keys(text), _keys(other)
    matcher = SequenceMatcher(None, [key for _, key in ours], [key for _, key in theirs], autojunk=False)
    for kind, first, last, _, _ in matcher.get_opcodes():
        if kind != "equal":
            yield from range(ours[first][0], ours[last - 1][0] + 1) if last > first else ()


def _keys(text: str) -> list[tuple[int, str]]:
    """Give each character that counts, with its place and its key; spaces and dashes do not count."""
    folded = ((place, search_key(char)) for place, char in enumerate(text))
    return [(place, key) for place, key in folded if key]
