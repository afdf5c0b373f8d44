"""Which guarantees a municipality takes, where they go, and what must be handed in (R84, R85, R111-R118)."""

from contracts.rules import defaults
from contracts.rules.choices import GUARANTEE_TYPES
from contracts.rules.errors import GuaranteeRefused
from contracts.rules.nodes import Rules


def route(rules: Rules, guarantee_type: str) -> str:
    """Name the department that receives the guarantee, or CASE_DEPARTMENT; raise GuaranteeRefused with the reason."""
    department: str = _accepted(rules, guarantee_type)["routing"][guarantee_type]
    return department


def required_papers(rules: Rules, guarantee_type: str) -> tuple[str, ...]:
    """List what to hand in ("notice", "certificate_screen"); raise GuaranteeRefused with the reason."""
    return tuple(_accepted(rules, guarantee_type)["papers"][guarantee_type])


def key_kept_days(rules: Rules) -> int:
    """Tell for how many days after the completion of the works the keys of guarantees are kept."""
    days: int = defaults.value(rules, "guarantee", "key_kept_days")
    return days


def _accepted(rules: Rules, guarantee_type: str) -> Rules:
    scope: Rules = rules["guarantee"]
    if not scope["offered"]:
        raise GuaranteeRefused(f"{rules['name']}では、電子保証を取り扱っていません。{scope['reason']}")
    if reason := scope.get("refused_types", {}).get(guarantee_type):
        raise GuaranteeRefused(reason)
    if guarantee_type not in scope["types"]:
        accepted = "、".join(GUARANTEE_TYPES[name] for name in scope["types"])
        name = GUARANTEE_TYPES.get(guarantee_type, "この種類の保証")
        raise GuaranteeRefused(f"{name}は電子保証の対象外です。対象は{accepted}です。")
    return scope
