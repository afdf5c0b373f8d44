"""On which days people are reminded of what waits for them: counted from a city's dated rules (R42, R62, R69)."""

import datetime as dt
from typing import Any

from contracts.rules import defaults
from contracts.rules.deadlines import ONE_DAY, day_of_period
from contracts.rules.errors import RuleError
from contracts.rules.nodes import ListOf, Rules, Table, Whole, optional

LONGEST = 366
AFTER = Whole(1, LONGEST)
LEFT = ListOf(Whole(0, LONGEST), at_least=1)
# 初めの日から終わりの日まで（両端を含む）。催促の日は、尋ねられた期間の中だけを数える
Span = tuple[dt.date, dt.date]

REMINDERS = Table(
    {
        "deadline_from_day": optional(
            "契約締結期限の催促を始める日（何日目）",
            AFTER,
            "期限の数え方で数えたこの日から期限の日まで、毎日知らせます。期限より後になるときは、期限の日だけです。",
        ),
        "escalate_days_left": optional(
            "課長へも知らせる残りの日数", Whole(0, LONGEST), "期限までこの日数以内になると、課の承認者へも知らせます。"
        ),
        "overdue_every_days": optional("期限を過ぎた後に知らせる間隔（日）", AFTER, "期限の翌日から、この間隔です。"),
        "unopened_after_days": optional("署名の依頼を開かないとき、知らせるまでの日数", AFTER),
        "unopened_every_days": optional("署名の依頼を開かないとき、その後の間隔（日）", AFTER),
        "consent_after_days": optional("承諾書の提出がないとき、知らせるまでの日数", AFTER),
        "consent_every_days": optional("承諾書の提出がないとき、その後の間隔（日）", AFTER),
        "guarantee_after_days": optional("保証の提出がないとき、知らせるまでの日数", AFTER),
        "guarantee_every_days": optional("保証の提出がないとき、その後の間隔（日）", AFTER),
        "download_days_left": optional("ダウンロードの期限の何日前に知らせるか", LEFT),
        "authority_days_left": optional("署名の権限の任期の末日の何日前に知らせるか", LEFT),
        "certificate_days_left": optional("署名の証明書などの終わりの何日前に知らせるか", LEFT),
    }
)

# 催促の決まりが拠る項目
KEYS = {
    "deadline": ("deadline_from_day",),
    "deadline_firm": ("deadline_from_day",),
    "escalation": ("escalate_days_left", "overdue_every_days"),
    "overdue": ("overdue_every_days",),
    "unopened": ("unopened_after_days", "unopened_every_days"),
    "consent": ("consent_after_days", "consent_every_days"),
    "guarantee": ("guarantee_after_days", "guarantee_every_days"),
    "download": ("download_days_left",),
    "download_lapsed": ("download_days_left",),
    "authority": ("authority_days_left",),
    "certificate": ("certificate_days_left",),
}


def reminder_line(rules: Rules, rule: str) -> str:
    """Write what the city's rules say for one rule of reminding, as their file has it."""
    return "、".join(f"{key} = {_value(rules, key)}" for key in KEYS[rule])


def deadline_days(rules: Rules, *, awarded: dt.date, deadline: dt.date, within: Span) -> list[dt.date]:
    """List the days on which a conclusion is urged: every one from the city's n-th counted day to the deadline.

    The days are counted as the deadline itself is (first day, calendar or office days); where the n-th comes after
    the deadline, it is the deadline alone. Raise RuleError for a year without a table of holidays.
    """
    period = rules.get("deadline")
    if period is None:
        return []
    first = day_of_period({**period, "days": _value(rules, "deadline_from_day")}, awarded)
    return _every_day(min(first, deadline), deadline, within)


def escalation_days(rules: Rules, *, deadline: dt.date, within: Span) -> list[dt.date]:
    """List the days on which the section chief is told: the last ones before the deadline, and those after it."""
    first = deadline - ONE_DAY * _value(rules, "escalate_days_left")
    return _every_day(first, deadline, within) + overdue_days(rules, deadline=deadline, within=within)


def overdue_days(rules: Rules, *, deadline: dt.date, within: Span) -> list[dt.date]:
    """List the days on which a missed deadline is told: the day after it, and every so many days."""
    return _repeated(deadline + ONE_DAY, _value(rules, "overdue_every_days"), within)


def waiting_days(
    rules: Rules, what: str, *, since: dt.date, within: Span, until: dt.date | None = None
) -> list[dt.date]:
    """List the days on which someone is asked again: `what` is "unopened", "consent" or "guarantee".

    The first comes so many days after `since`, the others follow at the city's interval, `until` being the last day.
    """
    first = since + ONE_DAY * _value(rules, f"{what}_after_days")
    found = _repeated(first, _value(rules, f"{what}_every_days"), within)
    return [day for day in found if until is None or day <= until]


def ending_days(rules: Rules, what: str, *, ends: dt.date, within: Span) -> list[dt.date]:
    """List the days on which an end is announced: `what` is "download", "authority" or "certificate"."""
    return sorted(
        day for left in set(_value(rules, f"{what}_days_left")) if _is_in(day := ends - ONE_DAY * left, within)
    )


def furthest_left(rules: Rules, what: str) -> int:
    """Tell how many days before an end it is announced for the first time."""
    furthest: int = max(_value(rules, f"{what}_days_left"))
    return furthest


def validate_reminders(section: Rules) -> None:
    """Refuse a day that is named twice; raise RuleError naming the key."""
    for key, value in section.items():
        if isinstance(value, list) and len(set(value)) != len(value):
            label = REMINDERS.fields[key].label
            raise RuleError(f"「reminders」の「{key}」（{label}）に、同じ日数が2度あります。")


def _value(rules: Rules, key: str) -> Any:
    return defaults.value(rules, "reminders", key)


def _every_day(first: dt.date, last: dt.date, within: Span) -> list[dt.date]:
    first, last = max(first, within[0]), min(last, within[1])
    return [first + ONE_DAY * n for n in range((last - first).days + 1)]


def _repeated(first: dt.date, every: int, within: Span) -> list[dt.date]:
    """Count on from a day by equal steps, straight to the span asked for, however long ago it began."""
    skipped = max(0, -(-(within[0] - first).days // every))
    start = first + ONE_DAY * (skipped * every)
    return [start + ONE_DAY * n for n in range(0, (within[1] - start).days + 1, every)]


def _is_in(day: dt.date, within: Span) -> bool:
    return within[0] <= day <= within[1]
