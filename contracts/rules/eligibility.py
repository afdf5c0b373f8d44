"""Whether a case may be contracted, or guaranteed, electronically: two independent rule sets (R38-R40, R112, R114)."""

import operator
from collections.abc import Callable, Iterator, Mapping
from dataclasses import asdict, dataclass
from datetime import date
from typing import Any

from contracts.dates import wareki, yen
from contracts.rules.schema import DATE_FIELDS, OPERATORS, Rules, as_date

COMPARE: Mapping[str, Callable[[date, date], bool]] = {
    "on_or_after": operator.ge,
    "after": operator.gt,
    "on_or_before": operator.le,
    "before": operator.lt,
}


@dataclass(frozen=True)
class CaseFacts:
    """What the rules ask of a case; a day that is not yet known is None. The amount is in yen, tax included."""

    kind: str
    procurement_method: str
    announced_date: date | None
    awarded_date: date | None
    contracted_date: date | None
    work_starts_date: date | None
    amount: int


@dataclass(frozen=True)
class RuleLine:
    text: str
    passed: bool


@dataclass(frozen=True)
class Verdict:
    """The answer, the sentence that decided it, and every rule asked."""

    eligible: bool
    decided_by: str
    lines: tuple[RuleLine, ...]

    def to_dict(self) -> dict[str, Any]:
        return asdict(self) | {"lines": [asdict(line) for line in self.lines]}


def econtract_verdict(rules: Rules, facts: CaseFacts) -> Verdict:
    """Judge whether the contract of this case may be electronic."""
    return _verdict(rules, rules["econtract"], facts, "電子契約")


def guarantee_verdict(rules: Rules, facts: CaseFacts) -> Verdict:
    """Judge whether an electronic guarantee is taken for this case; the contract itself may be on paper (R95)."""
    return _verdict(rules, rules["guarantee"], facts, "電子保証")


def _verdict(rules: Rules, scope: Rules, facts: CaseFacts, subject: str) -> Verdict:
    if not scope["offered"]:
        refusal = RuleLine(f"{rules['name']}では、{subject}を取り扱っていません。{scope['reason']}", passed=False)
        return Verdict(eligible=False, decided_by=refusal.text, lines=(refusal,))
    lines = tuple(_lines(rules, scope, facts))
    failed = next((line for line in lines if not line.passed), None)
    decided_by = failed.text if failed else f"{rules['name']}の{subject}の条件を、すべて満たしています。"
    return Verdict(eligible=failed is None, decided_by=decided_by, lines=lines)


def _lines(rules: Rules, scope: Rules, facts: CaseFacts) -> Iterator[RuleLine]:
    for condition in scope["conditions"]:
        yield _condition(condition, facts)
    yield _kind(rules, scope["kinds"], facts)
    for method in scope.get("excluded_methods", ()):
        yield _excluded_method(rules["methods"], method, facts)
    for month_day in scope.get("excluded_work_starts", ()):
        yield _excluded_start(month_day, facts)
    if minimum := scope.get("minimum_amount"):
        yield _minimum(minimum, facts)


def _condition(condition: Rules, facts: CaseFacts) -> RuleLine:
    label = condition.get("label", DATE_FIELDS[condition["date_field"]])
    limit = as_date(condition["date"])
    rule = f"{label}が{wareki(limit)}{OPERATORS[condition['operator']]}であることが条件です。"
    value: date | None = getattr(facts, condition["date_field"])
    if value is None:
        return RuleLine(f"{rule}この案件は{label}が登録されていないため、判定できません。", passed=False)
    passed = COMPARE[condition["operator"]](value, limit)
    return RuleLine(
        f"{rule}この案件は{wareki(value)}ですので、条件を{'満たします' if passed else '満たしません'}。", passed
    )


def _kind(rules: Rules, kinds: list[str], facts: CaseFacts) -> RuleLine:
    names: Mapping[str, str] = rules["kinds"]
    passed = facts.kind in kinds
    ours = names.get(facts.kind, facts.kind)
    text = f"適用案件は、{'、'.join(names[kind] for kind in kinds)}です。この案件は{ours}ですので、"
    return RuleLine(f"{text}{'適用案件に当たります' if passed else '対象外です'}。", passed)


def _excluded_method(names: Mapping[str, str], method: str, facts: CaseFacts) -> RuleLine:
    passed = facts.procurement_method != method
    ours = names.get(facts.procurement_method, facts.procurement_method)
    text = f"{names[method]}は対象外です。この案件の調達方法は{ours}ですので、"
    return RuleLine(f"{text}{'これに当たりません' if passed else '対象外です'}。", passed)


def _excluded_start(month_day: str, facts: CaseFacts) -> RuleLine:
    month, day = map(int, month_day.split("-"))
    rule = f"{month}月{day}日履行開始分は対象外です。"
    starts = facts.work_starts_date
    if starts is None:
        return RuleLine(f"{rule}この案件は履行開始日が登録されていないため、判定できません。", passed=False)
    passed = (starts.month, starts.day) != (month, day)
    text = f"{rule}この案件の履行開始日は{wareki(starts)}ですので、"
    return RuleLine(f"{text}{'これに当たりません' if passed else '対象外です'}。", passed)


def _minimum(minimum: int, facts: CaseFacts) -> RuleLine:
    passed = facts.amount >= minimum
    text = f"請負代金額が{yen(minimum)}以上であることが条件です。この案件は{yen(facts.amount)}ですので、"
    return RuleLine(f"{text}条件を{'満たします' if passed else '満たしません'}。", passed)
