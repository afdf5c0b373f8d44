"""The side exits of a sent version: 却下 by the contractor, 取下げ by the city, 期限切れ by the clock."""

from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import Q

from accounts import actors
from accounts import permissions as doors
from accounts.actors import Actor
from accounts.querysets import lock
from accounts.refusals import Refusal
from contracts import messages, permissions
from contracts.models import BatchKind, Case, ContractVersion, Deed, SigningJob, SigningStep
from contracts.services import evidence, links
from contracts.services.signatures import changing, proving
from contracts.services.versions import approving
from contracts.states import LIVE_VERSIONS, DeedState, JobState, StepState, VersionState


class EndingRefused(Refusal):
    """The version cannot be ended this way now."""


@transaction.atomic
def decline(step: SigningStep, *, actor: Actor, at: datetime, reason: str, proof_id: int | None = None) -> SigningStep:
    """Take a contractor's refusal to sign, with its reason; the version ends and the city is told.

    Raises ProofMissing when the step asks for a code and the browser has not given it lately.
    """
    version = lock(step.version)
    step = lock(step)
    if not permissions.can_sign(actor, step):
        raise EndingRefused("この署名依頼は、今は手続きできません。")
    proving.check(step, actor=actor, at=at, proof_id=proof_id)
    if not reason.strip():
        raise EndingRefused("却下の理由を入力してください。")
    step.move_to(StepState.DECLINED)
    step.save(update_fields=["state"])
    end(version, VersionState.DECLINED, reason=reason.strip(), at=at)
    messages.declined(version, at=at)
    evidence.record("step.declined", version.case, subject=f"step:{step.pk}", actor=actor, at=at, reason=reason.strip())
    return step


@transaction.atomic
def recall(version: ContractVersion, *, actor: Actor, at: datetime, reason: str) -> ContractVersion:
    """Take a sent request back before the last signature is in the documents; its links die.

    An instruction whose sealing has failed and waits is given up with it. Raises EndingRefused while a signature is
    being made, once all are made, or without a reason.
    """
    jobs = _lock_jobs(version)
    version = lock(version)
    doors.check(permissions.can_recall, actor, version)
    if not reason.strip():
        raise EndingRefused("取下げの理由を入力してください。")
    _give_up(version, jobs)
    end(version, VersionState.RECALLED, reason=reason.strip(), at=at)
    messages.recalled(version, at=at)
    evidence.record(
        "contract.recalled", version.case, subject=f"version:{version.pk}", actor=actor, at=at, reason=reason.strip()
    )
    return version


def _lock_jobs(version: ContractVersion) -> list[SigningJob]:
    """Lock what is still to be sealed, before the version: the order in which the worker puts a job back."""
    rows = SigningJob.unscoped.filter(step__version=version).exclude(state=JobState.DONE).order_by("pk")
    return list(rows.select_for_update(of=("self",), no_key=True))


def _give_up(version: ContractVersion, jobs: list[SigningJob]) -> None:
    """Cancel the instruction that waits for its seal; the rows of its work go, so that no worker takes them."""
    instructed = list(SigningStep.unscoped.filter(version=version, state=StepState.INSTRUCTED))
    if version.state == VersionState.SEAL_WAITING and not instructed:
        raise EndingRefused("すべての署名が文書に付いているため、取り下げられません。検証が済みしだい締結されます。")
    if instructed and not SigningJob.are_held(jobs):
        check_no_signature_in_hand(version)
    SigningJob.unscoped.filter(pk__in=[job.pk for job in jobs]).delete()
    for step in instructed:
        step.move_to(StepState.CANCELLED)
        step.save(update_fields=["state"])


@transaction.atomic
def expire(version: ContractVersion, *, at: datetime) -> bool:
    """End a request whose time to sign is over; False when it is not, or a signature is just being made."""
    version = lock(version)
    if version.state != VersionState.SENT or version.expires_at is None or at < version.expires_at:
        return False
    if _being_signed().filter(version=version).exists():
        return False
    end(version, VersionState.EXPIRED, reason="署名の期限までに、すべての署名がそろいませんでした。", at=at)
    messages.expired(version, at=at)
    evidence.record(
        "contract.expired",
        version.case,
        subject=f"version:{version.pk}",
        actor=actors.system(version.tenant_id),
        at=at,
        expires_at=version.expires_at.isoformat(),
    )
    return True


@transaction.atomic
def expire_next(*, at: datetime) -> bool:
    """End one request of the municipality in view whose time is over; False when there is none to be ended now."""
    signing_now = _being_signed().values("version_id")
    rows = ContractVersion.unscoped.select_for_update(no_key=True, skip_locked=True)
    over = rows.filter(state=VersionState.SENT, expires_at__lte=at).exclude(pk__in=signing_now).order_by("expires_at")
    version = over.first()
    return version is not None and expire(version, at=at)


def _being_signed() -> Any:
    """Query the steps whose signature was given: instructed, or asked for with many others and next in the queue."""
    asked = Deed.unscoped.filter(batch__kind=BatchKind.SIGN, state=DeedState.DUE).values("target")
    return SigningStep.unscoped.filter(Q(state=StepState.INSTRUCTED) | Q(state=StepState.REQUESTED, pk__in=asked))


def lock_with_versions(case: Case) -> tuple[Case, list[ContractVersion]]:
    """Lock the versions of a case that are under way, then the case: the order in which signing and sealing go.

    Raises EndingRefused when a version was opened between the two.
    """
    rows = ContractVersion.unscoped.filter(contract__case=case, state__in=LIVE_VERSIONS).order_by("pk")
    versions = list(rows.select_for_update(of=("self",), no_key=True))
    case = lock(case)
    if rows.exclude(pk__in=[version.pk for version in versions]).exists():
        raise EndingRefused("ほかの職員の操作と重なりました。案件の画面を開き直し、もう一度お試しください。")
    return case, versions


def check_no_signature_in_hand(version: ContractVersion) -> None:
    """Refuse to end a version while the worker makes a signature that was already given."""
    if SigningStep.unscoped.filter(version=version, state=StepState.INSTRUCTED).exists():
        raise EndingRefused("署名の処理中です。終わってからもう一度お試しください。")


def end(version: ContractVersion, state: VersionState, *, reason: str, at: datetime) -> None:
    """End a version: what is left of its route and its signatures is cancelled, its links die. The row is locked."""
    version.move_to(state)
    version.end_reason = reason
    version.save(update_fields=["state", "end_reason"])
    approving.cancel_what_is_left(version)
    changing.lapse(version)
    links.revoke_of_version(version, at=at)
