"""Verify a stored document on request, and note who asked and what came out."""

from datetime import datetime

from django.db import transaction

from accounts import permissions as doors
from accounts.actors import Actor
from contracts import permissions
from contracts.models import ContractVersion, Document
from contracts.reading import mapped
from contracts.services import evidence
from signing.results import Report
from signing.trust import Trust
from signing.verification import verify


@transaction.atomic
def verify_all(version: ContractVersion, *, actor: Actor, at: datetime, trust: Trust) -> list[tuple[Document, Report]]:
    """Verify everything a version holds, with what stands beside it (すべてを検証, R80)."""
    rows = Document.objects.visible_to(actor).filter(version=version).order_by("order")
    return [(document, verify_document(document, actor=actor, at=at, trust=trust)) for document in rows]


@transaction.atomic
def verify_document(document: Document, *, actor: Actor, at: datetime, trust: Trust) -> Report:
    """Verify the latest revision of a document as it is stored (R80)."""
    doors.check(permissions.can_read, actor)
    report = verify(mapped(document), trust=trust)
    evidence.record(
        "document.verified",
        document.version.case,
        subject=f"document:{document.pk}",
        actor=actor,
        at=at,
        sha256=report.sha256,
        verdict=str(report.verdict),
        level=report.level,
    )
    return report
