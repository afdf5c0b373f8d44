"""Seal one document for one step: claim the job, sign its bytes outside any transaction, add the revision once."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import Max, Q

from accounts import actors, tenancy
from contracts.models import Revision, SigningJob, SigningStep
from contracts.reading import content_of, sha256
from contracts.services import evidence
from contracts.services.signatures import concluding, signing
from contracts.states import JobState, StepState, VersionState
from signing.sealing import Approval, Sealed, Sealer, SealingRefused, SealingUnavailable
from vault import files

LEASE = timedelta(minutes=2)
BACK_OFF = (5, 15, 30, 60, 120, 300, 600, 900)  # 秒


@dataclass(frozen=True)
class Claim:
    """A job in one worker's hands: what to seal, for whom, under which fencing number."""

    job_id: int
    fence: int
    content: bytes
    approval: Approval
    final: bool


def seal(*, job_id: int, tenant_id: int, at: datetime, sealer: Sealer) -> bool:
    """Seal the document of a job; False when there was nothing to do or it has to wait.

    A worker may die anywhere in here: the lease runs out, the next one starts again from the stored bytes, and the
    database takes one signature per party and document only.
    """
    with tenancy.acting_for(tenant_id):
        claim = _claim(job_id, at=at)
    if claim is None:
        return False
    try:
        sealed = sealer.approve(claim.content, claim.approval, final=claim.final)
    except (SealingUnavailable, SealingRefused) as trouble:
        with tenancy.acting_for(tenant_id):
            _put_back(claim, reason=str(trouble), at=at)
        return False
    with tenancy.acting_for(tenant_id):
        return _add_revision(claim, sealed)


def _claim(job_id: int, *, at: datetime) -> Claim | None:
    free = Q(state=JobState.QUEUED, due_at__lte=at) | Q(state=JobState.RUNNING, leased_until__lte=at)
    job = SigningJob.unscoped.select_for_update(of=("self",), skip_locked=True).filter(free, pk=job_id).first()
    if job is None:
        return None
    if job.state == JobState.QUEUED:
        job.move_to(JobState.RUNNING)
    job.fence += 1
    job.attempts += 1
    job.leased_until = at + LEASE
    job.save(update_fields=["state", "fence", "attempts", "leased_until"])
    step = job.step
    return Claim(
        job_id=job.pk,
        fence=job.fence,
        content=content_of(job.document),
        approval=Approval(
            document=str(job.document_id), step=step.order - 1, name=step.name, email=step.email, at=step.instructed_at
        ),
        final=not SigningStep.unscoped.filter(version=step.version, order__gt=step.order).exists(),
    )


def _held(claim: Claim) -> SigningJob | None:
    """Find the job again, if this claim still holds it."""
    jobs = SigningJob.unscoped.select_for_update(of=("self",))
    return jobs.filter(pk=claim.job_id, fence=claim.fence, state=JobState.RUNNING).first()  # type: ignore[no-any-return]


def _put_back(claim: Claim, *, reason: str, at: datetime) -> None:
    """Fail closed: no revision, a visible reason, another try later (封印待ち after the last signature)."""
    job = _held(claim)
    if job is None:
        return
    wait = BACK_OFF[min(job.attempts, len(BACK_OFF)) - 1]
    job.move_to(JobState.QUEUED)
    job.due_at, job.leased_until, job.last_error = at + timedelta(seconds=wait), None, reason[:500]
    job.save(update_fields=["state", "due_at", "leased_until", "last_error"])
    concluding.wait(job.step.version_id, reason=reason, at=at)
    evidence.record(
        "document.seal_postponed",
        job.step.version.case,
        subject=f"document:{job.document_id}",
        actor=actors.system(job.tenant_id),
        at=at,
        reason=reason,
        attempts=job.attempts,
    )


def _add_revision(claim: Claim, sealed: Sealed) -> bool:
    job = _held(claim)
    if job is None:
        return False
    step = job.step
    number = Revision.unscoped.filter(document_id=job.document_id).aggregate(n=Max("number"))["n"] + 1
    made_at = sealed.archived_at or sealed.timestamped_at
    revision = Revision.unscoped.create(
        tenant_id=job.tenant_id,
        document_id=job.document_id,
        number=number,
        size=len(sealed.pdf),
        sha256=sha256(sealed.pdf),
        tail=files.store(tenant_id=job.tenant_id, content=sealed.pdf[len(claim.content) :]),
        step=step,
        made_at=made_at,
        timestamped_at=sealed.timestamped_at,
        archived_at=sealed.archived_at,
        tsa=sealed.tsa,
    )
    job.move_to(JobState.DONE)
    job.done_at, job.leased_until, job.last_error = made_at, None, ""
    job.save(update_fields=["state", "done_at", "leased_until", "last_error"])
    evidence_of_revision = {
        "sha256": revision.sha256,
        "tsa": revision.tsa,
        "timestamp": sealed.timestamped_at.isoformat(),
    }
    _advance(step, at=made_at)
    evidence.record(
        "document.sealed",
        step.version.case,
        subject=f"document:{job.document_id}",
        actor=actors.system(job.tenant_id),
        at=made_at,
        signer=f"{step.name} <{step.email}>",
        **evidence_of_revision,
    )
    return True


def _advance(step: SigningStep, *, at: datetime) -> None:
    """Once every document carries this party's signature: note its time and go on to the next party or the end."""
    SigningStep.unscoped.select_for_update().get(pk=step.pk)
    if SigningJob.unscoped.filter(step=step).exclude(state=JobState.DONE).exists():
        return
    step.refresh_from_db()
    if step.state != StepState.INSTRUCTED:
        return
    step.move_to(StepState.SIGNED)
    step.signed_at = Revision.unscoped.filter(step=step).aggregate(last=Max("timestamped_at"))["last"]
    step.save(update_fields=["state", "signed_at"])
    version = step.version
    if signing.request_next(version, at=at) is None and version.state in {
        VersionState.ALL_SIGNED,
        VersionState.SEAL_WAITING,
    }:
        concluding.ring(version)


def waiting_jobs(*, at: datetime) -> list[int]:
    """List the jobs of the municipality in view that nobody is working on (the sweep rings them again)."""
    free = Q(state=JobState.QUEUED, due_at__lte=at) | Q(state=JobState.RUNNING, leased_until__lte=at)
    return list(SigningJob.unscoped.filter(free).order_by("due_at").values_list("pk", flat=True)[:200])
