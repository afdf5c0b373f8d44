"""Seal one document for one step: claim the job, sign its bytes outside any transaction, add the revision once."""

import logging
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from django.db.models import Max

from accounts import actors, tenancy
from contracts.models import Revision, SigningJob, SigningStep
from contracts.reading import mapped, standing_of
from contracts.services import evidence
from contracts.services.signatures import certificates, claiming, concluding, signing
from contracts.services.signatures.claiming import Claim
from contracts.states import JobState, StepState
from signing.keys import KnownKey
from signing.sealable import Body
from signing.sealing import Approval, Sealed, SealingRefused, SealingUnavailable
from signing.setup import Appointed
from signing.standing import Standing
from vault import files

logger = logging.getLogger(__name__)
TROUBLE = "封印の処理が続けられませんでした。自動でもう一度試します。続くときは、運用の担当者にお知らせください。"
STOPPED = "署名の鍵が、署名の途中で止められました。別の鍵が用意されれば、自動で続けます。"


class Appoint(Protocol):
    """Choose who seals for an owner at a moment, never with a stopped key; raises SealingUnavailable."""

    def __call__(self, owner: str, at: datetime, *, stopped: Mapping[str, str]) -> Appointed: ...


@dataclass(frozen=True)
class Signed:
    """What the engine made, and with which key."""

    sealed: Sealed
    key: KnownKey


def seal_next(*, tenant_id: int, at: datetime, appoint: Appoint) -> bool:
    """Seal the most urgent document of a municipality that is due; False when there is none.

    A worker may die anywhere in here: the lease runs out, the next one starts again from the stored bytes, and the
    database takes one signature per party and document only.
    """
    with tenancy.acting_for(tenant_id):
        claim = claiming.take(at=at)
    if claim is None:
        return False
    signed, reason = (None, claiming.POISONOUS) if claim.is_poisonous else _sign(claim, appoint, at=at)
    with tenancy.acting_for(tenant_id):
        if signed is None:
            claiming.put_back(claim, reason=reason, at=at)
        elif signed.key.public_key in certificates.stopped():
            claiming.put_back(claim, reason=STOPPED, at=at)
        else:
            _add_revision(claim, signed, at=at)
    return True


def _sign(claim: Claim, appoint: Appoint, *, at: datetime) -> tuple[Signed | None, str]:
    """Sign the bytes of a claim with no row locked; without a result, say why."""
    try:
        with claiming.kept(claim):
            city = claim.job.step.version.case.tenant
            by = appoint(city.slug, at, stopped=certificates.stopped())
            certificates.note(by.key)
            sealed = by.sealer.approve(_source(claim), _approval(claim), final=claim.is_final)
            return Signed(sealed, by.key), ""
    except (SealingUnavailable, SealingRefused) as trouble:
        return None, str(trouble)
    except Exception:  # 何が起きても、仕事を理由とともに戻し、間を置いてやり直す
        logger.exception("sealing job %s", claim.job.pk)
        return None, TROUBLE


def _approval(claim: Claim) -> Approval:
    """Say in whose name a claim signs, and when they gave their instruction."""
    job, step = claim.job, claim.job.step
    assert step.instructed_at is not None  # noqa: S101 - 指示のあった行に必ずある（制約 instruction_is_recorded）
    return Approval(
        document=str(job.document_id), step=step.order - 1, name=step.name, email=step.email, at=step.instructed_at
    )


def _source(claim: Claim) -> Standing | Body:
    """Return what the signature is appended to; the body is read only where no standing was kept."""
    standing = standing_of(claim.last)
    if standing is not None:
        return standing
    with tenancy.acting_for(claim.job.tenant_id):
        return mapped(claim.job.document)


def _add_revision(claim: Claim, signed: Signed, *, at: datetime) -> None:
    """Keep what was signed, unless the job is in other hands by now; then it is thrown away."""
    job = claiming.held(claim, "step")
    if job is None:
        return
    step, sealed = job.step, signed.sealed
    step.version = claim.job.step.version
    made_at = sealed.archived_at or sealed.timestamped_at
    revision = Revision.unscoped.create(
        tenant_id=job.tenant_id,
        document_id=job.document_id,
        # 署名を足した版の、次の番号。その間にほかの版が増えていれば、一意の制約が断る
        number=claim.last.number + 1,
        size=sealed.size,
        sha256=sealed.sha256,
        tail=files.store(tenant_id=job.tenant_id, content=sealed.tail),
        standing=sealed.standing.dump(),
        step=step,
        made_at=made_at,
        timestamped_at=sealed.timestamped_at,
        archived_at=sealed.archived_at,
        tsa=sealed.tsa,
        key_fingerprint=signed.key.fingerprint,
    )
    claiming.done(job, at=made_at)
    _advance(job, revision, at=at)
    evidence.record(
        "document.sealed",
        step.version.case,
        subject=f"document:{job.document_id}",
        actor=actors.system(job.tenant_id),
        at=made_at,
        signer=f"{step.name} <{step.email}>",
        sha256=revision.sha256,
        tsa=revision.tsa,
        timestamp=sealed.timestamped_at.isoformat(),
    )


def _advance(job: SigningJob, revision: Revision, *, at: datetime) -> None:
    """Once every document carries this party's signature: note its time and go on to the next party or the end.

    The step is locked, so of the last two workers one sees that the other is done.
    """
    step: SigningStep = job.step
    if step.state != StepState.INSTRUCTED:
        return
    others = list(SigningJob.unscoped.filter(step=step).exclude(pk=job.pk).values_list("state", flat=True))
    if any(state != JobState.DONE for state in others):
        return
    step.move_to(StepState.SIGNED)
    step.signed_at = _signed_at(step) if others else revision.timestamped_at
    step.save(update_fields=["state", "signed_at"])
    if signing.request_next(step.version, at=at) is None:
        concluding.plan(step.version, at=at)


def _signed_at(step: SigningStep) -> datetime:
    """Tell when the last of several documents was signed for a step."""
    last: datetime = Revision.unscoped.filter(step=step).aggregate(last=Max("timestamped_at"))["last"]
    return last
