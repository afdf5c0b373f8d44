"""What a signer says to have read: their own help to lose no document, and a line in the log (R65)."""

from collections.abc import Collection
from datetime import datetime

from django.db import transaction

from accounts.actors import Actor
from accounts.querysets import lock
from contracts import permissions
from contracts.models import Document, ReadMark, SigningStep
from contracts.services import evidence
from contracts.services.signatures.signing import SigningRefused


@transaction.atomic
def mark(step: SigningStep, document: Document, *, actor: Actor, at: datetime) -> ReadMark:
    """Note that whose turn it is has read a document of the set; saying it twice changes nothing.

    Raises SigningRefused when it is not this person's turn, or the document is of another set.
    """
    step = lock(step)
    if not permissions.can_sign(actor, step) or document.version_id != step.version_id:
        raise SigningRefused("この署名依頼は、今は手続きできません。")
    found, is_new = ReadMark.unscoped.get_or_create(
        step=step, document=document, email=step.email, defaults={"tenant_id": step.tenant_id, "read_at": at}
    )
    if is_new:
        subject = f"document:{document.pk}"
        evidence.record("document.read", step.version.case, subject=subject, actor=actor, at=at, title=document.title)
    return found  # type: ignore[no-any-return]


def read_by(step: SigningStep, *, actor: Actor) -> Collection[int]:
    """List the ids of the documents that whose turn it is says to have read."""
    rows = ReadMark.objects.visible_to(actor).filter(step=step, email=step.email)
    return set(rows.values_list("document_id", flat=True))
