"""A person decides: to accept a checked guarantee, to refuse one that does not do, or that none is needed."""

from collections.abc import Mapping
from datetime import datetime

from django.db import transaction

from accounts.actors import Actor
from accounts.querysets import lock
from contracts.services import evidence
from guarantees import messages, permissions
from guarantees.models import Guarantee
from guarantees.rules.lines import Finding
from guarantees.services import archiving, expecting, keeping, revealing
from guarantees.services.changing import supersede
from guarantees.services.locking import lock_in_case
from guarantees.services.refusals import REASON_LENGTH, GuaranteeRefused, reason_given
from guarantees.states import GuaranteeState

NOT_NOW = "この保証は、今は決定できません。先に照合の結果をご確認ください。"


@transaction.atomic
def accept(guarantee: Guarantee, *, actor: Actor, at: datetime, settled: Mapping[str, str] | None = None) -> Guarantee:
    """Accept a checked guarantee: from now on its certificate is deemed deposited (約款の電磁的方法の定め).

    `settled` says, by the name of each unsure line, what the person made sure of; without one for every such line
    it raises GuaranteeRefused. The guarantee that this one changes becomes 変更済 in the same transaction (R106).
    """
    lock(guarantee.case)
    before = lock(guarantee.amends) if guarantee.amends else None
    guarantee = lock(guarantee)
    if not permissions.can_accept(actor, guarantee):
        raise GuaranteeRefused(NOT_NOW)
    notes = _settle_lines(guarantee, settled or {})
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
        settled=notes,
    )
    return guarantee


def _settle_lines(guarantee: Guarantee, settled: Mapping[str, str]) -> dict[str, str]:
    """Write beside every unsure line what the person made sure of; return the notes by what the lines are about."""
    notes = {}
    for line in guarantee.findings:
        if line["outcome"] != Finding.UNSURE:
            continue
        note = settled.get(line["name"], "").strip()[:REASON_LENGTH]
        if not note:
            raise GuaranteeRefused(f"「{line['subject']}」は要確認です。確かめたことを入力してください。")
        line["settled"] = notes[line["subject"]] = note
    return notes


@transaction.atomic
def reject(guarantee: Guarantee, *, actor: Actor, at: datetime, reason: str) -> Guarantee:
    """Refuse a guarantee with the reason the contractor is told; its key is erased, and the need stays open."""
    reason = reason_given(reason, ask="受理しない理由を入力してください。")
    guarantee = lock_in_case(guarantee, "case", "amends")
    if not permissions.can_reject(actor, guarantee):
        raise GuaranteeRefused(NOT_NOW)
    revealing.forget(guarantee, at=at)
    keeping.erase_keys(guarantee, at=at)
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
    guarantee = lock_in_case(guarantee)
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
    archiving.follow(guarantee)
