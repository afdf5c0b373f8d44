"""A guarantee that came goes to the department that looks at it, by the city's rules or by hand (R111)."""

from datetime import datetime

from django.db import transaction

from accounts import actors
from accounts.actors import Actor
from accounts.models import Department
from contracts import rules as city_rules
from contracts.services import evidence
from guarantees import guidance, messages, permissions
from guarantees.models import Guarantee
from guarantees.services.locking import lock_in_case
from guarantees.services.refusals import GuaranteeRefused
from guarantees.states import GuaranteeState


def by_rules(guarantee: Guarantee, *, at: datetime) -> None:
    """Route by the rules of the case; where they name a department the city does not have, a person must choose."""
    try:
        department = guidance.department(guarantee.case, type_=guarantee.type)
    except Department.DoesNotExist:
        name = city_rules.route(guarantee.case.rule_set.data, guarantee.type)
        guarantee.warnings = [
            *guarantee.warnings,
            f"提出先の「{name}」が登録されていません。振り分ける課を選んでください。",
        ]
        guarantee.save(update_fields=["warnings"])
        return
    _send(guarantee, department, actor=actors.system(guarantee.tenant_id), at=at)


@transaction.atomic
def route(guarantee: Guarantee, *, department: Department, actor: Actor, at: datetime) -> Guarantee:
    """Send a guarantee to a department, for the first time or to another one than before.

    Raises GuaranteeRefused when it is decided already, or is there already.
    """
    guarantee = lock_in_case(guarantee, "case__contractor", "case__tenant", "routed_to")
    if not permissions.can_route(actor, guarantee):
        raise GuaranteeRefused("この保証は、今は振り分けられません。画面を開き直してご確認ください。")
    if guarantee.routed_to_id == department.pk:
        raise GuaranteeRefused(f"この保証は、すでに{department.name}に振り分けられています。")
    _send(guarantee, department, actor=actor, at=at)
    return guarantee


def _send(guarantee: Guarantee, department: Department, *, actor: Actor, at: datetime) -> None:
    if guarantee.state == GuaranteeState.SUBMITTED:
        guarantee.move_to(GuaranteeState.ROUTED)
    guarantee.routed_to, guarantee.routed_by_id, guarantee.routed_at = department, actor.user_id, at
    guarantee.save(update_fields=["state", "routed_to", "routed_by", "routed_at"])
    messages.guarantee_arrived(guarantee, at=at)
    evidence.record(
        "guarantee.routed",
        guarantee.case,
        subject=f"guarantee:{guarantee.pk}",
        actor=actor,
        at=at,
        routed_to=department.name,
    )
