"""Whether a case may be contracted, or guaranteed, electronically: two independent rule sets (R38-R40, R112, R114)."""

import operator
from collections.abc import Callable, Iterator, Mapping
from dataclasses import asdict, dataclass
from datetime import date
from typing import Any

from contracts.dates import wareki, yen
from contracts.rules import clausesets, schema
from contracts.rules.choices import DATE_FIELDS, OPERATORS
from contracts.rules.nodes import Rules, as_date, month_day
from contracts.rules.years import last_day

COMPARE: Mapping[str, Callable[[date, date], bool]] = {
    "on_or_after": operator.ge,
    "after": operator.gt,
    "on_or_before": operator.le,
    "before": operator.lt,
}
LABELS: Mapping[str, str] = {key: field.label for key, field in schema.ECONTRACT.fields.items()}


@dataclass(frozen=True)
class CaseFacts:
    """What the rules ask of a case; a day that is not yet known is None. The amount is in yen, tax included.

    Traits are the keys of the municipality's exclusions that hold for the case.
    """

    kind: str
    procurement_method: str
    announced_date: date | None
    awarded_date: date | None
    contracted_date: date | None
    work_starts_date: date | None
    amount: int | None
    needs_council: bool = False
    traits: frozenset[str] = frozenset()
    work_ends_date: date | None = None


@dataclass(frozen=True)
class RuleLine:
    """One rule asked: its name, the sentence, whether it holds, and whether a person should look again."""

    text: str
    passed: bool
    rule: str = ""
    caution: bool = False


@dataclass(frozen=True)
class Verdict:
    """The answer, the sentence that decided it, every rule asked, and the name of the version that was asked."""

    eligible: bool
    decided_by: str
    lines: tuple[RuleLine, ...]
    version: str = ""

    def to_dict(self) -> dict[str, Any]:
        return asdict(self) | {"lines": [asdict(line) for line in self.lines]}


def kinds(rules: Rules) -> dict[str, str]:
    """Map each kind of case to the city's name of it: those its rules treat of first, in their order, then the rest."""
    treated = [*rules["econtract"].get("kinds", ()), *rules["guarantee"].get("kinds", ())]
    return {kind: rules["kinds"][kind] for kind in dict.fromkeys([*treated, *rules["kinds"]])}


def econtract_verdict(rules: Rules, facts: CaseFacts) -> Verdict:
    """Judge whether the contract of this case may be electronic."""
    return _verdict(rules, "econtract", facts, "電子契約")


def guarantee_verdict(rules: Rules, facts: CaseFacts) -> Verdict:
    """Judge whether an electronic guarantee is taken for this case; the contract itself may be on paper (R95)."""
    return _verdict(rules, "guarantee", facts, "電子保証")


def _verdict(rules: Rules, section: str, facts: CaseFacts, subject: str) -> Verdict:
    scope = rules[section]
    if scope["offered"]:
        lines = (*_common(rules, scope, facts), *ONLY[section](rules, facts))
    else:
        refusal = f"{rules['name']}では、{subject}を取り扱っていません。{scope['reason']}"
        lines = (RuleLine(refusal, passed=False, rule=LABELS["offered"]),)
    failed = next((line for line in lines if not line.passed), None)
    decided_by = failed.text if failed else f"{rules['name']}の{subject}の条件を、すべて満たしています。"
    return Verdict(eligible=failed is None, decided_by=decided_by, lines=lines, version=rules["version"])


def _common(rules: Rules, scope: Rules, facts: CaseFacts) -> Iterator[RuleLine]:
    for condition in scope["conditions"]:
        yield _condition(condition, facts)
    yield _kind(rules, scope["kinds"], facts)
    for method in scope.get("excluded_methods", ()):
        yield _excluded_method(rules["methods"], method, facts)
    for start in scope.get("excluded_work_starts", ()):
        yield _excluded_start(start, facts)
    if minimum := scope.get("minimum_amount"):
        yield _minimum(minimum, facts)


def _only_econtract(rules: Rules, facts: CaseFacts) -> Iterator[RuleLine]:
    scope = rules["econtract"]
    if years := scope.get("longest_years"):
        yield _longest(years, facts)
    yield from _council(scope, facts)
    for exclusion in scope.get("exclusions", ()):
        yield _exclusion(exclusion, facts)


def _only_guarantee(rules: Rules, facts: CaseFacts) -> Iterator[RuleLine]:
    day = facts.contracted_date or facts.awarded_date or facts.announced_date
    clauses = clausesets.newest(rules, kind=facts.kind, on=day) if day else None
    if clauses is None:
        return
    rule = "電子保証とするには、契約に使う約款に電磁的方法による寄託の定めがあることが条件です。"
    has = "に定めがありますので、条件を満たします" if clauses.electronic_guarantee else "に定めがないため、対象外です"
    text = f"{rule}{wareki(day)}の約款「{clauses.name}」{has}。" if day else rule
    yield RuleLine(text, clauses.electronic_guarantee, rule=schema.CONTRACT.fields["clause_sets"].label)


ONLY: Mapping[str, Callable[[Rules, CaseFacts], Iterator[RuleLine]]] = {
    "econtract": _only_econtract,
    "guarantee": _only_guarantee,
}


def _condition(condition: Rules, facts: CaseFacts) -> RuleLine:
    label = condition.get("label", DATE_FIELDS[condition["date_field"]])
    limit = as_date(condition["date"])
    rule = f"{label}が{wareki(limit)}{OPERATORS[condition['operator']]}であることが条件です。"
    value: date | None = getattr(facts, condition["date_field"])
    if value is None:
        return _unknown(rule, label, LABELS["conditions"])
    passed = COMPARE[condition["operator"]](value, limit)
    text = f"{rule}この案件は{wareki(value)}ですので、条件を{'満たします' if passed else '満たしません'}。"
    return RuleLine(text, passed, rule=LABELS["conditions"])


def _kind(rules: Rules, kinds: list[str], facts: CaseFacts) -> RuleLine:
    names: Mapping[str, str] = rules["kinds"]
    passed = facts.kind in kinds
    ours = names.get(facts.kind, facts.kind)
    text = f"適用案件は、{'、'.join(names[kind] for kind in kinds)}です。この案件は{ours}ですので、"
    return RuleLine(f"{text}{'適用案件に当たります' if passed else '対象外です'}。", passed, rule=LABELS["kinds"])


def _excluded_method(names: Mapping[str, str], method: str, facts: CaseFacts) -> RuleLine:
    ours = names.get(facts.procurement_method, facts.procurement_method)
    text = f"{names[method]}は対象外です。この案件の調達方法は{ours}ですので、"
    return _excluded(text, LABELS["excluded_methods"], falls=facts.procurement_method == method)


def _excluded_start(start: str, facts: CaseFacts) -> RuleLine:
    rule = f"{month_day(start)}履行開始分は対象外です。"
    starts = facts.work_starts_date
    if starts is None:
        return _unknown(rule, "履行開始日", LABELS["excluded_work_starts"])
    text = f"{rule}この案件の履行開始日は{wareki(starts)}ですので、"
    return _excluded(text, LABELS["excluded_work_starts"], falls=f"{starts:%m-%d}" == start)


def _minimum(minimum: int, facts: CaseFacts) -> RuleLine:
    rule = f"請負代金額が{yen(minimum)}以上であることが条件です。"
    if facts.amount is None:
        return _unknown(rule, "請負代金額", LABELS["minimum_amount"])
    passed = facts.amount >= minimum
    text = f"{rule}この案件は{yen(facts.amount)}ですので、条件を{'満たします' if passed else '満たしません'}。"
    return RuleLine(text, passed, rule=LABELS["minimum_amount"])


def _longest(years: int, facts: CaseFacts) -> RuleLine:
    rule = f"{years}年を超える契約は対象外です。"
    starts, ends = facts.work_starts_date, facts.work_ends_date
    if starts is None or ends is None:
        return _unknown(rule, "契約期間", LABELS["longest_years"])
    text = f"{rule}この案件は{wareki(starts)}から{wareki(ends)}までですので、"
    return _excluded(text, LABELS["longest_years"], falls=ends > last_day(starts, years))


def _council(scope: Rules, facts: CaseFacts) -> Iterator[RuleLine]:
    rule = LABELS["council"]
    if facts.needs_council:
        yield COUNCIL_LINES[scope.get("council", "")](rule)
    elif (limit := scope.get("council_amount")) and facts.amount is not None and facts.amount >= limit:
        text = f"{yen(limit)}以上の契約は、議会の議決が要ることがあります。この案件は{yen(facts.amount)}です。"
        yield RuleLine(f"{text}議決の要否をご確認ください。", passed=True, rule=rule, caution=True)


COUNCIL_LINES: Mapping[str, Callable[[str], RuleLine]] = {
    "excluded": lambda rule: RuleLine(
        "議会の議決に付すべき契約は対象外です。この案件は議決が要りますので、対象外です。", passed=False, rule=rule
    ),
    "provisional": lambda rule: RuleLine(
        "この案件は議会の議決が要ります。まず仮契約を締結し、議決を得た日に本契約とします。", passed=True, rule=rule
    ),
    "allowed": lambda rule: RuleLine(
        "議会の議決に付すべき契約も対象です。この案件は議決が要ります。", passed=True, rule=rule
    ),
    "": lambda rule: RuleLine(
        "この案件は議会の議決が要りますが、扱いの定めがありません。契約担当課にご確認ください。",
        passed=True,
        rule=rule,
        caution=True,
    ),
}


def _exclusion(exclusion: Rules, facts: CaseFacts) -> RuleLine:
    falls = exclusion["key"] in facts.traits
    text = f"{exclusion['label']}は対象外です。この案件は{'これに当たりますので、' if falls else ''}"
    return _excluded(text, LABELS["exclusions"], falls=falls)


def _excluded(text: str, rule: str, *, falls: bool) -> RuleLine:
    return RuleLine(f"{text}{'対象外です' if falls else 'これに当たりません'}。", not falls, rule=rule)


def _unknown(text: str, what: str, rule: str) -> RuleLine:
    return RuleLine(f"{text}この案件は{what}が登録されていないため、判定できません。", passed=False, rule=rule)
