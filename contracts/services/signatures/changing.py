"""署名者の変更の申出: whoever is asked to sign names someone else; their own link lives until the department agrees."""

from datetime import datetime

from django.db import transaction

from accounts import permissions as doors
from accounts.actors import Actor
from accounts.querysets import lock
from accounts.refusals import Refusal
from contracts import messages, permissions
from contracts.models import ContractVersion, SignerChange, SigningStep, StepKind
from contracts.services import evidence
from contracts.states import ChangeState


class ChangeRefused(Refusal):
    """The wish for another signer cannot be taken or answered now."""


@transaction.atomic
def ask(
    step: SigningStep, *, actor: Actor, at: datetime, title: str, name: str, email: str, reason: str
) -> SignerChange:
    """Take a signer's wish that someone else signs, and tell the department.

    Raises ChangeRefused when it is not this person's turn, without a reason, for the same person, or while an earlier
    wish waits for its answer.
    """
    version = lock(step.version)
    step = lock(step)
    if not permissions.can_sign(actor, step) or step.kind != StepKind.SIGN:
        raise ChangeRefused("この署名依頼は、今は手続きできません。依頼元にご確認ください。")
    if not reason.strip():
        raise ChangeRefused("署名する人を変える理由を入力してください。")
    if is_same(step, title=title, name=name, email=email):
        raise ChangeRefused("署名する人が変わっていません。新しい署名者かメールアドレスを入力してください。")
    if SignerChange.unscoped.filter(step=step, state=ChangeState.ASKED).exists():
        raise ChangeRefused("署名する人の変更は、すでに申し出ています。担当課の返事をお待ちください。")
    change: SignerChange = SignerChange.unscoped.create(
        tenant_id=step.tenant_id,
        step=step,
        title=title,
        name=name,
        email=email,
        reason=reason.strip(),
        asked_by=step.name,
        asked_email=step.email,
        asked_at=at,
    )
    messages.signer_change_asked(change, at=at)
    evidence.record(
        "step.change_asked",
        version.case,
        subject=f"step:{step.pk}",
        actor=actor,
        at=at,
        after=f"{title} {name} <{email}>",
        reason=change.reason,
    )
    return change


def is_same(step: SigningStep, *, title: str, name: str, email: str) -> bool:
    """Tell whether a person is the one who is asked to sign already."""
    return (title, name, email.casefold()) == (step.title, step.name, step.email.casefold())


@transaction.atomic
def refuse(change: SignerChange, *, actor: Actor, at: datetime, reason: str) -> SignerChange:
    """Leave the signer as they are, and tell them why; their link goes on."""
    lock(change.step.version)
    change = lock(change)
    doors.check(permissions.can_answer_change, actor, change)
    if not reason.strip():
        raise ChangeRefused("変更しない理由を入力してください。")
    answer(change, ChangeState.REFUSED, actor=actor, at=at, refusal=reason.strip())
    messages.signer_change_refused(change, at=at)
    evidence.record(
        "step.change_refused",
        change.step.version.case,
        subject=f"step:{change.step_id}",
        actor=actor,
        at=at,
        after=f"{change.title} {change.name} <{change.email}>",
        reason=change.refusal,
    )
    return change


def answer(change: SignerChange, state: ChangeState, *, actor: Actor, at: datetime, refusal: str = "") -> None:
    """Note who answered a wish, when and how. The row is locked."""
    change.move_to(state)
    change.answered_by_id, change.answered_at, change.refusal = actor.user_id, at, refusal
    change.save(update_fields=["state", "answered_by", "answered_at", "refusal"])


def lapse(version: ContractVersion) -> None:
    """Close what was asked about the signers of a version: they signed, were changed, or the version ended."""
    asked = SignerChange.unscoped.filter(step__version=version, state=ChangeState.ASKED)
    asked.update(state=ChangeState.LAPSED)
