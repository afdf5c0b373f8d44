"""Write down, with the conclusion, what is left to do for decades."""

from collections.abc import Mapping
from datetime import datetime, timedelta

from django.conf import settings

from accounts import doorbell
from contracts.models import ConclusionCertificate, ContractVersion, Renewal

# 延ばしてもすぐに期限の来る時刻認証局しかないときに、試しを繰り返さない
SHORTEST_REST = timedelta(days=1)


def begin(version: ContractVersion, ends: Mapping[int, datetime | None], *, at: datetime) -> None:
    """Have the evidence of a version's documents, named by id, renewed before it ends, and the version attested."""
    watch(version, ends, at=at)
    ConclusionCertificate.unscoped.create(tenant_id=version.tenant_id, version=version, due_at=at)
    ring()


def watch(version: ContractVersion, ends: Mapping[int, datetime | None], *, at: datetime) -> None:
    """Write down until when documents prove themselves."""
    Renewal.unscoped.bulk_create(
        Renewal(
            tenant_id=version.tenant_id,
            document_id=document_id,
            evidence_until=until,
            due_at=next_try(until, at=at),
        )
        for document_id, until in ends.items()
    )


def bring_forward(*, at: datetime, before: datetime) -> int:
    """Have the evidence of the municipality in view that ends before a moment renewed now; return of how many."""
    soon = Renewal.unscoped.filter(evidence_until__lt=before, due_at__gt=at)
    return int(soon.update(due_at=at))


def next_try(until: datetime | None, *, at: datetime) -> datetime:
    """Tell from when on evidence that ends at a moment should be renewed; at once when the end is not known."""
    return max(until - settings.RENEWAL_LEAD, at + SHORTEST_REST) if until else at


def ends_before(*, before: datetime) -> int:
    """Count the documents of the municipality in view whose evidence ends before a moment."""
    return int(Renewal.unscoped.filter(evidence_until__lt=before).count())


def ring() -> None:
    """Ring for upkeep once the transaction that queued it holds."""
    from contracts import tasks

    doorbell.ring(tasks.upkeep)
