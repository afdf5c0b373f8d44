"""Years in a phrase: 令和7年度, R5〜R7年度, 昨年度, 令和7年度下半期, 2024年度以降."""

import re
from collections.abc import Iterator
from datetime import date, timedelta

from contracts.dates import ERAS, LAST_YEAR, fiscal_year
from contracts.phrases.chips import Chip, Field, Span
from contracts.phrases.limits import LIMIT, TILDE, limited
from contracts.phrases.numerals import read_number

COUNT = "(?:元|[0-9]{1,2}|[〇一二三四五六七八九十]{1,3})"
ERA_YEAR = rf"(?:令和|平成|昭和|[令平昭]|(?<![A-Za-z0-9])[RrHhSs]\.?){COUNT}"
WESTERN = r"(?<![0-9])(?:西暦|FY)?(?:19|20)[0-9]{2}"
YEAR = f"(?:{ERA_YEAR}|{WESTERN})"
RELATIVE = {"今年度": 0, "本年度": 0, "一昨年度": -2, "昨年度": -1, "前年度": -1, "来年度": 1, "翌年度": 1}
PARTS = {
    "上半期": (0, 6), "下半期": (6, 12), "上期": (0, 6), "下期": (6, 12),
    "第1四半期": (0, 3), "第2四半期": (3, 6), "第3四半期": (6, 9), "第4四半期": (9, 12),
}  # fmt: skip
RANGE = re.compile(rf"({YEAR})(?:年度)?(?:(・)|{TILDE})({YEAR}|{COUNT})年度(?:まで)?")
POINT = re.compile(
    rf"(?:(?P<year>{YEAR}|(?<![0-9年度]){COUNT})年度|(?P<relative>{'|'.join(RELATIVE)})"
    rf"|(?<!\S)(?P<short>[RrHhSs]{COUNT}|FY20[0-9]{{2}})(?=\s|$|以|の|か))"
    rf"(?:の?(?P<part>{'|'.join(PARTS)})|(?P<limit>{LIMIT}))?"
)
PART_ALONE = re.compile(rf"(?<!\S)(?:{'|'.join(PARTS)})")


def find_years(text: str, *, today: date) -> Iterator[tuple[int, int, Chip]]:
    """Yield where fiscal years stand in a phrase; a part of a year is a range of days, the latest begun if no year."""
    for found in RANGE.finditer(text):
        first = read_year(found[1], today=today)
        last = read_year(found[3], today=today, era=found[1])
        # 「5・6年度」は続いた年度のときだけ範囲になる。
        if first and last and (found[2] is None or last - first == 1):
            yield found.start(), found.end(), Chip(Field.FISCAL_YEAR, found[0], Span(first, last))
    for found in POINT.finditer(text):
        year = _year_of(found, today)
        if year is None:
            continue
        if found["part"]:
            yield found.start(), found.end(), Chip(Field.DATE, found[0], _days(year, *PARTS[found["part"]]))
        else:
            span = limited(Span(year, year), found["limit"] or "", step=lambda value, by: value + by)
            yield found.start(), found.end(), Chip(Field.FISCAL_YEAR, found[0], span)
    for found in PART_ALONE.finditer(text):
        begin, end = PARTS[found[0]]
        year = fiscal_year(today) if _month_on(fiscal_year(today), begin) <= today else fiscal_year(today) - 1
        yield found.start(), found.end(), Chip(Field.DATE, found[0], _days(year, begin, end))


def _year_of(found: re.Match[str], today: date) -> int | None:
    if found["relative"]:
        return fiscal_year(today) + RELATIVE[found["relative"]]
    return read_year(found["year"] or found["short"], today=today)


def read_year(text: str, *, today: date, era: str = "") -> int | None:
    """Read a year of an era or of the west; without an era, of the one in `era`, else of today's."""
    if western := re.search("(?:19|20)[0-9]{2}$", text):
        return int(western[0])
    counted = re.search(f"{COUNT}$", text)
    if counted is None:
        return None
    sign = (text[: counted.start()] or era)[:1].upper()
    number = 1 if counted[0] == "元" else read_number(counted[0])
    chosen = next((one for one in ERAS if sign in (one.name[0], one.letter)), None)
    if chosen is None:
        chosen = next(one for one in ERAS if one.first <= today)
    year = chosen.first.year + number - 1 if number else None
    # 平成31年度のように、改元の年の数は次の元号になっても使われる。
    return year if year is not None and year <= min(chosen.last.year + 1, LAST_YEAR) else None


def _days(year: int, begin: int, end: int) -> Span:
    return Span(_month_on(year, begin), _month_on(year, end) - timedelta(days=1))


def _month_on(year: int, months: int) -> date:
    """Return the first of a month of a fiscal year, counted from April as 0."""
    return date(year + (months + 3) // 12, (months + 3) % 12 + 1, 1)
