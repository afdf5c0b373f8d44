"""Refuse rule data that is malformed or contradicts itself; every refusal names the key in Japanese."""

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import partial
from itertools import pairwise
from typing import Any

from contracts.clauses import PLACEHOLDERS
from contracts.rules import choices, schema
from contracts.rules.amounts import validate_amounts
from contracts.rules.errors import RuleError
from contracts.rules.levels import signing_levels, strongest
from contracts.rules.nodes import CASE_DEPARTMENT, KeyOf, ListOf, Node, Rules, Table, TableOf, as_date
from contracts.rules.reminders import validate_reminders
from contracts.rules.ways import validate_ways

ECONTRACT_NEEDS = ("deadline", "consent", "contract")
CONTRACT_NEEDS = ("tax_percent", "guarantee_text", "advance_percent", "interim_percent")
GUARANTEE_NEEDS = ("types", "channels", "papers", "routing", "amounts")
SCOPES = ("econtract", "guarantee")
SECTIONS = tuple(schema.RULES.fields)
PLACEHOLDER = re.compile(r"\{([^{}]*)\}")
SLUG = re.compile(r"[a-z0-9](?:[a-z0-9-]*[a-z0-9])?")
Check = Callable[[], None]


def validate(rules: object) -> None:
    """Check the shape of every key, then what the keys say together; raise RuleError naming the key."""
    schema.RULES.check(rules, "")
    assert isinstance(rules, Mapping)  # noqa: S101 - RULES が確かめた
    for stage in _stages(rules):
        for check in stage:
            check()


def problems(rules: Rules) -> tuple[str, ...]:
    """List all that is wrong at once, for someone still writing the rules; () exactly where validate accepts them."""
    for stage in (_shape(rules), *_stages(rules)):
        if found := tuple(said for check in stage if (said := _refusal(check))):
            return found
    return ()


def _shape(rules: Rules) -> list[Check]:
    """Check each section by itself; keys that are no section belong to no section, so they come with the first."""
    unknown = {key: value for key, value in rules.items() if key not in schema.RULES.fields}
    sections = [({key: rules[key]} if key in rules else {}, Table({key: schema.RULES.fields[key]})) for key in SECTIONS]
    return [partial(Table({}).check, unknown, ""), *(partial(table.check, found, "") for found, table in sections)]


def _stages(rules: Rules) -> Iterator[list[Check]]:
    """Give the checks of a well-shaped rule set in stages: a later stage relies on the earlier ones."""
    yield [partial(_validate_names, rules), *(partial(_validate_scope, rules, section) for section in SCOPES)]
    yield [
        partial(_validate_econtract, rules),
        partial(_validate_guarantee, rules),
        partial(_validate_lateness, rules.get("deadline", {})),
        partial(_validate_clause_sets, rules.get("contract", {})),
        partial(_validate_signing, rules.get("signing", {})),
        partial(_validate_routes, rules.get("approval", {})),
        partial(validate_reminders, rules.get("reminders", {})),
        partial(_validate_notices, rules.get("texts", {}).get("notices", ())),
        partial(_validate_city, rules),
    ]


def _refusal(check: Check) -> str:
    try:
        check()
    except RuleError as wrong:
        return str(wrong)
    return ""


def departments(rules: Rules) -> frozenset[str]:
    """Name every department that the rules send something to."""
    named = [*rules["guarantee"].get("routing", {}).values(), *rules.get("routing", {}).values()]
    steps = [step for route in rules.get("approval", {}).get("routes", ()) for step in route["steps"]]
    named += [step["department"] for step in steps if "department" in step]
    return frozenset(named) - {CASE_DEPARTMENT}


def _need(rules: Rules, section: str, keys: tuple[str, ...]) -> None:
    table = schema.RULES.fields[section].node
    assert isinstance(table, Table)  # noqa: S101 - 節はどれも表
    for key in keys:
        if key not in rules[section]:
            raise RuleError(f"「{section}」の「{key}」（{table.fields[key].label}）がありません。")


def _references(node: Node, value: Any, at: str) -> Iterator[tuple[str, str]]:
    """List every name used for a thing that another table names, with that table."""
    match node:
        case KeyOf(table=table):
            yield value, table
        case ListOf(item=item):
            for element in value:
                yield from _references(item, element, at)
        case TableOf(item=item, keys=keys):
            for key, element in value.items():
                yield from [(key, keys)] if keys else []
                yield from _references(item, element, at)
        case Table(fields=fields):
            for key, element in value.items():
                yield from _references(fields[key].node, element, key)


def _validate_names(rules: Rules) -> None:
    for name, table in _references(schema.RULES, rules, ""):
        if name not in rules[table]:
            raise RuleError(f"「{name}」の呼び名が「{table}」にありません。")


def _validate_scope(rules: Rules, section: str) -> None:
    _need(rules, section, ("kinds", "conditions") if rules[section]["offered"] else ("reason",))


def _validate_econtract(rules: Rules) -> None:
    if not rules["econtract"]["offered"]:
        return
    for key in ECONTRACT_NEEDS:
        if key not in rules:
            raise RuleError(f"電子契約を取り扱うには「{key}」（{schema.RULES.fields[key].label}）が要ります。")
    _need(rules, "contract", CONTRACT_NEEDS)
    contract = rules["contract"]
    if "clause_sets" not in contract:
        _need(rules, "contract", ("clause_set",))
        return
    covered = {kind for clauses in contract["clause_sets"] for kind in clauses["kinds"]}
    for kind in rules["econtract"]["kinds"]:
        if kind not in covered:
            raise RuleError(f"「contract」の「clause_sets」（約款）に、{rules['kinds'][kind]}に使う約款がありません。")


def _validate_guarantee(rules: Rules) -> None:
    if not rules["guarantee"]["offered"]:
        return
    _need(rules, "guarantee", GUARANTEE_NEEDS)
    scope = rules["guarantee"]
    for key in ("papers", "routing"):
        if set(scope[key]) != set(scope["types"]):
            label = schema.GUARANTEE.fields[key].label
            raise RuleError(f"「guarantee」の「{key}」（{label}）は、「types」の種類を過不足なく書いてください。")
    validate_amounts(rules)
    validate_ways(rules)


def _validate_lateness(period: Rules) -> None:
    if (period.get("late_policy") == "tolerate") != ("tolerate_days" in period):
        raise RuleError(
            "「deadline」の「tolerate_days」（猶予の日数）は、「late_policy」が tolerate のときに限り書いてください。"
        )


def _validate_clause_sets(contract: Rules) -> None:
    sets = contract.get("clause_sets", ())
    _refuse_twins("「contract」の「clause_sets」（約款）", [(one["name"],) for one in sets])
    starts = [(kind, as_date(one["effective_date"]).isoformat()) for one in sets for kind in one["kinds"]]
    _refuse_twins("同じ案件に同じ日から使う「clause_sets」（約款）", starts)
    for one in sets:
        for article in one.get("articles", ()):
            for name in PLACEHOLDER.findall("\n".join([article["title"], *article["paragraphs"]])):
                if name not in PLACEHOLDERS:
                    raise RuleError(
                        f"約款「{one['name']}」の「{article['title']}」にある「{{{name}}}」は差し込めません。"
                        f"使えるのは{'、'.join(PLACEHOLDERS)}です。"
                    )


def _validate_signing(signing: Rules) -> None:
    order = signing.get("jv_order")
    if order is not None and sorted(order) != sorted(choices.JV_SIGNERS):
        raise RuleError(
            f"「signing」の「jv_order」（共同企業体の署名順）は、{'、'.join(choices.JV_SIGNERS)}を1回ずつ書いてください。"
        )
    if "levels" in signing:
        _validate_levels(signing)


def _validate_levels(signing: Rules) -> None:
    levels = signing_levels({"signing": signing})
    what = "「signing」の「levels」（受注者の署名者の確かめ方）"
    _refuse_twins(what, [(str(each["from_amount"]),) for each in levels])
    if levels[0]["from_amount"] != 0:
        raise RuleError(f"{what}に、「from_amount」（金額の下限（円））が 0 の行がありません。")
    for smaller, larger in pairwise(levels):
        if strongest(smaller["level"], larger["level"]) != larger["level"]:
            raise RuleError(f"{what}は、金額が大きいほど弱くなるようには書けません。")


def _validate_routes(approval: Rules) -> None:
    routes = approval.get("routes", ())
    _refuse_twins("「approval」の「routes」（決裁の経路）", [(route["name"],) for route in routes])
    starts = [(document, str(route["from_amount"])) for route in routes for document in route["documents"]]
    _refuse_twins("同じ文書に同じ金額から使う「routes」（決裁の経路）", starts)
    for route in routes:
        if not any(step["kind"] == "approve" for step in route["steps"]):
            raise RuleError(f"決裁の経路「{route['name']}」に、承認（approve）の段階がありません。")


def _validate_notices(notices: Sequence[Mapping[str, Any]]) -> None:
    for notice in notices:
        if "until" in notice and as_date(notice["until"]) < as_date(notice["date"]):
            raise RuleError(f"「notices」（重要なお知らせ）「{notice['title']}」の終わる日が、日付より前です。")


def _validate_city(rules: Rules) -> None:
    if (city := rules.get("city")) is None:
        return
    if not SLUG.fullmatch(city["slug"]):
        raise RuleError("「city」の「slug」（記号）は、半角の英小文字と数字とハイフンで書いてください。")
    for one in city.get("institutions", ()):
        _compile(one.get("usual_number", ""))
    names = [one["name"] for one in city["departments"]]
    _refuse_twins("「city」の「departments」（課）", [(name,) for name in names])
    if missing := sorted(departments(rules).difference(names)):
        raise RuleError(
            f"「city」の「departments」（課）に、規則が送り先とする「{'」「'.join(missing)}」がありません。"
        )


def _compile(pattern: str) -> None:
    try:
        re.compile(pattern)
    except re.error:
        raise RuleError(
            f"「city」の「usual_number」（見慣れた番号の形）の「{pattern}」を、正規表現として読めません。"
        ) from None


def _refuse_twins(what: str, keys: Sequence[tuple[str, ...]]) -> None:
    for one, other in pairwise(sorted(keys)):
        if one == other:
            raise RuleError(f"{what}に、「{'、'.join(one)}」が2度あります。")
