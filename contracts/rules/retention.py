"""How long a contract is kept after its works: counted from a city's dated rules (R20)."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta

from contracts.dates import FISCAL_YEAR_STARTS, fiscal_year, wareki
from contracts.rules import choices, defaults
from contracts.rules.nodes import OneOf, Rules, Table, TableOf, optional
from contracts.rules.years import last_day

YEARS: Mapping[str, int] = {"five_years": 5, "seven_years": 7, "ten_years": 10}
PERIOD = OneOf(choices.RETENTION_PERIODS)

RETENTION = Table(
    {
        "period": optional(
            "保存期間", PERIOD, "過ぎても、自動では消えません。廃棄の一覧に挙がり、二人の承認を得て廃棄します。"
        ),
        "count_from": optional("起算日", OneOf(choices.RETENTION_COUNT_FROM)),
        "kinds": optional("案件の区分ごとに違う保存期間", TableOf(PERIOD, keys="kinds")),
    }
)


@dataclass(frozen=True)
class Retention:
    """How long the records of one contract are kept: both days inclusive, `ends` None for ever; how it was counted."""

    period: str
    starts: date
    ends: date | None
    working: str

    def is_over(self, *, on: date) -> bool:
        """Tell whether the last day has passed; never for what is kept for ever."""
        return self.ends is not None and self.ends < on


def retention_period(rules: Rules, kind: str) -> str:
    """Tell the class of a kind of case: a key of RETENTION_PERIODS."""
    by_kind: Mapping[str, str] = rules.get("retention", {}).get("kinds", {})
    return by_kind.get(kind) or str(defaults.value(rules, "retention", "period"))


def retention(rules: Rules, *, kind: str, completed: date) -> Retention:
    """Count how long the records of a contract are kept, from the day on which its works were completed."""
    period = retention_period(rules, kind)
    count_from = defaults.value(rules, "retention", "count_from")
    starts = _after_fiscal_year(completed) if count_from == "fiscal_year" else completed + timedelta(days=1)
    ends = last_day(starts, YEARS[period]) if period in YEARS else None
    return Retention(period, starts, ends, _working(period, count_from, completed, starts, ends))


def _after_fiscal_year(day: date) -> date:
    return date(fiscal_year(day) + 1, FISCAL_YEAR_STARTS, 1)


def _working(period: str, count_from: str, completed: date, starts: date, ends: date | None) -> str:
    begun = f"{wareki(completed)}に履行完了 → {choices.RETENTION_COUNT_FROM[count_from]}（{wareki(starts)}）"
    until = f" → {wareki(ends)}まで" if ends else ""
    return f"{begun}{choices.RETENTION_PERIODS[period]}{until}"
