"""Who decides, who signs, and where a document goes: the routes of a municipality (R5, R58)."""

from dataclasses import dataclass

from contracts.rules import defaults
from contracts.rules.choices import CONTRACTS
from contracts.rules.errors import RuleError
from contracts.rules.nodes import Rules


@dataclass(frozen=True)
class RouteStep:
    """One step of the internal approval: any `need` people with the role; department "" is any department."""

    kind: str
    label: str
    role: str
    department: str
    need: int


@dataclass(frozen=True)
class Route:
    """One way through the internal approval."""

    name: str
    steps: tuple[RouteStep, ...]


def approval_route(rules: Rules, *, document: str, amount: int) -> Route:
    """Choose the route for a contract ("original", "amendment", "correction") of an amount in yen.

    It is the route with the largest from_amount that the amount reaches; raise RuleError when there is none.
    """
    routes = [
        route
        for route in defaults.value(rules, "approval", "routes")
        if document in route["documents"] and route["from_amount"] <= amount
    ]
    if not routes:
        raise RuleError(f"規程に、{CONTRACTS[document]}の決裁の経路がありません。運用管理者にご連絡ください。")
    chosen = max(routes, key=lambda route: int(route["from_amount"]))
    return Route(chosen["name"], tuple(_step(step) for step in chosen["steps"]))


def _step(step: Rules) -> RouteStep:
    return RouteStep(
        kind=step["kind"],
        label=step["label"],
        role=step["role"],
        department=step.get("department", ""),
        need=step.get("need", 1),
    )


def signing_order(rules: Rules, *, joint_venture: bool) -> tuple[str, ...]:
    """Say who acts in which order: "contact" only confirms; "contractor" is "members" and "representative" of a JV."""
    first = ("contact",) if defaults.value(rules, "signing", "contact_confirms") else ()
    parties = defaults.value(rules, "signing", "jv_order") if joint_venture else ("contractor", "city")
    return (*first, *parties)


def department_for(rules: Rules, document: str) -> str:
    """Name the department that a document goes to ("consent" or one of CONTRACTS), or CASE_DEPARTMENT."""
    department: str = defaults.value(rules, "routing", document)
    return department
