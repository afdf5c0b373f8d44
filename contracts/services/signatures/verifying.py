"""Verify a stored document on request, and note who asked and what came out."""

from datetime import datetime

from django.db import transaction

from accounts import permissions as doors
from accounts.actors import Actor
from contracts import permissions
from contracts.models import Document
from contracts.reading import mapped
from contracts.services import evidence
from signing.results import Report
from signing.trust import Trust
from signing.verification import verify


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
