"""署名者変更: someone else signs for a firm, or from another address; the old link dies at once."""

from datetime import datetime

from django.db import transaction
from django.utils import timezone

from accounts import permissions as doors
from accounts.actors import Actor
from accounts.querysets import lock
from accounts.refusals import Refusal
from contracts import messages, permissions
from contracts.models import Authority, Basis, Party, SignerChange, SigningStep, StepKind
from contracts.services import evidence, links
from contracts.services.consents import standing
from contracts.services.mails import shielding
from contracts.services.signatures import changing, codes, people, signing
from contracts.states import ChangeState, StepState


class ReassignmentRefused(Refusal):
    """The signer cannot be changed now."""


@transaction.atomic
def accept(change: SignerChange, *, actor: Actor, at: datetime, addresses_checked: bool = False) -> SigningStep:
    """Let the person whom a signer named sign in their place.

    Raises MovedOn once the wish was answered or needs no answer any more, and what `reassign` raises.
    """
    lock(change.step.version)
    change = lock(change)
    doors.check(permissions.can_answer_change, actor, change)
    changing.answer(change, ChangeState.ACCEPTED, actor=actor, at=at)
    return reassign(
        change.step,
        actor=actor,
        at=at,
        title=change.title,
        name=change.name,
        email=change.email,
        reason=change.reason,
        asked_by=change.asked_by,
        addresses_checked=addresses_checked,
    )


@transaction.atomic
def reassign(
    step: SigningStep,
    *,
    actor: Actor,
    at: datetime,
    title: str,
    name: str,
    email: str,
    reason: str,
    asked_by: str = "",
    addresses_checked: bool = False,
    former_reached: bool = True,
) -> SigningStep:
    """Put another person or address in a contractor's place in the order, as the firm asked for (`asked_by`: who).

    Codes that were told to the former signer die with the link. The person is noted in the authority register and
    becomes the authority of the firm's consent, so that the next contract asks them. The former signer is told, unless
    no mail ever reached them (`former_reached`). Raises ReassignmentRefused once the step is signed or under way,
    TermRefused when the register says that the person's term does not cover the day, AddressDoubtful when the new
    address has a serious doubt and nobody says that it was checked.
    """
    version = lock(step.version)
    step = lock(step)
    doors.check(permissions.can_recall, actor, version)
    if step.party != Party.CONTRACTOR or step.state not in {StepState.WAITING, StepState.REQUESTED}:
        raise ReassignmentRefused("この署名は、すでに済んでいるか、処理中です。署名者は変えられません。")
    if not reason.strip():
        raise ReassignmentRefused("署名者を変える理由を入力してください。")
    if changing.is_same(step, title=title, name=name, email=email):
        raise ReassignmentRefused("署名者が変わっていません。新しい署名者かメールアドレスを入力してください。")
    if step.second_email and email.casefold() == step.second_email.casefold():
        raise ReassignmentRefused(
            "ワンタイムコードの送り先と同じメールアドレスです。署名する方には、別のメールアドレスを入力してください。"
        )
    doubts = shielding.check(shielding.of_step(step, address=email), checked=addresses_checked)
    before, former = f"{step.title} {step.name} <{step.email}>", (step.name, step.email)
    step.title, step.name, step.email, step.opened_at = title, name, email, None
    if step.kind == StepKind.SIGN:
        _register(step, at=at)
        people.check_authority(step, on=timezone.localdate(at))
    step.save(update_fields=["title", "name", "email", "opened_at"])
    consent = standing.hand_on(step, at=at)
    changing.lapse(version)
    links.revoke_of_step(step, at=at)
    codes.revoke_of_step(step, at=at)
    if step.state == StepState.REQUESTED:
        if former_reached:
            messages.signer_changed(step, former=former, at=at)
        signing.send_link(step, at=at)
    evidence.record(
        "step.reassigned",
        version.case,
        subject=f"step:{step.pk}",
        actor=actor,
        at=at,
        before=before,
        after=f"{title} {name} <{email}>",
        reason=reason.strip(),
        asked_by=asked_by,
        consent=consent.pk if consent is not None and step.kind == StepKind.SIGN else None,
        **({"doubts": doubts} if doubts else {}),
    )
    return step


def _register(step: SigningStep, *, at: datetime) -> None:
    known = Authority.unscoped.filter(contractor_id=step.contractor_id, name=step.name, email__iexact=step.email)
    if not known.exists():
        Authority.unscoped.create(
            tenant_id=step.tenant_id,
            contractor_id=step.contractor_id,
            basis=Basis.AGENT,
            title=step.title,
            name=step.name,
            email=step.email,
            starts_date=timezone.localdate(at),
        )
