"""The parties sign in order: each instruction is recorded as it was given, and becomes work for the sealing worker."""

from datetime import datetime

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.utils import timezone

from accounts import doorbell
from accounts.actors import Actor
from accounts.querysets import lock
from accounts.refusals import Refusal
from contracts import messages, permissions, rules
from contracts.models import AccessLink, Case, ContractVersion, Document, Party, Purpose, SigningJob, SigningStep
from contracts.services import evidence, links
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
        expires_at = at + links.LIFETIME
        address = links.issue(
            purpose=Purpose.SIGN,
            case=version.case,
            step=step,
            name=step.name,
            email=step.email,
            at=at,
            expires_at=expires_at,
        )
        messages.signature_requested(step, link=address, expires_at=expires_at, at=at)
    return step  # type: ignore[no-any-return]


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


@transaction.atomic
def instruct(step: SigningStep, *, actor: Actor, at: datetime, authentication: str) -> SigningStep:
    """Take a party's final instruction to sign exactly the frozen bytes, and queue the sealing of every document.

    The time of this instruction judges the deadline and stands in the signature's /Reason and /M.
    Giving it twice changes nothing. Raises SigningRefused when it is not this party's turn or the deadline has
    passed under a blocking policy (R42).
    """
    version = lock(step.version)
    step = lock(step)
    if step.state in {StepState.INSTRUCTED, StepState.SIGNED} and _is_signer(actor, step):
        return step
    if not permissions.can_sign(actor, step) or version.state != VersionState.SENT:
        raise SigningRefused("この署名依頼は、今は手続きできません。順番や取下げの有無を依頼元にご確認ください。")
    case = version.case
    late = _judge_deadline(case, at=at)
    step.move_to(StepState.INSTRUCTED)
    step.instructed_at, step.instructed_ip, step.instructed_agent = at, actor.ip, actor.user_agent
    step.authentication = authentication
    step.save(update_fields=["state", "instructed_at", "instructed_ip", "instructed_agent", "authentication"])
    documents = list(Document.unscoped.filter(version=version).order_by("order"))
    for document in documents:
        SigningJob.unscoped.create(tenant_id=step.tenant_id, step=step, document=document, due_at=at)
    if not SigningStep.unscoped.filter(version=version, state=StepState.WAITING).exists():
        version.move_to(VersionState.ALL_SIGNED)
        version.save(update_fields=["state"])
    ring(step)
    evidence.record(
        "step.instructed",
        case,
        subject=f"step:{step.pk}",
        actor=actor,
        at=at,
        authentication=authentication,
        user_agent=actor.user_agent,
        late=late,
        documents=[document.revisions.latest("number").sha256 for document in documents],
    )
    return step


def _judge_deadline(case: Case, *, at: datetime) -> bool:
    """Tell whether a signature comes late; raises SigningRefused when the city's policy forbids it (R42)."""
    if case.conclusion_deadline_date is None:
        return False
    lateness = rules.late(case.rule_set.data, case.conclusion_deadline_date, timezone.localdate(at))
    if not lateness.allowed:
        raise SigningRefused(lateness.text)
    return lateness.late


def _is_signer(actor: Actor, step: SigningStep) -> bool:
    return actor.user_id == step.user_id if actor.is_staff else actor.email == step.email


def ring(step: SigningStep) -> None:
    """Ring the worker for the queued documents of a step once the transaction holds."""
    from contracts import tasks

    for job_id in SigningJob.unscoped.filter(step=step).values_list("pk", flat=True):
        doorbell.ring(tasks.seal_document, job_id=job_id, tenant_id=step.tenant_id)


@transaction.atomic
def decline(step: SigningStep, *, actor: Actor, at: datetime, reason: str) -> SigningStep:
    """Take a contractor's refusal to sign, with its reason; the version ends and the city is told."""
    version = lock(step.version)
    step = lock(step)
    if not permissions.can_sign(actor, step):
        raise SigningRefused("この署名依頼は、今は手続きできません。")
    if not reason.strip():
        raise SigningRefused("却下の理由を入力してください。")
    step.move_to(StepState.DECLINED)
    step.save(update_fields=["state"])
    _end(version, VersionState.DECLINED, reason=reason.strip(), at=at)
    messages.declined(version, at=at)
    evidence.record("step.declined", version.case, subject=f"step:{step.pk}", actor=actor, at=at, reason=reason.strip())
    return step


@transaction.atomic
def recall(version: ContractVersion, *, actor: Actor, at: datetime, reason: str) -> ContractVersion:
    """Take a sent request back before the last signature; its links die."""
    version = lock(version)
    if not permissions.can_recall(actor, version):
        raise PermissionDenied("署名依頼を取り下げられるのは、起案者の役割を持つ職員です。")
    if SigningStep.unscoped.filter(version=version, state=StepState.INSTRUCTED).exists():
        raise SigningRefused("署名の処理中です。終わってからもう一度お試しください。")
    if not reason.strip():
        raise SigningRefused("取下げの理由を入力してください。")
    _end(version, VersionState.RECALLED, reason=reason.strip(), at=at)
    messages.recalled(version, at=at)
    evidence.record(
        "contract.recalled", version.case, subject=f"version:{version.pk}", actor=actor, at=at, reason=reason.strip()
    )
    return version


def _end(version: ContractVersion, state: VersionState, *, reason: str, at: datetime) -> None:
    version.move_to(state)
    version.end_reason = reason
    version.save(update_fields=["state", "end_reason"])
    for step in SigningStep.unscoped.filter(version=version, state__in=[StepState.WAITING, StepState.REQUESTED]):
        step.move_to(StepState.CANCELLED)
        step.save(update_fields=["state"])
    AccessLink.unscoped.filter(step__version=version, revoked_at__isnull=True).update(revoked_at=at)
