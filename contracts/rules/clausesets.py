"""Which general terms (約款) a contract is made under, and the conditions printed with them (R83, R117)."""

from dataclasses import dataclass
from datetime import date

from contracts import clauses
from contracts.clauses import Article
from contracts.dates import wareki
from contracts.rules import defaults
from contracts.rules.errors import RuleError
from contracts.rules.nodes import Rules, as_date

__all__ = [
    "Article",
    "ClauseSet",
    "ContractTerms",
    "clause_set",
    "clause_set_named",
    "clause_sets",
    "contract_terms",
    "newest",
]


@dataclass(frozen=True)
class ClauseSet:
    """General terms: no articles where the municipality keeps their text elsewhere."""

    name: str
    effective_date: date
    articles: tuple[Article, ...]
    electronic_guarantee: bool


@dataclass(frozen=True)
class ContractTerms:
    """What the rules print into a contract of one kind; percentages of the price, "" and 0 for nothing."""

    tax_percent: int
    guarantee_text: str
    advance_percent: int
    interim_percent: int
    delay_rate: str
    days_off: str
    hours_off: str
    arbitration_body: str
    special_terms: tuple[str, ...]


def clause_set(rules: Rules, *, kind: str, on: date) -> ClauseSet:
    """Find the newest general terms in effect on a day (in Japan) for a kind of case.

    Raise RuleError when there are none.
    """
    found = newest(rules, kind=kind, on=on)
    if found is None:
        ours = rules["kinds"].get(kind, kind)
        raise RuleError(f"{rules['name']}の規程に、{wareki(on)}に{ours}に使える約款がありません。")
    return found


def clause_set_named(rules: Rules, name: str) -> ClauseSet | None:
    """Find general terms by their name, as a contract keeps it; None when the rules know none of that name."""
    contract = rules.get("contract", {})
    if "clause_sets" not in contract:
        known = _unwritten(rules, contract)
        return known if known is not None and known.name == name else None
    return next((_read(one) for one in contract["clause_sets"] if one["name"] == name), None)


def newest(rules: Rules, *, kind: str, on: date | None = None) -> ClauseSet | None:
    """Find the newest general terms for a kind of case, of those in effect on a day when one is given."""
    return next(iter(clause_sets(rules, kind=kind, on=on)), None)


def clause_sets(rules: Rules, *, kind: str, on: date | None = None) -> tuple[ClauseSet, ...]:
    """List the general terms for a kind of case, newest first, of those in effect on a day when one is given."""
    contract = rules.get("contract", {})
    if "clause_sets" not in contract:
        known = _unwritten(rules, contract)
        return (known,) if known else ()
    fitting = (
        one
        for one in contract["clause_sets"]
        if kind in one["kinds"] and (on is None or as_date(one["effective_date"]) <= on)
    )
    return tuple(_read(one) for one in sorted(fitting, key=lambda each: as_date(each["effective_date"]), reverse=True))


def _read(one: Rules) -> ClauseSet:
    return ClauseSet(
        name=one["name"],
        effective_date=as_date(one["effective_date"]),
        articles=clauses.read(one.get("articles", ())),
        electronic_guarantee=one.get("electronic_guarantee", False),
    )


def _unwritten(rules: Rules, contract: Rules) -> ClauseSet | None:
    """Read general terms of which the rules keep only the name; those had the electronic measure in them."""
    if "clause_set" not in contract:
        return None
    return ClauseSet(contract["clause_set"], as_date(rules["effective_date"]), (), electronic_guarantee=True)


def contract_terms(rules: Rules, *, kind: str) -> ContractTerms:
    """Give the conditions for a kind of case, each with its default where the rules are silent.

    Raise RuleError where the municipality makes no electronic contracts.
    """
    contract = rules.get("contract", {})
    if "tax_percent" not in contract:
        raise RuleError(f"{rules['name']}の規程に、契約書に印字する条件がありません。")
    percents = contract.get("percents", {}).get(kind, {})

    def percent(key: str) -> int:
        return int(percents.get(key, defaults.value(rules, "contract", key)))

    return ContractTerms(
        tax_percent=contract["tax_percent"],
        guarantee_text=contract["guarantee_text"],
        advance_percent=percent("advance_percent"),
        interim_percent=percent("interim_percent"),
        delay_rate=defaults.value(rules, "contract", "delay_rate"),
        days_off=defaults.value(rules, "contract", "days_off"),
        hours_off=defaults.value(rules, "contract", "hours_off"),
        arbitration_body=defaults.value(rules, "contract", "arbitration_body"),
        special_terms=tuple(defaults.value(rules, "contract", "special_terms")),
    )
