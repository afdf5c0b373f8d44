"""The contractor's rule card: a municipality's rules in a few lines, from the data alone (R119; idea 4)."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

from contracts.dates import wareki, yen
from contracts.rules import choices, schema
from contracts.rules.clausesets import newest
from contracts.rules.levels import signing_levels
from contracts.rules.nodes import Rules, as_date, month_day
from contracts.rules.routes import department_for, signing_order
from contracts.rules.ways import PRINTED_NOTICE, guarantee_policy

NO_ECONTRACT = "契約は紙の契約書で締結します。"


@dataclass(frozen=True)
class CardLine:
    """One line of the card: its key in TOPICS, its heading, and its sentences."""

    key: str
    topic: str
    text: str


def card(rules: Rules) -> tuple[CardLine, ...]:
    """Say the rules as a contractor needs them: both eligibilities, then the six lines of the card."""
    return tuple(CardLine(key, topic, SAY[key](rules)) for key, topic in choices.TOPICS.items())


def _eligibility(rules: Rules) -> str:
    return _scope(rules, rules["econtract"])


def _guarantee(rules: Rules) -> str:
    scope = rules["guarantee"]
    if not scope["offered"]:
        return str(scope["reason"])
    types = "・".join(choices.GUARANTEE_TYPES[key] for key in scope["types"])
    return f"{_scope(rules, scope)}保証は、{types}です。{''.join(scope.get('refused_types', {}).values())}"


def _scope(rules: Rules, scope: Rules) -> str:
    if not scope["offered"]:
        return str(scope["reason"])
    when = "、".join(_condition(condition) for condition in scope["conditions"])
    what = "、".join(rules["kinds"][kind] for kind in scope["kinds"])
    without = "、".join(_excluded(rules, scope))
    return f"{when}{'の' if when else ''}{what}{f'（{without}を除く。）' if without else ''}が対象です。"


def _condition(condition: Rules) -> str:
    label = condition.get("label", choices.DATE_FIELDS[condition["date_field"]])
    return f"{label}が{wareki(as_date(condition['date']))}{choices.OPERATORS[condition['operator']]}"


def _excluded(rules: Rules, scope: Rules) -> Iterator[str]:
    yield from (rules["methods"][method] for method in scope.get("excluded_methods", ()))
    yield from (f"{month_day(start)}履行開始分" for start in scope.get("excluded_work_starts", ()))
    if minimum := scope.get("minimum_amount"):
        yield f"{yen(minimum)}未満のもの"
    if years := scope.get("longest_years"):
        yield f"{years}年を超えるもの"
    if scope.get("council") == "excluded":
        yield "議会の議決に付すべきもの"
    yield from (exclusion["label"] for exclusion in scope.get("exclusions", ()))


def _deadline(rules: Rules) -> str:
    if not rules["econtract"]["offered"]:
        return NO_ECONTRACT
    period = rules["deadline"]
    count_from = choices.COUNT_FROM[period["count_from"]]
    starts = f"{count_from}起算して" if period["count_from"] == "inclusive" else count_from
    counted = "（閉庁日を除く。）" if period["unit"] == "business" else ""
    closed = "最終日が閉庁日のときは、次の開庁日までです。" if period["rollover"] == "next_open" else ""
    return f"{starts}{period['days']}日以内{counted}に、双方の署名を終えます。{closed}{_after(period)}"


def _after(period: Rules) -> str:
    return {
        "block": "期限を過ぎると署名できません。",
        "warn": "期限を過ぎたときは、市が理由を記録したときに限り署名できます。",
        "tolerate": f"期限を過ぎても、{period.get('tolerate_days')}日のうちは署名できます。",
    }[str(period["late_policy"])]


def _consent(rules: Rules) -> str:
    if not rules["econtract"]["offered"]:
        return f"承諾書は要りません。{NO_ECONTRACT}"
    form = rules["consent"]
    office = schema.ROUTING.fields["consent"].node.show(department_for(rules, "consent"), rules)
    return f"{form['form']}「{form['title']}」を案件ごとに{office}へ提出します。"


def _signing(rules: Rules) -> str:
    if not rules["econtract"]["offered"]:
        return NO_ECONTRACT
    alone, together = (
        " → ".join(choices.SIGNERS[who] for who in signing_order(rules, joint_venture=joint)) for joint in (False, True)
    )
    return f"{alone}（共同企業体は、{together}）。{_levels(rules)}"


def _levels(rules: Rules) -> str:
    first, *others = signing_levels(rules)
    above = [f"{yen(each['from_amount'])}以上の契約は、{choices.LEVELS[each['level']]}" for each in others]
    more = f"（{'、'.join(above)}）" if above else ""
    return f"受注者は、{choices.LEVELS[first['level']]}{more}で署名します。"


def _routing(rules: Rules) -> str:
    scope = rules["guarantee"]
    if not scope["offered"]:
        return str(scope["reason"])
    office = schema.ROUTING.fields["consent"].node
    places = _grouped({key: office.show(scope["routing"][key], rules) for key in scope["types"]})
    channels = "・".join(choices.CHANNELS[channel] for channel in scope["channels"])
    return f"{'、'.join(f'{types}は{place}' for place, types in places.items())}へ提出します（{channels}）。"


def _papers(rules: Rules) -> str:
    scope = rules["guarantee"]
    if not scope["offered"]:
        return str(scope["reason"])
    printed = "を印刷したもの" if guarantee_policy(rules) == PRINTED_NOTICE else ""
    needed = {
        key: "と".join(choices.PAPERS[paper] for paper in scope["papers"][key]) + printed for key in scope["types"]
    }
    return "。".join(f"{types}：{papers}" for papers, types in _grouped(needed).items()) + "。"


def _grouped(by_type: Mapping[str, str]) -> dict[str, str]:
    """Turn {type: place} into {place: "契約保証・前払金保証"}, in the order of the types."""
    groups: dict[str, list[str]] = {}
    for key, place in by_type.items():
        groups.setdefault(place, []).append(choices.GUARANTEE_TYPES[key])
    return {place: "・".join(types) for place, types in groups.items()}


def _clauses(rules: Rules) -> str:
    if terms := rules["guarantee"].get("clause_set"):
        return f"電子保証とするときは、当初契約に「{terms['name']}」又はその後の最新版を使います。"
    # 保管された規則の表（kinds）には順番がない。順番のあるのは約款の一覧。
    listed = [kind for one in rules.get("contract", {}).get("clause_sets", ()) for kind in one["kinds"]]
    found = {kind: newest(rules, kind=kind) for kind in listed or rules["kinds"]}
    names: dict[str, list[str]] = {}
    for kind, clauses in found.items():
        if clauses is not None:
            names.setdefault(clauses.name, []).append(rules["kinds"][kind])
    if not names:
        return "約款の定めはありません。"
    if len(names) == 1:
        return f"「{next(iter(names))}」によります。"
    return "、".join(f"{'・'.join(kinds)}は「{name}」" for name, kinds in names.items()) + "によります。"


SAY: Mapping[str, Callable[[Rules], str]] = {
    "eligibility": _eligibility,
    "guarantee": _guarantee,
    "deadline": _deadline,
    "consent": _consent,
    "signing": _signing,
    "routing": _routing,
    "papers": _papers,
    "clauses": _clauses,
}
