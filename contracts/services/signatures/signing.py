"""The parties sign in order: each instruction is recorded as it was given, and becomes work for the sealing worker."""

from datetime import date, datetime

from django.db import transaction
from django.utils import timezone

from accounts import doorbell
from accounts.actors import Actor
from accounts.querysets import lock
from accounts.refusals import Refusal
from contracts import messages, permissions
from contracts.models import ContractVersion, Party, Purpose, SigningJob, SigningStep, StepKind
from contracts.services import evidence, links
from contracts.services.consents import standing
from contracts.services.signatures import changing, people, proving, timing
from contracts.services.versions import freezing
from contracts.states import StepState, VersionState


class SigningRefused(Refusal):
    """The signature cannot be taken now."""


def request_next(version: ContractVersion, *, at: datetime) -> SigningStep | None:
    """Ask the next party in order to sign, by mail (R58, R59); None when all have been asked."""
    step = (
        SigningStep.unscoped.select_for_update()
        .filter(version=version, state=StepState.WAITING)
        .order_by("order")
        .first()
    )
    if step is None:
        return None
    step.move_to(StepState.REQUESTED)
    step.requested_at = at
    step.save(update_fields=["state", "requested_at"])
    if step.party == Party.CITY:
        messages.city_signature_requested(step, at=at)
    else:
        send_link(step, at=at)
    return step  # type: ignore[no-any-return]


def send_link(step: SigningStep, *, at: datetime) -> None:
    """Mail the link of a request to its party; older links of the step die."""
    expires_at = step.version.expires_at
    assert expires_at is not None  # noqa: S101 - 署名依頼中の行に必ずある（制約 sent_version_has_an_end）
    links.revoke_of_step(step, at=at)
    address = links.issue(
        purpose=Purpose.SIGN,
        case=step.version.case,
        step=step,
        name=step.name,
        email=step.email,
        at=at,
        expires_at=expires_at,
    )
    messages.signature_requested(step, link=address, expires_at=expires_at, at=at)


@transaction.atomic
def open_(step: SigningStep, *, actor: Actor, at: datetime) -> SigningStep:
    """Note that a person pressed 「確認する」; opening the mail's link alone notes nothing (R62)."""
    step = lock(step)
    if not permissions.can_sign(actor, step):
        raise SigningRefused("この署名依頼は、今は手続きできません。")
    if step.opened_at is None:
        step.opened_at = at
        step.save(update_fields=["opened_at"])
        evidence.record("step.opened", step.version.case, subject=f"step:{step.pk}", actor=actor, at=at)
    return step


def obstacle(step: SigningStep, *, at: datetime) -> str:
    """Say why a signature at this step would be refused at an instant; nothing when it would be taken."""
    try:
        people.check_authority(step, on=timezone.localdate(at))
        timing.judge(step, at=at)
    except Refusal as refused:
        return str(refused)
    return ""


@transaction.atomic
def instruct(
    step: SigningStep, *, actor: Actor, at: datetime, authentication: str, proof_id: int | None = None
) -> SigningStep:
    """Take a party's final instruction to sign exactly the frozen bytes, and queue the sealing of every document.

    The time of this instruction judges the deadline and stands in the signature's /Reason and /M.
    `authentication` is how the party was known; what a code added to it (`proof_id`) is looked up here.
    Giving it twice changes nothing. Raises SigningRefused when it is not this party's turn, ProofMissing without the
    fresh code that the step asks for, TermRefused when the signer's term does not cover the day (R3), TimeRefused
    when the day is too late or not the printed one (R42).
    """
    version = lock(step.version)
    step = lock(step)
    if step.state in {StepState.INSTRUCTED, StepState.SIGNED} and _is_signer(actor, step):
        return step
    if not permissions.can_sign(actor, step) or step.kind != StepKind.SIGN or version.state != VersionState.SENT:
        raise SigningRefused("この署名依頼は、今は手続きできません。順番や取下げの有無を依頼元にご確認ください。")
    code = proving.check(step, actor=actor, at=at, proof_id=proof_id)
    people.check_authority(step, on=timezone.localdate(at))
    late = timing.judge(step, at=at)
    step.move_to(StepState.INSTRUCTED)
    step.instructed_at, step.instructed_ip, step.instructed_agent = at, actor.ip, actor.user_agent
    step.authentication = "＋".join(filter(None, (authentication, code)))
    step.save(update_fields=["state", "instructed_at", "instructed_ip", "instructed_agent", "authentication"])
    documents = list(freezing.current(version))
    for document in documents:
        SigningJob.unscoped.create(
            tenant_id=step.tenant_id, step=step, document=document, due_at=at, deadline_date=_deadline(version)
        )
    if not SigningStep.unscoped.filter(version=version, state=StepState.WAITING).exists():
        version.move_to(VersionState.ALL_SIGNED)
        version.save(update_fields=["state"])
    ring()
    changing.lapse(version)
    _answer_for_the_address(step, actor=actor, at=at)
    evidence.record(
        "step.instructed",
        version.case,
        subject=f"step:{step.pk}",
        actor=actor,
        at=at,
        authentication=step.authentication,
        level=step.level,
        user_agent=actor.user_agent,
        late=late,
        documents=[document.revisions.latest("number").sha256 for document in documents],
    )
    return step


def _answer_for_the_address(step: SigningStep, *, actor: Actor, at: datetime) -> None:
    """Take the signature for the answer that a changed signer's address still owed (R45)."""
    consent = standing.signed_by(step, at=at)
    if consent is not None:
        subject = f"consent:{consent.pk}"
        evidence.record("consent.address_confirmed", step.version.case, subject=subject, actor=actor, at=at)


@transaction.atomic
def confirm(step: SigningStep, *, actor: Actor, at: datetime) -> SigningStep:
    """Take the look of a firm's contact, who confirms but does not sign (確認); the next in order is asked.

    Raises SigningRefused when it is not this person's turn.
    """
    version = lock(step.version)
    step = lock(step)
    if step.state == StepState.CONFIRMED and _is_signer(actor, step):
        return step
    if not permissions.can_sign(actor, step) or step.kind != StepKind.CONFIRM or version.state != VersionState.SENT:
        raise SigningRefused("この確認の依頼は、今は手続きできません。依頼元にご確認ください。")
    step.move_to(StepState.CONFIRMED)
    step.confirmed_at, step.instructed_ip, step.instructed_agent = at, actor.ip, actor.user_agent
    step.save(update_fields=["state", "confirmed_at", "instructed_ip", "instructed_agent"])
    links.revoke_of_step(step, at=at)
    request_next(version, at=at)
    evidence.record("step.confirmed", version.case, subject=f"step:{step.pk}", actor=actor, at=at)
    return step


def _is_signer(actor: Actor, step: SigningStep) -> bool:
    return actor.user_id == step.user_id if actor.is_staff else actor.email == step.email


def _deadline(version: ContractVersion) -> date:
    """Tell until when a version must be concluded: what comes first is sealed first."""
    assert version.expires_at is not None  # noqa: S101 - 署名依頼中の行に必ずある（制約 sent_version_has_an_end）
    deadline: date | None = version.case.conclusion_deadline_date if version.contract.is_original else None
    return deadline or timezone.localdate(version.expires_at)


def ring() -> None:
    """Ring the worker once the transaction that queued the work holds."""
    from contracts import tasks

    doorbell.ring(tasks.work)
