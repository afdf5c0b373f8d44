"""お知らせと証書の、項目の見出し。書き方の違いは labels.toml にある。"""

import re
import tomllib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from guarantees.reading.letters import folded


class Label(StrEnum):
    """What a value on one of the papers is."""

    TYPE = "type"
    NUMBER = "number"
    PAPER_NUMBER = "paper_number"
    KEY = "key"
    WORK_TITLE = "work_title"
    SUBJECT = "subject"
    ORDERER = "orderer"
    GUARANTOR = "guarantor"
    BENEFICIARY = "beneficiary"
    APPLICANT = "applicant"
    APPLICANT_NAME = "applicant_name"
    ADDRESS = "address"
    ISSUED = "issued"
    AMOUNT = "amount"
    GUARANTEED = "guaranteed"
    WORK_PERIOD = "work_period"
    PRICE = "price"
    BASE_PRICE = "base_price"
    DEPOSIT_BANK = "deposit_bank"
    BRANCH = "branch"
    OTHER = "other"


SPELLINGS = tomllib.loads(Path(__file__).with_suffix(".toml").read_text(encoding="utf-8"))
NAMES = {folded(spelling): Label(name) for name, spellings in SPELLINGS.items() for spelling in spellings}
_ANY = "|".join(sorted(map(re.escape, NAMES), key=len, reverse=True))
_BULLET = r"[・●■◆◇▼▽▶▷○◎*]?(?:\(?[0-9]{1,2}[).:、]|[0-9](?=[^0-9]))?"
LABEL = re.compile(
    rf"{_BULLET}(?P<open>[【\[「『〔<〈(])?(?P<name>{_ANY})等?(?P<inner>\([^()]{{1,16}}\))?(?(open)[】\]」』〕>〉)])"
    r"(?P<note>(?:\([^()]{1,24}\))?(?:[※*][0-9]?)?)(?P<colon>:|[.・‥_]{3,})?"
)
TRANSLATION = re.compile(r"[/(]?[A-Za-z.']{3,}\)?$")
SPACE = 0.4  # 見出しの前後の空き（字の大きさの倍数）
EVEN = 0.15  # 均等割付の字の間は、これほどしか違わない
HEADED = {"【", "[", "〔"}  # この括弧の見出しには、値がじかに続くことがある。かぎ括弧は文の中の引用かもしれない


def label_of(text: str) -> Label | None:
    """Tell which label the whole of a text is; a translation into Latin letters may stand by."""
    plain = folded(text)
    found = LABEL.fullmatch(plain) or LABEL.fullmatch(TRANSLATION.sub("", plain))
    return _meant(found) if found else None


def _meant(found: re.Match[str]) -> Label:
    label = NAMES[found["name"]]
    return Label.BASE_PRICE if label is Label.PRICE and "対象" in found[0] else label


@dataclass(frozen=True)
class Spot:
    """A label in a line: which, and from which character until which."""

    label: Label
    start: int
    end: int


def spots(texts: Sequence[str], gaps: Sequence[float]) -> Iterator[Spot]:
    """Find the labels in a line of characters; gaps[i] is the space before the i-th, in parts of its size.

    A label starts the line or stands after a space wider than those inside it, and is followed by the same, a colon
    or its own bracket: words in running text are none.
    """
    letters = [(letter, index) for index, text in enumerate(texts) for letter in folded(text)]
    line, origins = "".join(letter for letter, _ in letters), [index for _, index in letters]
    reached = 0
    for at, start in enumerate(origins):
        if start >= reached and (spot := _spot(line, origins, gaps, at)):
            yield spot
            reached = spot.end


def _spot(line: str, origins: Sequence[int], gaps: Sequence[float], at: int) -> Spot | None:
    found = LABEL.match(line, at)
    if found is None:
        return None
    start, end = origins[at], origins[found.end() - 1] + 1
    named = origins[found.end("name") - 1] + 1
    if named < end < len(gaps) and gaps[named] >= SPACE > gaps[end] and not found["colon"]:
        end = named  # 離れた括弧に字がじかに続くなら、括弧は値の始まり
    begins = start == 0 or _parted(gaps, start, start - 1, start + 1, end)
    ends = end == len(gaps) or _parted(gaps, end, end + 1, start + 1, end)
    told = found["colon"] or found["open"] in HEADED
    return Spot(_meant(found), start, end) if begins and (ends or told) else None


def _parted(gaps: Sequence[float], at: int, beyond: int, first: int, last: int) -> bool:
    """Tell whether a label is parted from its neighbour, and is not a piece of a longer word spread as widely."""
    if gaps[at] < SPACE:
        return False
    within = max(gaps[first:last], default=0.0)
    spread = [gaps[index] for index in (at, beyond) if 0 < index < len(gaps)]
    return within < SPACE or any(abs(gap - within) > EVEN * within for gap in spread)
