"""How far the sealing of a version is, in the words of the pages on which somebody waits for it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from typing import Any

from django.db.models import Q

from accounts.actors import Actor
from contracts.models import ContractVersion, SigningJob
from contracts.states import JobState, VersionState

ON_THE_WAY = frozenset({VersionState.SENT, VersionState.ALL_SIGNED, VersionState.SEAL_WAITING})


@dataclass(frozen=True)
class Progress:
    """What is being done, since when, what it waits for, and when it is tried again by itself."""

    title: str
    text: str = ""
    since: datetime | None = None
    again_at: datetime | None = None

    @property
    def mark(self) -> str:
        """Tell one standing from the next: only what has changed is shown, and read aloud, again."""
        return sha256(f"{self.title}{self.text}{self.again_at}".encode()).hexdigest()[:16]

    @property
    def is_held(self) -> bool:
        """Tell whether something is missing, so that it goes on later."""
        return self.again_at is not None

    @property
    def tone(self) -> str:
        return "warning" if self.is_held else "info"


def sealing_of(version: ContractVersion, *, actor: Actor, at: datetime) -> Progress | None:
    """Tell how far the sealing of a version is; None when nothing is being sealed or checked."""
    if version.state not in ON_THE_WAY:
        return None
    rows = SigningJob.objects.visible_to(actor).exclude(state=JobState.DONE)
    of_version = rows.filter(step__version=version).select_related("document", "step")
    jobs: list[SigningJob] = list(of_version.order_by("deadline_date", "pk"))
    return _sealing(jobs, rows, at=at) if jobs else _checking(version, at=at)


def _sealing(jobs: Sequence[SigningJob], rows: Any, *, at: datetime) -> Progress:
    running = [job for job in jobs if job.state == JobState.RUNNING]
    if running:
        titles = "、".join(f"「{job.document.title}」" for job in running)
        return Progress("封印しています", f"{titles}に電子署名とタイムスタンプを付けています。", running[0].started_at)
    first = min(jobs, key=lambda job: job.due_at)
    since = jobs[0].step.instructed_at
    if first.due_at > at:
        return Progress("封印を待っています", first.last_error, since, again_at=first.due_at)
    return Progress("封印の順番を待っています", _place(jobs[0], rows, at=at), since)


def _place(job: SigningJob, rows: Any, *, at: datetime) -> str:
    """Say how many documents of the city come before a job: those whose contracts must be concluded earlier."""
    earlier = Q(deadline_date__lt=job.deadline_date) | Q(deadline_date=job.deadline_date, pk__lt=job.pk)
    ahead = rows.filter(Q(due_at__lte=at) | Q(state=JobState.RUNNING)).filter(earlier).count()
    return f"先に{ahead:,}件の文書があります。" if ahead else "次にこの文書を封印します。"


def _checking(version: ContractVersion, *, at: datetime) -> Progress | None:
    if version.conclude_at is None:
        return None
    last = version.steps.order_by("-order").first()
    since = last.signed_at if last else None
    if version.conclude_at > at and version.waiting_reason:
        return Progress("締結を待っています", version.waiting_reason, since, again_at=version.conclude_at)
    return Progress("署名した文書を検証しています", "すべての文書を検証し終えると、締結です。", since)
