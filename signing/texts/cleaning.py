"""読み出した文字を、探し、見せるための一続きの文にする。"""

import re
import unicodedata
from collections.abc import Callable, Sequence

# PDFium は、行末で切れた語のハイフンをこの字で返す
BROKEN_WORD = re.compile("[\x02\ufffe\u00ad]\\s*")
WHITE = re.compile(r"\s+")
# 和文の行の折り目には、空白を入れない
FOLD_IN_JAPANESE = re.compile(r"(?<=[^\x00-\x7f]) (?=[^\x00-\x7f])")
NUMBER = re.compile(r"\d+")
MOST_RUNNING_LINES = 3
# 表示できない字。壊れた字の片割れ（サロゲート）は、データベースに置けない。
UNSEEN = {"Cc", "Cs", "Cn", "Co"}


def clean(text: str) -> str:
    """Join the lines of a page: no words broken at line ends, no characters that nobody sees."""
    joined = BROKEN_WORD.sub("", text)
    seen = "".join(" " if unicodedata.category(char) in UNSEEN else char for char in joined)
    return FOLD_IN_JAPANESE.sub("", WHITE.sub(" ", seen)).strip()


def without_running_lines(pages: Sequence[str]) -> list[str]:
    """Leave out lines that a page has in common with the one before: at its head the same, at its foot also counted on.

    They stay where they come first. What is left of a page of standard clauses is the same in every contract.
    """
    lines = [page.strip().splitlines() for page in pages]
    kept = [_without(own, before) for own, before in zip(lines, [[], *lines], strict=False)]
    return ["\n".join(each) for each in kept]


def _without(own: list[str], before: list[str]) -> list[str]:
    head = _in_common(own, before, lambda one, other: one == other)
    foot = _in_common(own[head:][::-1], before[::-1], _counts_on)
    return own[head : len(own) - foot]


def _in_common(own: list[str], before: list[str], alike: Callable[[str, str], bool]) -> int:
    pairs = [(one.strip(), other.strip()) for one, other in zip(own, before, strict=False)][:MOST_RUNNING_LINES]
    return next((place for place, pair in enumerate(pairs) if not alike(*pair)), len(pairs))


def _counts_on(line: str, before: str) -> bool:
    """Tell whether a line repeats another, each number in it being the same or the next."""
    if NUMBER.split(line) != NUMBER.split(before):
        return False
    pairs = zip(NUMBER.findall(line), NUMBER.findall(before), strict=True)
    return all(int(one) - int(other) in {0, 1} for one, other in pairs)
