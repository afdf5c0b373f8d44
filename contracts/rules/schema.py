"""What rule data may look like, said once; every refusal names the key."""

import re
from collections.abc import Callable, Mapping
from datetime import date
from typing import Any

from contracts.rules.errors import RuleError

Rules = Mapping[str, Any]
Check = Callable[[object, str], None]

DATE_FIELDS = {
    "announced_date": "公告日",
    "awarded_date": "落札日",
    "contracted_date": "契約日",
    "work_starts_date": "履行開始日",
}
OPERATORS = {"on_or_after": "以降", "after": "より後", "on_or_before": "以前", "before": "より前"}
GUARANTEE_TYPES = {"contract": "契約保証", "advance": "前払金保証", "interim_advance": "中間前払金保証"}
PAPERS = ("notice", "certificate_screen")
CHANNELS = ("upload", "email", "bring", "fax", "post")
LONGEST_PERIOD = 180


def text(value: object, at: str) -> None:
    if not isinstance(value, str) or not value.strip():
        raise RuleError(f"{at}は空でない文字列で書いてください。")


def flag(value: object, at: str) -> None:
    if not isinstance(value, bool):
        raise RuleError(f"{at}は true か false で書いてください。")


def day(value: object, at: str) -> None:
    try:
        as_date(value)
    except ValueError:
        raise RuleError(f"{at}は「2026-03-01」の形の実在する日付で書いてください（いまの値：{value}）。") from None


def month_day(value: object, at: str) -> None:
    try:
        # 2月29日も年ごとの日として書けるように、うるう年で確かめる。
        as_date(f"2024-{value}")
    except ValueError:
        raise RuleError(f"{at}は「04-01」の形の月日で書いてください（いまの値：{value}）。") from None


def day_or_month_day(value: object, at: str) -> None:
    (month_day if is_month_day(value) else day)(value, at)


def whole(low: int, high: int) -> Check:
    def check(value: object, at: str) -> None:
        if not isinstance(value, int) or isinstance(value, bool) or not low <= value <= high:
            raise RuleError(f"{at}は{low}以上{high}以下の整数で書いてください（いまの値：{value}）。")

    return check


def one_of(*choices: str) -> Check:
    def check(value: object, at: str) -> None:
        if value not in choices:
            raise RuleError(f"{at}は{'、'.join(choices)}のいずれかで書いてください（いまの値：{value}）。")

    return check


def list_of(item: Check, *, at_least: int = 0) -> Check:
    def check(value: object, at: str) -> None:
        if not isinstance(value, list | tuple) or len(value) < at_least:
            raise RuleError(f"{at}は{f'{at_least}個以上の' if at_least else ''}並びで書いてください。")
        for number, element in enumerate(value, start=1):
            item(element, f"{at}の{number}番目")

    return check


def table_of(item: Check) -> Check:
    """Check a table whose keys the municipality chooses."""

    def check(value: object, at: str) -> None:
        for key, element in _mapping(value, at).items():
            item(element, f"{at}の「{key}」")

    return check


def table(required: Mapping[str, tuple[str, Check]], optional: Mapping[str, tuple[str, Check]] | None = None) -> Check:
    """Check a table with fixed keys: {key: (Japanese label, check)}."""
    known = {**required, **(optional or {})}

    def check(value: object, at: str) -> None:
        found = _mapping(value, at)
        inside = f"{at}の" if at else ""
        for key in (key for key in found if key not in known):
            raise RuleError(f"{inside}「{key}」という項目はありません。使えるのは{'、'.join(known)}です。")
        for key in (key for key in required if key not in found):
            raise RuleError(f"{inside}「{key}」（{required[key][0]}）がありません。")
        for key, element in found.items():
            label, inner = known[key]
            inner(element, f"{inside}「{key}」（{label}）")

    return check


def _mapping(value: object, at: str) -> Mapping[str, object]:
    if not isinstance(value, Mapping):
        raise RuleError(f"{at or '規則'}は表（キーと値の組）で書いてください。")
    return value


CONDITION = table(
    {
        "date_field": ("基準にする日", one_of(*DATE_FIELDS)),
        "operator": ("比べ方", one_of(*OPERATORS)),
        "date": ("日付", day),
    },
    {"label": ("基準にする日の呼び名", text)},
)
ELIGIBILITY: Mapping[str, tuple[str, Check]] = {
    "reason": ("取り扱わない理由", text),
    "kinds": ("適用案件", list_of(text, at_least=1)),
    "conditions": ("適用時期", list_of(CONDITION)),
    "excluded_methods": ("対象外の調達方法", list_of(text)),
    "excluded_work_starts": ("対象外の履行開始日", list_of(month_day)),
    "minimum_amount": ("金額の下限（円）", whole(0, 10**15)),
}
BY_TYPE = {key: (label, text) for key, label in GUARANTEE_TYPES.items()}
PAPERS_BY_TYPE = {key: (label, list_of(one_of(*PAPERS), at_least=1)) for key, label in GUARANTEE_TYPES.items()}
PERCENT = whole(0, 100)
# 契約保証は請負代金額の何パーセント以上、前払金保証と中間前払金保証は何パーセント以下か。
AMOUNTS = {f"{key}_percent": (f"{label}の割合（％）", PERCENT) for key, label in GUARANTEE_TYPES.items()}
CONTRACT_TERMS: Mapping[str, tuple[str, Check]] = {
    "clause_set": ("適用する約款", text),
    "tax_percent": ("消費税及び地方消費税の率（％）", PERCENT),
    "guarantee_text": ("契約保証金の欄の文", text),
    "advance_percent": ("前払金の割合（％）", PERCENT),
    "interim_percent": ("中間前払金の割合（％）", PERCENT),
    "special_terms": ("特約事項", list_of(text)),
}
RULES = table(
    {
        "name": ("自治体の名称", text),
        "version": ("版の名", text),
        "effective_date": ("施行日", day),
        "source": ("根拠", text),
        "kinds": ("工種・業務区分の呼び名", table_of(text)),
        "methods": ("調達方法の呼び名", table_of(text)),
        "econtract": ("電子契約の対象", table({"offered": ("取扱い", flag)}, ELIGIBILITY)),
        "guarantee": (
            "電子保証",
            table(
                {"offered": ("取扱い", flag)},
                {
                    **ELIGIBILITY,
                    "types": ("保証の種類", list_of(one_of(*GUARANTEE_TYPES), at_least=1)),
                    "refused_types": ("受け付けない保証の理由", table_of(text)),
                    "channels": ("提出方法", list_of(one_of(*CHANNELS), at_least=1)),
                    "papers": ("提出書類", table({}, PAPERS_BY_TYPE)),
                    "routing": ("提出先", table({}, BY_TYPE)),
                    "amounts": ("保証金額の割合", table(AMOUNTS)),
                    "notes": ("提出の注意", list_of(text)),
                    "clause_set": ("約款", table({"name": ("名称", text), "effective_date": ("改正日", day)})),
                    "contact": ("問い合わせ先", table({"department": ("課名", text), "note": ("案内", text)})),
                },
            ),
        ),
    },
    {
        "deadline": (
            "契約締結期限",
            table(
                {
                    "count_from": ("起算日", one_of("inclusive", "next_day")),
                    "unit": ("数え方", one_of("calendar", "business")),
                    "days": ("日数", whole(1, LONGEST_PERIOD)),
                    "rollover": ("最終日が閉庁日のとき", one_of("none", "next_open")),
                    "late_policy": ("期限後の扱い", one_of("block", "warn", "tolerate")),
                },
                {
                    "tolerate_days": ("猶予の日数", whole(1, LONGEST_PERIOD)),
                    "local_closed_days": ("自治体独自の閉庁日", list_of(day_or_month_day)),
                    "rule": ("期限の定め", text),
                    "note": ("期限の注記", text),
                },
            ),
        ),
        "contract": ("契約書に印字する条件", table(CONTRACT_TERMS)),
        "consent": (
            "電子契約利用承諾書",
            table(
                {
                    "form": ("様式番号", text),
                    "title": ("様式の名称", text),
                    "statement": ("同意の文", text),
                    "notes": ("備考", list_of(text, at_least=1)),
                }
            ),
        ),
    },
)


ELECTRONIC_NEEDS = {
    "deadline": "契約締結期限",
    "consent": "電子契約利用承諾書",
    "contract": "契約書に印字する条件",
}
GUARANTEE_NEEDS = {
    "types": "保証の種類",
    "channels": "提出方法",
    "papers": "提出書類",
    "routing": "提出先",
    "amounts": "保証金額の割合",
}


def validate(rules: object) -> None:
    """Refuse rule data that is malformed or contradicts itself; raise RuleError naming the key in Japanese."""
    RULES(rules, "")
    assert isinstance(rules, Mapping)  # noqa: S101 - RULES が確かめた
    for section in ("econtract", "guarantee"):
        _validate_eligibility(rules, section)
    _validate_econtract(rules)
    _validate_guarantee(rules["guarantee"])


def as_date(value: object) -> date:
    """Read a day that TOML keeps as a date and JSON as text."""
    if type(value) is date:
        return value
    if not isinstance(value, str) or not re.fullmatch(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", value):
        raise ValueError(value)
    return date.fromisoformat(value)


def is_month_day(value: object) -> bool:
    """Tell a day of every year (「08-14」) from a day of one year."""
    return isinstance(value, str) and re.fullmatch(r"[0-9]{2}-[0-9]{2}", value) is not None


def _validate_eligibility(rules: Rules, section: str) -> None:
    scope = rules[section]
    for key in ("kinds", "conditions") if scope["offered"] else ("reason",):
        if key not in scope:
            raise RuleError(f"「{section}」の「{key}」（{ELIGIBILITY[key][0]}）がありません。")
    for key, names in (("kinds", "kinds"), ("excluded_methods", "methods")):
        for value in scope.get(key, ()):
            if value not in rules[names]:
                raise RuleError(f"「{section}」の「{key}」にある「{value}」の呼び名が「{names}」にありません。")


def _validate_econtract(rules: Rules) -> None:
    if rules["econtract"]["offered"]:
        for key, label in ELECTRONIC_NEEDS.items():
            if key not in rules:
                raise RuleError(f"電子契約を取り扱うには「{key}」（{label}）が要ります。")
    period = rules.get("deadline", {})
    if (period.get("late_policy") == "tolerate") != ("tolerate_days" in period):
        raise RuleError(
            "「deadline」の「tolerate_days」（猶予の日数）は、「late_policy」が tolerate のときに限り書いてください。"
        )


def _validate_guarantee(scope: Rules) -> None:
    if not scope["offered"]:
        return
    for key, label in GUARANTEE_NEEDS.items():
        if key not in scope:
            raise RuleError(f"「guarantee」の「{key}」（{label}）がありません。")
    for key in ("papers", "routing"):
        if set(scope[key]) != set(scope["types"]):
            label = GUARANTEE_NEEDS[key]
            raise RuleError(f"「guarantee」の「{key}」（{label}）は、「types」の種類を過不足なく書いてください。")
