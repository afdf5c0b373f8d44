"""Which signatures a finished document must carry, no more and no fewer."""

from collections.abc import Iterable

from contracts.models import Document, DocumentKind, SigningStep, StepKind


def expected_fields(document: Document) -> list[str]:
    """List the signature fields of a finished document in their order."""
    if document.kind == DocumentKind.CERTIFICATE:
        return [certificate_field(document.version_id)]
    steps = SigningStep.unscoped.filter(version_id=document.version_id, kind=StepKind.SIGN).order_by("order")
    return fields_of(document, steps)


def fields_of(document: Document, steps: Iterable[SigningStep]) -> list[str]:
    """List those a document came with, then one per party that signs."""
    return [*document.signed_fields, *(field_of(document, step) for step in steps)]


def field_of(document: Document, step: SigningStep) -> str:
    """Name the field of one party's signature (signing.sealing.Approval)."""
    return f"FIELD_{document.pk}_{step.order - 1}"


def certificate_name(version_id: int) -> str:
    """Name a version's 合意締結証明書 in the field of its seal."""
    return f"CERTIFICATE-{version_id}"


def certificate_field(version_id: int) -> str:
    """Name the field of the seal of a 合意締結証明書."""
    return f"FIELD_{certificate_name(version_id)}_0"
