"""A person decides: to accept a checked guarantee, to refuse one that does not do, or that none is needed."""

from datetime import datetime

from django.db import transaction

from accounts.actors import Actor
from accounts.querysets import lock
from contracts.services import evidence
from guarantees import messages, permissions
from guarantees.models import Guarantee
from guarantees.services import expecting, revealing
from guarantees.services.changing import supersede
from guarantees.services.refusals import GuaranteeRefused, reason_given
from guarantees.states import GuaranteeState

NOT_NOW = "この保証は、今は決定できません。先に照合の結果をご確認ください。"


@transaction.atomic
def accept(guarantee: Guarantee, *, actor: Actor, at: datetime) -> Guarantee:
    """Accept a checked guarantee: from now on its certificate is deemed deposited (約款の電磁的方法の定め).

    The one it changes becomes 変更済 in the same transaction (R106).
    """
    before = lock(guarantee.amends) if guarantee.amends else None
    guarantee = lock(guarantee)
    if not permissions.can_accept(actor, guarantee):
        raise GuaranteeRefused(NOT_NOW)
    if before is not None:
        supersede(before)
    _settle(guarantee, GuaranteeState.DEEMED_DEPOSITED, actor=actor, at=at)
    messages.guarantee_decided(guarantee, at=at)
    evidence.record(
        "guarantee.accepted",
        guarantee.case,
        subject=f"guarantee:{guarantee.pk}",
        actor=actor,
        at=at,
        amends=guarantee.amends_id,
    )
    return guarantee


@transaction.atomic
def reject(guarantee: Guarantee, *, actor: Actor, at: datetime, reason: str) -> Guarantee:
    """Refuse a guarantee with the reason the contractor is told; its key is erased, and the need stays open."""
    reason = reason_given(reason, ask="受理しない理由を入力してください。")
    guarantee = lock(guarantee, "case", "amends")
    if not permissions.can_reject(actor, guarantee):
        raise GuaranteeRefused(NOT_NOW)
    revealing.forget(guarantee, at=at)
    _settle(guarantee, GuaranteeState.REJECTED, actor=actor, at=at, reason=reason)
    messages.guarantee_decided(guarantee, at=at)
    subject = f"guarantee:{guarantee.pk}"
    evidence.record("guarantee.rejected", guarantee.case, subject=subject, actor=actor, at=at, reason=reason)
    expecting.expect(guarantee.case, type_=guarantee.type, actor=actor, at=at, amends=guarantee.amends)
    return guarantee


@transaction.atomic
def dismiss(guarantee: Guarantee, *, actor: Actor, at: datetime, reason: str) -> Guarantee:
    """Note that a guarantee which was expected is not needed, and why (免除、減額の申出がない など)."""
    reason = reason_given(reason, ask="不要とする理由を入力してください。")
    guarantee = lock(guarantee)
    if not permissions.can_dismiss(actor, guarantee):
        raise GuaranteeRefused("提出を待っている保証だけを、不要にできます。画面を開き直してご確認ください。")
    _settle(guarantee, GuaranteeState.NOT_NEEDED, actor=actor, at=at, reason=reason)
    subject = f"guarantee:{guarantee.pk}"
    evidence.record("guarantee.not_needed", guarantee.case, subject=subject, actor=actor, at=at, reason=reason)
    return guarantee


def _settle(guarantee: Guarantee, to: GuaranteeState, *, actor: Actor, at: datetime, reason: str = "") -> None:
    guarantee.move_to(to)
    guarantee.decided_by_id, guarantee.decided_at, guarantee.reason = actor.user_id, at, reason
    guarantee.save()
