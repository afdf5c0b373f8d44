"""Rule data as a person reads it: headings and sentences."""

from dataclasses import dataclass
from typing import Any

from contracts.dates import wareki, yen
from contracts.rules import CASE_DEPARTMENT, GUARANTEE_TYPES, Rules
from contracts.rules.choices import DATE_FIELDS, OPERATORS
from contracts.rules.nodes import as_date

COUNT_FROM = {"inclusive": "落札日から", "next_day": "落札日の翌日から"}
UNITS = {"calendar": "暦日で数えます。", "business": "閉庁日を除いて数えます。"}
ROLLOVER = {
    "none": "最終日が閉庁日でも延ばしません。",
    "next_open": "最終日が閉庁日のときは、次の開庁日まで延ばします。",
}
LATE = {
    "block": "期限を過ぎると、署名できません。",
    "warn": "期限を過ぎても署名できますが、期限後であることを記録します。",
    "tolerate": "期限後も、猶予の日数のうちは署名できます。",
}
CHANNELS = {"upload": "画面から登録", "email": "メール", "bring": "持参", "fax": "ファックス", "post": "郵送"}


@dataclass(frozen=True)
class Section:
    title: str
    lines: tuple[str, ...]


def describe(rules: Rules) -> list[Section]:
    """Say a municipality's rules in sentences."""
    sections = [
        Section("電子契約の対象", tuple(_eligibility(rules, rules["econtract"]))),
        Section("契約締結期限", tuple(_deadline(rules.get("deadline")))),
        Section("電子保証の対象", tuple(_eligibility(rules, rules["guarantee"]))),
    ]
    if rules["guarantee"]["offered"]:
        sections.append(Section("電子保証の提出", tuple(_guarantee(rules["guarantee"]))))
    return sections


def _eligibility(rules: Rules, scope: Rules) -> list[str]:
    if not scope["offered"]:
        return [scope["reason"]]
    lines = [_condition(condition) for condition in scope["conditions"]]
    lines.append("、".join(rules["kinds"][kind] for kind in scope["kinds"]) + "が対象です。")
    lines += [f"{rules['methods'][method]}は対象外です。" for method in scope.get("excluded_methods", ())]
    for start in scope.get("excluded_work_starts", ()):
        month, day = map(int, start.split("-"))
        lines.append(f"{month}月{day}日に履行を開始するものは対象外です。")
    if minimum := scope.get("minimum_amount"):
        lines.append(f"請負代金額が{yen(minimum)}以上のものが対象です。")
    return lines


def _condition(condition: Rules) -> str:
    label = condition.get("label", DATE_FIELDS[condition["date_field"]])
    return f"{label}が{wareki(as_date(condition['date']))}{OPERATORS[condition['operator']]}のものが対象です。"


def _deadline(period: Rules | None) -> list[str]:
    if period is None:
        return ["電子契約の期限の定めはありません。"]
    lines = [f"{COUNT_FROM[period['count_from']]}{period['days']}日以内に、双方の署名を終えます。"]
    lines += [UNITS[period["unit"]] + ROLLOVER[period["rollover"]], LATE[period["late_policy"]]]
    if days := period.get("tolerate_days"):
        lines.append(f"猶予は{days}日です。")
    return lines + ([period["note"]] if period.get("note") else [])


def _guarantee(scope: Rules) -> list[str]:
    lines = [f"提出方法: {'、'.join(CHANNELS[channel] for channel in scope['channels'])}"]
    lines += [f"{GUARANTEE_TYPES[kind]}の提出先: {_place(scope, kind)}" for kind in scope["types"]]
    lines += list(scope.get("refused_types", {}).values())
    return lines + list(scope.get("notes", ()))


def _place(scope: Any, kind: str) -> str:
    place: str = scope["routing"][kind]
    return "案件の担当課" if place == CASE_DEPARTMENT else place
