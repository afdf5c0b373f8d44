"""Have the documents of what is archived read: rows, which the worker takes when nobody waits for it."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from accounts import doorbell
from contracts.models import ContractVersion, DocumentKind, DocumentText, Reading, Revision
from vault.models import StoredFile


@dataclass(frozen=True)
class Paper:
    """A frozen PDF of ours, and what it is called."""

    title: str
    file: StoredFile


def read_later(subject: str, papers: Iterable[Paper], *, tenant_id: int, at: datetime) -> None:
    """Have papers of the archive's subject read, each once; papers that are known already stay as they are."""
    rows = [
        DocumentText(tenant_id=tenant_id, subject=subject, title=paper.title[:200], file=paper.file, due_at=at)
        for paper in papers
    ]
    DocumentText.unscoped.bulk_create(rows, ignore_conflicts=True)
    ring()


def papers_of(version: ContractVersion) -> list[Paper]:
    """Return the documents that were signed together, as they were frozen."""
    first = Revision.unscoped.filter(document__version=version, number=0, document__removed_at__isnull=True)
    first = first.exclude(document__kind=DocumentKind.CERTIFICATE).select_related("document", "tail")
    return [Paper(title=each.document.title, file=each.tail) for each in first.order_by("document__order")]


def read_again(*, at: datetime) -> int:
    """Have documents of the municipality in view that gave no text, or not all of it, read again; return how many."""
    rows = DocumentText.unscoped.filter(state__in=[Reading.SCANNED, Reading.UNREADABLE])
    again = rows.update(state=Reading.WAITING, read_at=None, due_at=at, failures=0, last_error="")
    ring()
    return int(again)


def ring() -> None:
    """Ring for upkeep once the transaction that queued it holds."""
    from contracts import tasks

    doorbell.ring(tasks.upkeep)
