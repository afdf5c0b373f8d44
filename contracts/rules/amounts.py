"""How much a guarantee secures and how an advance is paid: the shape, sense and reading of a city's data (§2.5).

The law's own figures stand in defaults.toml and in the rule sets; here is only what they are called and how they fit.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from contracts.rules import choices, defaults
from contracts.rules.errors import RuleError
from contracts.rules.nodes import Field, Flag, OneOf, Rules, Table, TableOf, Whole, optional

LONGEST_PERIOD = 180
PERCENT = Whole(0, 100)
YEN = Whole(0, 10**15)
ADVANCES = ("advance", "interim_advance")
PERCENTS = {f"{key}_percent": f"{label}の割合（％）" for key, label in choices.GUARANTEE_TYPES.items()}


# 契約保証は請負代金額の何パーセント以上、前払金保証と中間前払金保証は何パーセント以下か。
AMOUNTS = Table(
    {
        **{key: Field(label, PERCENT) for key, label in PERCENTS.items()},
        "low_price_contract_percent": optional(
            "低入札の契約の契約保証の割合（％）", PERCENT, "低入札価格調査を経た契約で、割合を上げるときに書きます。"
        ),
        "low_price_advance_percent": optional(
            "低入札の契約の前払金保証の割合（％）", PERCENT, "低入札価格調査を経た契約で、割合を下げるときに書きます。"
        ),
        "rounding": optional(
            "前払金の額の端数（円）", Whole(1, 10_000_000), "この額の単位で切り捨てます。10万円単位なら 100,000。"
        ),
        "base": optional(
            "前払金の割合をかける額",
            OneOf(choices.ADVANCE_BASES),
            "対象額は、年度の出来高予定額など、案件ごとに定める額です。",
        ),
        "kinds": optional(
            "案件ごとに違う割合",
            TableOf(Table({key: optional(label, PERCENT) for key, label in PERCENTS.items()}), keys="kinds"),
            "空けた割合は、上の割合（契約書に印字する割合があればその割合）によります。",
        ),
    }
)
THRESHOLD = Table(
    {
        "from_price": optional("請負代金額（円）", YEN, "この金額以上の契約に限ります。"),
        "shortest_days": optional("工期（日）", Whole(1, 3660), "この日数以上の工期に限ります。"),
        "shortest_months": optional("工期（月）", Whole(1, 120), "日数でなく月で定めるときに書きます。"),
    }
)
THRESHOLDS = Table({key: optional(label, THRESHOLD) for key, label in choices.GUARANTEE_TYPES.items()})
PAYMENT = Table(
    {
        "count_from": optional("支払の期限の起算日", OneOf(choices.CLAIM_COUNT_FROM)),
        "days": optional("請求から支払までの日数", Whole(1, LONGEST_PERIOD)),
        "rollover": optional("最終日が閉庁日のとき", OneOf(choices.ROLLOVERS)),
        "refund_percent": optional(
            "減額のとき返還を求める割合（％）", PERCENT, "受領済みの前払金が、減額後の額のこの割合を超えた分です。"
        ),
        "refund_percent_with_interim": optional("中間前払金も受領済みのときの割合（％）", PERCENT),
        "refund_days": optional("減額から返還までの日数", Whole(1, LONGEST_PERIOD)),
        "elapsed_percent": optional("認定に要る工期の経過（％）", PERCENT),
        "done_percent": optional(
            "認定に要る出来高（％）", PERCENT, "請負代金額に対する、行われた作業の経費の割合です。"
        ),
        "excludes_partial": optional("部分払のある契約に中間前払金を支払わない", Flag()),
    }
)


@dataclass(frozen=True)
class Threshold:
    """From which contracts on a city asks for a guarantee or pays an advance; 0 where it sets no limit."""

    from_price: int = 0
    shortest_days: int = 0
    shortest_months: int = 0


@dataclass(frozen=True, kw_only=True)
class GuaranteeTerms:
    """A city's figures for one kind of case; the keys of the mappings are the types of guarantee.

    Percentages are of the price (or of the part an advance is reckoned from), `rounding` is in whole yen.
    """

    percents: Mapping[str, int]
    low_price_percents: Mapping[str, int]
    thresholds: Mapping[str, Threshold]
    rounding: int
    may_be_part: bool
    refund_percent: int
    refund_percent_with_interim: int
    elapsed_percent: int
    done_percent: int
    excludes_partial: bool


def guarantee_terms(rules: Rules, kind: str) -> GuaranteeTerms:
    """Read the figures for a kind of case; raise RuleError where the city takes no electronic guarantees."""
    scope = rules["guarantee"]
    if "amounts" not in scope:
        raise RuleError(f"{rules['name']}の規程に、保証金額の割合がありません。")
    amounts, payment = scope["amounts"], payment_terms(rules)
    limits = scope.get("thresholds", {})
    return GuaranteeTerms(
        percents=_percents(rules, kind),
        low_price_percents=_by_type(amounts, "low_price_"),
        thresholds={key: Threshold(**limits.get(key, {})) for key in choices.GUARANTEE_TYPES},
        rounding=amounts.get("rounding", 1),
        may_be_part=amounts.get("base") == "part",
        refund_percent=payment["refund_percent"],
        refund_percent_with_interim=payment["refund_percent_with_interim"],
        elapsed_percent=payment["elapsed_percent"],
        done_percent=payment["done_percent"],
        excludes_partial=payment["excludes_partial"],
    )


def payment_terms(rules: Rules) -> Rules:
    """Give the terms of payment, each with its default where the rules are silent."""
    return {**defaults.value({}, "guarantee", "payment"), **rules["guarantee"].get("payment", {})}


def validate_amounts(rules: Rules) -> None:
    """Refuse figures that contradict each other; raise RuleError naming the key."""
    for key, limit in rules["guarantee"].get("thresholds", {}).items():
        if {"shortest_days", "shortest_months"} <= limit.keys():
            raise RuleError(f"「thresholds」の「{key}」の工期は、日数と月のどちらか一方で書いてください。")
    amounts = rules["guarantee"]["amounts"]
    general, low = _by_type(amounts), _by_type(amounts, "low_price_")
    if low.get("contract", 100) < general["contract"]:
        raise RuleError("「low_price_contract_percent」は、「contract_percent」以上にしてください。")
    if low.get("advance", 0) > general["advance"]:
        raise RuleError("「low_price_advance_percent」は、「advance_percent」以下にしてください。")
    for kind in rules["kinds"]:
        _validate_percents(guarantee_terms(rules, kind), rules["kinds"][kind])


def _validate_percents(terms: GuaranteeTerms, kind: str) -> None:
    _, advance, interim = (terms.percents[key] for key in choices.GUARANTEE_TYPES)
    if advance + interim > 100:
        raise RuleError(f"{kind}の前払金保証と中間前払金保証の割合の合計が100を超えています。")
    # 支払える割合より低い線で返還を求めると、払ったとたんに返還になる。
    if advance > terms.refund_percent:
        raise RuleError(f"「refund_percent」は、{kind}の前払金保証の割合（{advance}）以上にしてください。")
    if advance + interim > terms.refund_percent_with_interim:
        raise RuleError(
            f"「refund_percent_with_interim」は、{kind}の前払金保証と中間前払金保証の割合の合計"
            f"（{advance + interim}）以上にしてください。"
        )


def _percents(rules: Rules, kind: str) -> dict[str, int]:
    """Give the percentages by type: the city's own for the kind, else what its contracts print, else the general."""
    amounts = rules["guarantee"]["amounts"]
    printed = rules.get("contract", {}).get("percents", {}).get(kind, {})
    names = {"advance": "advance_percent", "interim_advance": "interim_percent"}
    from_print = {key: printed[name] for key, name in names.items() if name in printed}
    return {**_by_type(amounts), **from_print, **_by_type(amounts.get("kinds", {}).get(kind, {}))}


def _by_type(amounts: Rules, prefix: str = "") -> dict[str, int]:
    names = {key: f"{prefix}{key}_percent" for key in choices.GUARANTEE_TYPES}
    return {key: amounts[name] for key, name in names.items() if name in amounts}
