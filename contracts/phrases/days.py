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

Days = tuple[date, date]
MARK = r"[./-]"
DIGITS = "[0-9]{1,2}"
MONTH = rf"{COUNT}月(?!号)(?:{COUNT}日|末日?|中)?"
WRITTEN = rf"年(?!度|間)(?:{MONTH})?"
FULL = rf"(?:{YEAR}(?:{WRITTEN}|{MARK}{DIGITS}(?:{MARK}{DIGITS})?(?![0-9])))"
PACKED = r"(?<![0-9])20[0-9]{2}(?:0[1-9]|1[0-2])(?:[0-2][0-9]|3[01])(?![0-9])"
SHORT = r"(?<![0-9])[0-9]{1,2}月(?!号)(?:[0-9]{1,2}日|末日?|中)?"
YEARS = {"一昨年": -2, "昨年": -1, "去年": -1, "今年": 0, "本年": 0, "来年": 1}
RELATIVE = rf"(?:{'|'.join(YEARS)})(?!度)(?:の?{MONTH})?"
NAMED: dict[str, Callable[[date], Days]] = {
    "先々月": lambda day: _month(*_months_before(day, 2)),
    "先月": lambda day: _month(*_months_before(day, 1)),
    "今月": lambda day: _month(day.year, day.month),
    "先週": lambda day: _week(day - timedelta(days=7)),
    "今週": lambda day: _week(day),
    "昨日": lambda day: (day - timedelta(days=1), day - timedelta(days=1)),
    "本日": lambda day: (day, day),
    "今日": lambda day: (day, day),
}
DAY = f"(?:{RELATIVE}|{'|'.join(NAMED)}|{FULL}|{PACKED}|{SHORT})"
RANGE = re.compile(rf"({DAY}){TILDE}({DAY}|[0-9]{{1,2}}日)(?:まで)?")
POINT = re.compile(rf"([~〜])?({DAY})({LIMIT})?")
BACK = re.compile(r"(?:過去|直近|ここ|この|最近)の?([0-9]{1,3})(年|か月|ヶ月|ヵ月|カ月|ケ月|箇月|週間|日)(?:以内|間)?")
READ = re.compile(
    rf"(?:(?P<year>{YEAR})(?:年|{MARK}))?(?:(?P<month>{COUNT})(?:(?:月|{MARK})(?:(?P<day>{COUNT}|末)?日?|中)|$))?$"
)
STEPS = {"週間": 7, "日": 1}


def find_days(text: str, *, today: date) -> Iterator[tuple[int, int, Chip]]:
    """Yield where days stand in a phrase; without a year, the latest that has begun by today."""
    for found in RANGE.finditer(text):
        if span := _between(found[1], found[2], today):
            yield found.start(), found.end(), Chip(Field.DATE, found[0], span)
    for found in BACK.finditer(text):
        yield found.start(), found.end(), Chip(Field.DATE, found[0], Span(_back(int(found[1]), found[2], today), today))
    for found in POINT.finditer(text):
        if days := _read(found[2], today):
            limit = "まで" if found[1] else found[3] or ""
            yield found.start(), found.end(), Chip(Field.DATE, found[0], limited(Span(*days), limit, step=_step))


def _between(first: str, last: str, today: date) -> Span | None:
    begin = _read(first, today)
    if begin is None:
        return None
    if re.fullmatch(f"{DIGITS}日", last):
        last = f"{begin[0].month}月{last}"
    end = _read(last, today, since=begin[0])
    return Span(begin[0], end[1]) if end else None


def _read(text: str, today: date, *, since: date | None = None) -> Days | None:
    """Read a year, a month or a day as its first and last day; with `since`, a month without a year lies after it."""
    if text in NAMED:
        return NAMED[text](today)
    found = READ.fullmatch(_with_year(text, today))
    if found is None:
        return None
    month = read_number(found["month"]) if found["month"] else None
    if found["year"]:
        year = read_year(found["year"], today=today)
        return _days(year, month, found["day"]) if year else None
    if since is not None:
        near = [_days(year, month, found["day"]) for year in (since.year, since.year + 1)]
        return next((days for days in near if days and days[1] >= since), None)
    near = [_days(year, month, found["day"]) for year in range(today.year, today.year - 9, -1)]
    return next((days for days in near if days and days[0] <= today), None)


def _with_year(text: str, today: date) -> str:
    if re.fullmatch(PACKED, text):
        return f"{text[:4]}/{text[4:6]}/{text[6:]}"
    for name, years in YEARS.items():
        if text.startswith(name):
            return f"{today.year + years}年{text.removeprefix(name).removeprefix('の')}"
    return text


def _days(year: int, month: int | None, day: str | None) -> Days | None:
    if year > LAST_YEAR or not 0 < (month or 1) <= 12:
        return None
    whole = _month(year, month) if month else (date(year, 1, 1), date(year, 12, 31))
    if not day:
        return whole
    number = whole[1].day if day == "末" else read_number(day)
    if not number or number > whole[1].day:
        return None
    return whole[0].replace(day=number), whole[0].replace(day=number)


def _month(year: int, month: int) -> Days:
    return date(year, month, 1), date(year, month, monthrange(year, month)[1])


def _months_before(day: date, months: int) -> tuple[int, int]:
    count = day.year * 12 + day.month - 1 - months
    return count // 12, count % 12 + 1


def _back(count: int, unit: str, today: date) -> date:
    if unit in STEPS:
        return today - timedelta(days=count * STEPS[unit])
    year, month = _months_before(today, min(count, 150) * 12 if unit == "年" else count)
    return date(year, month, min(today.day, monthrange(year, month)[1]))


def _week(day: date) -> Days:
    monday = day - timedelta(days=day.weekday())
    return monday, monday + timedelta(days=6)


def _step(day: date, by: int) -> date:
    return day + timedelta(days=by)
