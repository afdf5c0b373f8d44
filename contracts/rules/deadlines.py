"""Until when a contract must be concluded, counted in the open, and what happens after that day (R41, R42)."""

import datetime as dt
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from itertools import islice

import holidays
from django.utils.translation import gettext as _

from contracts.dates import WEEKDAYS, said, wareki, weekday_date
from contracts.rules import defaults
from contracts.rules.amounts import payment_terms
from contracts.rules.errors import RuleError
from contracts.rules.nodes import Rules, as_date, is_month_day

ONE_DAY = dt.timedelta(days=1)
# 祝日の表がある年。表のない年の期限を黙って数えない。
FIRST_YEAR, LAST_YEAR = 1949, 2099
YEAR_END = {(12, 29), (12, 30), (12, 31), (1, 1), (1, 2), (1, 3)}


@dataclass(frozen=True)
class Deadline:
    """The last day, how it was counted, and a warning ("" when there is none)."""

    date: dt.date
    working: str
    warning: str


@dataclass(frozen=True)
class Lateness:
    """Whether a day is past the deadline, and whether signing is allowed on it, perhaps for a recorded reason."""

    late: bool
    allowed: bool
    text: str
    needs_reason: bool = False


def deadline(rules: Rules, awarded_date: dt.date) -> Deadline | None:
    """Count the last day for concluding the contract; None where the municipality sets no period.

    Raise RuleError for a year without a table of holidays.
    """
    period = rules.get("deadline")
    return None if period is None else _counted(period, awarded_date, "落札日")


def payment_due(rules: Rules, claimed_date: dt.date) -> Deadline:
    """Count the last day for paying an advance that was claimed on a day (約款の前金払; 民法140条, 142条).

    Raise RuleError for a year without a table of holidays.
    """
    return _counted(_payment_period(rules), claimed_date, "請求日")


def refund_due(rules: Rules, reduced_date: dt.date) -> Deadline:
    """Count the last day for giving back what was received beyond the price reduced on a day (約款の前金払).

    Raise RuleError for a year without a table of holidays.
    """
    period = _payment_period(rules)
    return _counted({**period, "count_from": "next_day", "days": period["refund_days"]}, reduced_date, "減額の日")


def _payment_period(rules: Rules) -> Rules:
    closed = rules.get("deadline", {}).get("local_closed_days", ())
    return {**payment_terms(rules), "unit": "calendar", "local_closed_days": closed}


def _counted(period: Rules, since: dt.date, event: str) -> Deadline:
    """Count a period from the day of an event, in the open."""
    _check_year(since)
    last = day_of_period(period, since)
    working = f"{_start(period, since, event)} → {_nth(period, since, last)}"
    why_closed = _why_closed(period, last)
    if why_closed and period["rollover"] == "next_open":
        opened = next(_open_days(period, last))
        working += f"（閉庁日：{why_closed}） → 翌開庁日 {_short(opened, since)}"
        return Deadline(opened, f"{working} まで", "")
    warning = ""
    if why_closed:
        warning = (
            f"最終日の{weekday_date(last)}は閉庁日（{why_closed}）ですが、繰り延べの定めがないため期限は延びません。"
        )
    return Deadline(last, f"{working} まで", warning)


def late_policy(rules: Rules) -> str:
    """Name what the municipality does after the deadline: "block", "warn" or "tolerate"; "block" where none is set."""
    return str(rules.get("deadline", {}).get("late_policy", "block"))


def tolerated_days(rules: Rules) -> int:
    """Count the days after the deadline on which a signature is still taken without more ado."""
    period = rules.get("deadline", {})
    return int(period.get("tolerate_days", 0)) if period.get("late_policy") == "tolerate" else 0


def days_left(deadline_date: dt.date, today: dt.date) -> int:
    """Count the days that remain: 0 on the last day, negative after it."""
    return (deadline_date - today).days


def late(rules: Rules, deadline_date: dt.date, on: dt.date) -> Lateness:
    """Judge a day in Japan against the deadline under the municipality's policy."""
    over = -days_left(deadline_date, on)
    if over <= 0:
        return Lateness(late=False, allowed=True, text=f"契約締結期限（{wareki(deadline_date)}）の内です。")
    period = rules.get("deadline")
    if period is None:
        raise RuleError("この規則には「deadline」（契約締結期限）の定めがありません。")
    past = _("契約締結期限（%(day)s）を%(over)s日過ぎています。") % {"day": said(deadline_date), "over": over}
    if period["late_policy"] == "block":
        return Lateness(late=True, allowed=False, text=past + _("契約締結の遡及はできないため、署名できません。"))
    if period["late_policy"] == "warn":
        text = f"{past}期限後に署名する理由を課長が記録すると、署名できます。"
        return Lateness(late=True, allowed=True, text=text, needs_reason=True)
    if over <= period["tolerate_days"]:
        return Lateness(
            late=True, allowed=True, text=f"{past}猶予の{period['tolerate_days']}日以内ですので、署名できます。"
        )
    words = _("猶予の%(days)s日も過ぎたため、署名できません。") % {"days": period["tolerate_days"]}
    return Lateness(late=True, allowed=False, text=past + words)


def date_basis(rules: Rules) -> str:
    """Tell what the contract's day is: "last_signature", or "printed_date" for the day printed in the contract."""
    basis: str = defaults.value(rules, "deadline", "date_basis")
    return basis


def day_of_period(period: Rules, since: dt.date) -> dt.date:
    """Count to the last day of a period from the day of its event, closed or not; raise RuleError without a table."""
    first = since if period["count_from"] == "inclusive" else since + ONE_DAY
    days: int = period["days"]
    if period["unit"] == "calendar":
        return first + ONE_DAY * (days - 1)
    return next(islice(_open_days(period, first), days - 1, None))


def _open_days(period: Rules, first: dt.date) -> Iterator[dt.date]:
    day = first
    # 閉庁日ばかりの表でも、数えるのを必ず終える。
    for _day in range(3 * 366):
        if not _why_closed(period, day):
            yield day
        day += ONE_DAY
    raise RuleError("「local_closed_days」（自治体独自の閉庁日）が多すぎて、開庁日を数えられません。")


def why_closed(rules: Rules, day: dt.date) -> str:
    """Name the reason a municipality's office is closed on a day, "" when it is open.

    Raise RuleError for a year without a table of holidays.
    """
    return _why_closed(rules.get("deadline", {}), day)


def _why_closed(period: Rules, day: dt.date) -> str:
    _check_year(day)
    if day.weekday() >= 5:
        return f"{WEEKDAYS[day.weekday()]}曜日"
    if name := _national_holidays(day.year).get(day):
        return name
    if (day.month, day.day) in YEAR_END:
        return "年末年始"
    return "自治体の閉庁日" if _is_local_closed_day(period, day) else ""


def _check_year(day: dt.date) -> None:
    if not FIRST_YEAR <= day.year <= LAST_YEAR:
        raise RuleError(f"{day.year}年の祝日の表がないため、期限を数えられません。日付を確かめてください。")


def _is_local_closed_day(period: Rules, day: dt.date) -> bool:
    return any(
        closed == f"{day:%m-%d}" if is_month_day(closed) else as_date(closed) == day
        for closed in period.get("local_closed_days", ())
    )


@cache
def _national_holidays(year: int) -> Mapping[dt.date, str]:
    return dict(holidays.country_holidays("JP", years=year, language="ja"))


def _start(period: Rules, since: dt.date, event: str) -> str:
    first = f"{event} {_short(since, since)}"
    if period["count_from"] == "inclusive":
        return f"{first} 起算"
    return f"{first} → 翌日 {_short(since + ONE_DAY, since)} 起算"


def _nth(period: Rules, since: dt.date, last: dt.date) -> str:
    only_open = "（閉庁日を除く）" if period["unit"] == "business" else ""
    return f"{period['days']}日目{only_open} {_short(last, since)}"


def _short(day: dt.date, since: dt.date) -> str:
    year = "" if day.year == since.year else f"{day.year}/"
    return f"{year}{day.month}/{day.day}({WEEKDAYS[day.weekday()]})"
