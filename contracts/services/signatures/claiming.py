"""The sealing jobs of a municipality: take the most urgent one, keep it while working, put it back when it must wait.

A job belongs to whoever holds its fencing number. `due_at` is the moment from which it may be taken: by anyone while
it is queued, by the next worker once the one that took it has been silent for a lease.
"""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import connection
from django.db.models import F, QuerySet

from accounts import actors, tenancy
from contracts.models import SigningJob, SigningStep
from contracts.services import evidence
from contracts.services.signatures import concluding
from contracts.states import JobState

LEASE = timedelta(seconds=30)
# 答えないものを待ち続ける worker からは、これを過ぎたら引き取る
LONGEST = timedelta(minutes=5)
BACK_OFF = (5, 15, 30, 60, 120, 300, 600, 900)  # 秒


# 選ぶことと取ることを、一つの文で行う。ほかの worker が手を伸ばしている行は待たずに飛ばす
TAKE = """
    update contracts_signingjob
    set state = 'running', fence = fence + 1, attempts = attempts + 1, started_at = %(at)s, due_at = %(until)s
    where id = (
        select id from contracts_signingjob
        where not state = 'done' and due_at <= %(at)s
        order by deadline_date, id
        limit 1
        for no key update skip locked
    )
    returning *
"""


@dataclass(frozen=True)
class Claim:
    """A job in one worker's hands, under which fencing number, with its rows as they stood when it was taken."""

    job: SigningJob
    fence: int


def take(*, at: datetime) -> Claim | None:
    """Take the job of the municipality in view whose contract must be concluded first; None when nothing is due.

    A worker may die at any instruction after this: the lease runs out, and the next one starts again.
    """
    taken = list(SigningJob.unscoped.raw(TAKE, {"at": at, "until": at + LEASE}))
    if not taken:
        return None
    steps = SigningStep.unscoped.select_related("version__contract__case__tenant")
    taken[0].step = steps.get(pk=taken[0].step_id)
    return Claim(job=taken[0], fence=taken[0].fence)


def held(claim: Claim) -> SigningJob | None:
    """Lock the job of a claim again, if the claim still holds it."""
    return _ours(claim).select_for_update(no_key=True).first()


def _ours(claim: Claim) -> "QuerySet[SigningJob]":
    rows: QuerySet[SigningJob] = SigningJob.unscoped.filter(pk=claim.job.pk, fence=claim.fence, state=JobState.RUNNING)
    return rows


@contextmanager
def kept(claim: Claim) -> Iterator[None]:
    """Put the end of the lease off while the work inside goes on, up to LONGEST: an authority may be slow to answer."""
    done = threading.Event()
    keeper = threading.Thread(target=_keep, args=(claim, done), name=f"lease-{claim.job.pk}", daemon=True)
    keeper.start()
    try:
        yield
    finally:
        done.set()


def _keep(claim: Claim, done: threading.Event) -> None:
    try:
        for _ in range(3 * LONGEST // LEASE):
            if done.wait(LEASE.total_seconds() / 3):
                return
            with tenancy.acting_for(claim.job.tenant_id):
                _ours(claim).update(due_at=F("due_at") + LEASE / 3)
    finally:
        connection.close()


def put_back(claim: Claim, *, reason: str, at: datetime) -> bool:
    """Fail closed: no revision, a visible reason, another try later (封印待ち after the last signature).

    False when the job is in other hands by now.
    """
    job = held(claim)
    if job is None:
        return False
    wait = BACK_OFF[min(job.attempts, len(BACK_OFF)) - 1]
    job.move_to(JobState.QUEUED)
    job.due_at, job.started_at, job.last_error = at + timedelta(seconds=wait), None, reason[:500]
    job.save(update_fields=["state", "due_at", "started_at", "last_error"])
    version = claim.job.step.version
    concluding.wait(version.pk, reason=reason, at=at)
    evidence.record(
        "document.seal_postponed",
        version.case,
        subject=f"document:{job.document_id}",
        actor=actors.system(job.tenant_id),
        at=at,
        reason=reason,
        attempts=job.attempts,
    )
    return True


def done(job: SigningJob, *, at: datetime) -> None:
    """Note that the signature of a held job is in the document."""
    job.move_to(JobState.DONE)
    job.done_at, job.last_error = at, ""
    job.save(update_fields=["state", "done_at", "last_error"])
