"""Have what waits for its seal tried again at once, when a person knows that what was missing is back."""

from datetime import datetime

from django.db import transaction

from accounts import permissions as doors
from accounts.actors import Actor
from contracts import permissions
from contracts.models import ContractVersion, SigningJob
from contracts.services import evidence
from contracts.services.signatures import signing
from contracts.states import JobState


@transaction.atomic
def retry(version: ContractVersion, *, actor: Actor, at: datetime) -> bool:
    """Put what waits for its next try at the head of its turn; False when nothing waits, and nothing is changed."""
    doors.check(permissions.can_retry, actor)
    # 封印の仕事、版の順に錠をかける。延期（claiming.put_back）と同じ順である。
    later = SigningJob.unscoped.filter(step__version=version, state=JobState.QUEUED, due_at__gt=at)
    documents = later.update(due_at=at)
    unchecked = ContractVersion.unscoped.filter(pk=version.pk, conclude_at__gt=at).update(conclude_at=at)
    if not documents and not unchecked:
        return False
    signing.ring()
    evidence.record(
        "document.seal_retried",
        version.case,
        subject=f"version:{version.pk}",
        actor=actor,
        at=at,
        documents=documents,
    )
    return True
