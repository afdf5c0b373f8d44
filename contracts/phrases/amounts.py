"""Amounts of money in a phrase: 500万円以上, 130万円超, 500〜1000万円, 1億円台, 300万円前後. All in yen."""

import re
from collections.abc import Iterator

from contracts.dates import MAX_YEN
from contracts.phrases.chips import Chip, Field, Span
from contracts.phrases.limits import LIMIT, TILDE, limited
from contracts.phrases.numerals import NUMERAL, read_number

ABOUT = "前後|程度|くらい|ぐらい|ほど"
STARTS = r"(?<![A-Za-z0-9.,第-])"
RANGE = re.compile(
    rf"{STARTS}¥?(?P<first>{NUMERAL})(?P<yen>円?){TILDE}¥?(?P<last>{NUMERAL})(?P<mark>円?)(?:まで|以下)?"
)
POINT = re.compile(
    rf"{STARTS}(?P<open>[~〜])?(?P<about>約|およそ)?(?P<mark>¥?)(?P<value>{NUMERAL})(?P<yen>円?)"
    rf"(?P<limit>{LIMIT}|{ABOUT}|台)?(?=(?P<next>.?))"
)
# 「円」のない数は、後に続く字を見て金額かどうかを決める（2万5千分の1、10万立米、国道34号）。
ENDS = re.compile(r"[\s、,の]?")
LEAST_BARE = 1_000


def find_amounts(text: str) -> Iterator[tuple[int, int, Chip]]:
    """Yield where amounts stand in a phrase, and what they ask for."""
    taken = 0
    while found := RANGE.search(text, taken):
        taken = found.end()
        if span := _range(found):
            yield found.start(), found.end(), Chip(Field.AMOUNT, found[0], span)
    yield from _points(text)


def _points(text: str) -> Iterator[tuple[int, int, Chip]]:
    for found in POINT.finditer(text):
        if span := _point(found):
            yield found.start(), found.end(), Chip(Field.AMOUNT, found[0], span)


def _range(found: re.Match[str]) -> Span | None:
    first, last = found["first"], found["last"]
    if not (found["mark"] or re.search("[0-9][百千]?[万億]", last)):
        return None
    # 「500〜1000万円」の 500 は、後の単位を借りる。
    unit = re.search("[百千]?[万億]$|千$", last)
    if unit and not found["yen"] and re.fullmatch("[0-9.]+", first):
        first += unit[0]
    ends = (read_number(first), read_number(last))
    return Span(*ends) if None not in ends else None


def _point(found: re.Match[str]) -> Span | None:
    value, limit = read_number(found["value"]), found["limit"] or ""
    if value is None or value > MAX_YEN or not _is_money(found, value):
        return None
    if found["about"] or limit in ABOUT.split("|"):
        return Span(value * 9 // 10, value * 11 // 10)
    if limit == "台":
        return Span(value, value + _leading_step(value) - 1)
    return limited(Span(value, value), "まで" if found["open"] else limit, step=lambda yen, by: yen + by)


def _is_money(found: re.Match[str], value: int) -> bool:
    if found["yen"] or found["mark"]:
        return True
    if not ENDS.fullmatch(found["next"]) or found["limit"] == "台":
        return False
    has_unit = re.search("[0-9][十百千]?[万億]", found["value"]) is not None
    return has_unit or (value >= LEAST_BARE and found["limit"] in ("以上", "以下", "未満", "超"))


def _leading_step(value: int) -> int:
    """Return how wide 「台」 is: 500万円台 ends below 600万円, 150万円台 below 160万円, 1億円台 below 2億円."""
    digits = str(value)
    return int(10 ** (len(digits) - len(digits.rstrip("0"))))
