"""Days in a phrase: 令和7年4月1日以降, 4月から9月まで, 2025/4, 先月, 過去3か月. All days of Japan."""

import re
from calendar import monthrange
from collections.abc import Callable, Iterator
from datetime import date, timedelta

from contracts.dates import LAST_YEAR
from contracts.phrases.chips import Chip, Field, Span
from contracts.phrases.limits import LIMIT, TILDE, limited
from contracts.phrases.numerals import read_number
from contracts.phrases.years import COUNT, YEAR, read_year

MARK = r"[./-]"
DIGITS = "[0-9]{1,2}"
WRITTEN = rf"年(?!度|間)(?:{COUNT}月(?:{COUNT}日)?)?"
FULL = rf"(?:{YEAR}(?:{WRITTEN}|{MARK}{DIGITS}(?:{MARK}{DIGITS})?(?![0-9])))"
PACKED = r"(?<![0-9])20[0-9]{2}(?:0[1-9]|1[0-2])(?:[0-2][0-9]|3[01])(?![0-9])"
SHORT = r"(?<![0-9])[0-9]{1,2}月(?:[0-9]{1,2}日|(?!号))"
DAY = f"(?:{FULL}|{PACKED}|{SHORT})"
READ = re.compile(rf"(?:(?P<year>{YEAR})(?:年|{MARK}))?(?:(?P<month>{COUNT})(?:(?:月|{MARK})(?P<day>{COUNT})?日?|$))?$")
BACK = re.compile(r"(?:過去|直近|ここ|この|最近)の?([0-9]{1,3})(年|か月|ヶ月|ヵ月|カ月|ケ月|箇月|週間|日)(?:以内|間)?")
NAMED: dict[str, Callable[[date], Span | None]] = {
    "一昨年": lambda day: _month_or_year(day.year - 2),
    "昨年": lambda day: _month_or_year(day.year - 1),
    "去年": lambda day: _month_or_year(day.year - 1),
    "今年": lambda day: _month_or_year(day.year),
    "先々月": lambda day: _month_or_year(*_months_before(day, 2)),
    "先月": lambda day: _month_or_year(*_months_before(day, 1)),
    "今月": lambda day: _month_or_year(day.year, day.month),
    "先週": lambda day: _week(day - timedelta(days=7)),
    "今週": lambda day: _week(day),
    "昨日": lambda day: Span(day - timedelta(days=1), day - timedelta(days=1)),
    "本日": lambda day: Span(day, day),
    "今日": lambda day: Span(day, day),
}
RANGE = re.compile(rf"({DAY})(?:{TILDE})({DAY}|[0-9]{{1,2}}日)(?:まで)?")
POINT = re.compile(rf"([~〜])?(?:({DAY})|({'|'.join(NAMED)})(?!度))({LIMIT})?")
STEPS = {"週間": 7, "日": 1}


def find_days(text: str, *, today: date) -> Iterator[tuple[int, int, Chip]]:
    """Yield where days stand in a phrase; without a year, the latest that has begun by today."""
    for found in RANGE.finditer(text):
        if span := _between(found[1], found[2], today):
            yield found.start(), found.end(), Chip(Field.DATE, found[0], span)
    for found in BACK.finditer(text):
        yield found.start(), found.end(), Chip(Field.DATE, found[0], Span(_back(int(found[1]), found[2], today), today))
    for found in POINT.finditer(text):
        point = _read(found[2], today) if found[2] else NAMED[found[3]](today)
        if point is not None:
            limit = "まで" if found[1] else found[4] or ""
            yield found.start(), found.end(), Chip(Field.DATE, found[0], limited(point, limit, step=_step))


def _between(first: str, last: str, today: date) -> Span | None:
    begin = _read(first, today)
    if begin is None:
        return None
    if last.endswith("日") and "月" not in last and "年" not in last:
        last = f"{begin.first.month}月{last}"
    end = _read(last, today, since=begin.first)
    return Span(begin.first, end.last) if end else None


def _read(text: str, today: date, *, since: date | None = None) -> Span | None:
    """Read a year, a month or a day as its first and last day; with `since`, a month without a year lies after it."""
    if re.fullmatch(PACKED, text):
        text = f"{text[:4]}/{text[4:6]}/{text[6:]}"
    found = READ.fullmatch(text)
    if found is None:
        return None
    month, day = (read_number(found[name]) if found[name] else None for name in ("month", "day"))
    if found["year"]:
        year = read_year(found["year"], today=today)
        return _month_or_year(year, month, day) if year else None
    near = [_month_or_year(year, month, day) for year in range(today.year - 8, today.year + 2)]
    if since is not None:
        near = [_month_or_year(year, month, day) for year in (since.year, since.year + 1)]
        return next((span for span in near if span and span.last >= since), None)
    return next((span for span in reversed(near) if span and span.first <= today), None)


def _month_or_year(year: int, month: int | None = None, day: int | None = None) -> Span | None:
    try:
        first = date(year, month or 1, day or 1)
    except ValueError:
        return None
    if year > LAST_YEAR:
        return None
    last_month = month or 12
    return Span(first, first if day else date(year, last_month, monthrange(year, last_month)[1]))


def _months_before(day: date, months: int) -> tuple[int, int]:
    count = day.year * 12 + day.month - 1 - months
    return count // 12, count % 12 + 1


def _back(count: int, unit: str, today: date) -> date:
    if unit in STEPS:
        return today - timedelta(days=count * STEPS[unit])
    year, month = _months_before(today, min(count, 150) * 12 if unit == "年" else count)
    return date(year, month, min(today.day, monthrange(year, month)[1]))


def _week(day: date) -> Span:
    monday = day - timedelta(days=day.weekday())
    return Span(monday, monday + timedelta(days=6))


def _step(day: date, by: int) -> date:
    return day + timedelta(days=by)
