"""Take PDFs through the intake gate and keep them, never to be rewritten."""

from datetime import datetime
from typing import Any

from django.db.models import Max, Sum

from accounts.refusals import Refusal
from contracts.models import ContractVersion, Document, DocumentKind, Revision
from signing import intake
from vault import files

MEGABYTE = 1024 * 1024


class FreezingRefused(Refusal):
    """The file may not be signed; the text says why."""


def current(version: ContractVersion) -> Any:
    """List the documents of a version that are signed: the contract first, then the uploads in their order."""
    return Document.unscoped.filter(version=version, removed_at__isnull=True).order_by("order")


def freeze(
    version: ContractVersion, *, kind: DocumentKind, title: str, content: bytes, at: datetime, uploaded_name: str = ""
) -> Document:
    """Keep a PDF as a document of a version, with its SHA-256.

    Raises FreezingRefused when the set would grow beyond the city's limit or the gate refuses the file.
    """
    _check_size(version, added=len(content))
    try:
        accepted = intake.examine(content, max_bytes=version.tenant.max_file_bytes)
    except intake.Refused as refused:
        raise FreezingRefused(str(refused)) from refused
    document: Document = Document.unscoped.create(
        tenant_id=version.tenant_id,
        version=version,
        order=_place(version, kind),
        kind=kind,
        title=title,
        pages=accepted.pages,
        uploaded_name=uploaded_name,
        warnings=list(accepted.warnings),
    )
    Revision.unscoped.create(
        tenant_id=version.tenant_id,
        document=document,
        number=0,
        size=len(content),
        sha256=accepted.sha256,
        tail=files.store(tenant_id=version.tenant_id, content=content),
        made_at=at,
    )
    return document


def take_over(earlier: ContractVersion, version: ContractVersion, *, at: datetime) -> None:
    """Give a version the uploads of the one before it: the same stored bytes, frozen anew."""
    uploads = current(earlier).exclude(kind=DocumentKind.CONTRACT)
    for document in uploads:
        first = document.revisions.get(number=0)
        document.pk, document.version, document._state.adding = None, version, True  # noqa: SLF001 - Django の写し方
        document.save(force_insert=True)
        first.pk, first.document, first.made_at, first._state.adding = None, document, at, True  # noqa: SLF001
        first.save(force_insert=True)


def move(version: ContractVersion, *, document_id: int, up: bool) -> Document | None:
    """Let an upload change places with its neighbour; None when it is gone or stands at that end already."""
    uploads = list(current(version))
    place = next((place for place, each in enumerate(uploads) if each.pk == document_id), -1)
    there = place - 1 if up else place + 1
    if place < 0 or not 0 <= there < len(uploads):
        return None
    _swap(uploads[place], uploads[there])
    moved: Document = uploads[place]
    return moved


def _swap(one: Document, other: Document) -> None:
    # 同じ場所に二つは置けないので、だれの場所でもない 0 を借りる
    mine, theirs = one.order, other.order
    for document, order in ((one, 0), (other, mine), (one, theirs)):
        document.order = order
        document.save(update_fields=["order"])


def _place(version: ContractVersion, kind: DocumentKind) -> int:
    """The contract stands first; uploads follow from the second place on."""
    if kind == DocumentKind.CONTRACT:
        return 1
    last: int | None = Document.unscoped.filter(version=version).aggregate(n=Max("order"))["n"]
    return max(last or 0, 1) + 1


def _check_size(version: ContractVersion, *, added: int) -> None:
    frozen = Revision.unscoped.filter(document__in=current(version), number=0).aggregate(total=Sum("size"))["total"]
    limit = version.tenant.max_envelope_bytes
    if (frozen or 0) + added > limit:
        raise FreezingRefused(
            f"文書一式の上限（{limit // MEGABYTE}MB）を超えます。ファイルを分けるか小さくしてください。"
        )
