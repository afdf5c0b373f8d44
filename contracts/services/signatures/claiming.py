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
from django.db.models import Exists, F, OuterRef, QuerySet

from accounts import actors, tenancy
from contracts.models import Revision, SigningJob, SigningStep
from contracts.services import evidence
from contracts.services.signatures import concluding
from contracts.services.signatures.concluding import MOST_LOST
from contracts.states import JobState

LEASE = timedelta(seconds=30)
# 答えないものを待ち続ける worker からは、これを過ぎたら引き取る
LONGEST = timedelta(minutes=5)
BACK_OFF = (5, 15, 30, 60, 120, 300, 600, 900)  # 秒
LOST = "封印の途中で処理が止まりました。自動でもう一度試します。"
POISONOUS = (
    "この文書の封印の途中で、処理が三度続けて止まりました。間を空けて試しています。"
    "運用の担当者に、文書を確かめるようお伝えください。"
)


# 選ぶことと取ることを、一つの文で行う。ほかの worker が手を伸ばしている行は待たずに飛ばす
TAKE = """
    update contracts_signingjob
    set state = 'running', fence = fence + 1, attempts = attempts + 1, started_at = %(at)s, due_at = %(until)s,
        lost = case when state = 'running' then lost + 1 else lost end,
        last_error = case when state = 'running' then %(lost)s else last_error end
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
    """A job in one worker's hands, under which fencing number, with its rows as they stood when it was taken.

    `last` is the revision that the signature goes on from; `is_final` when nobody signs after this step.
    """

    job: SigningJob
    fence: int
    last: Revision
    is_final: bool

    @property
    def is_poisonous(self) -> bool:
        """Whether whoever took it died of it, one after the other."""
        return self.job.lost >= MOST_LOST


def take(*, at: datetime) -> Claim | None:
    """Take the job of the municipality in view whose contract must be concluded first; None when nothing is due.

    A worker may die at any instruction after this: the lease runs out, and the next one starts again.
    """
    taken = list(SigningJob.unscoped.raw(TAKE, {"at": at, "until": at + LEASE, "lost": LOST}))
    if not taken:
        return None
    later = SigningStep.unscoped.filter(version=OuterRef("step__version"), order__gt=OuterRef("step__order"))
    rows = SigningJob.unscoped.select_related("document", "step__version__contract__case__tenant")
    job = rows.annotate(is_followed=Exists(later)).get(pk=taken[0].pk)
    last = Revision.unscoped.filter(document_id=job.document_id).latest("number")
    return Claim(job=job, fence=job.fence, last=last, is_final=not job.is_followed)


def held(claim: Claim, *related: str) -> SigningJob | None:
    """Lock the job of a claim again, and the named rows it refers to, if the claim still holds it."""
    rows = _ours(claim).select_for_update(of=("self", *related), no_key=True)
    return (rows.select_related(*related) if related else rows).first()


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

    Of a poisonous job that is one try each time, until it is survived. False when the job is in other hands by now.
    """
    job = held(claim)
    if job is None:
        return False
    wait = BACK_OFF[min(job.attempts, len(BACK_OFF)) - 1]
    job.move_to(JobState.QUEUED)
    job.due_at, job.started_at, job.last_error = at + timedelta(seconds=wait), None, reason[:500]
    job.lost = MOST_LOST - 1 if claim.is_poisonous else 0
    job.save(update_fields=["state", "due_at", "started_at", "last_error", "lost"])
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
    job.done_at, job.last_error, job.lost = at, "", 0
    job.save(update_fields=["state", "done_at", "last_error", "lost"])
