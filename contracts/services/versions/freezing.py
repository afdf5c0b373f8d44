"""Take PDFs through the intake gate and keep them, never to be rewritten."""

import mmap
from datetime import datetime
from typing import Any, BinaryIO

from django.db.models import Max, Sum

from accounts.refusals import Refusal
from contracts.models import ContractVersion, Document, DocumentKind, Revision
from signing import intake, setup
from signing.refusals import SealingRefused
from signing.sealable import sealable
from signing.standing import Standing
from vault import files
from vault.models import StoredFile

MEGABYTE = 1024 * 1024


class FreezingRefused(Refusal):
    """The file may not be signed; the text says why."""


def current(version: ContractVersion) -> Any:
    """List the documents of a version that are signed: the contract first, then the uploads in their order."""
    rows = Document.unscoped.filter(version=version, removed_at__isnull=True)
    return rows.exclude(kind=DocumentKind.CERTIFICATE).order_by("order")


def freeze(
    version: ContractVersion,
    *,
    kind: DocumentKind,
    title: str,
    content: bytes | BinaryIO,
    at: datetime,
    uploaded_name: str = "",
) -> Document:
    """Keep a PDF as a document of a version, with its SHA-256; when the gate had to put it in order, as received too.

    Raises FreezingRefused when the set would grow beyond the city's limit or the gate refuses the file.
    """
    city = version.tenant
    trust = setup.trust() if city.accepts_signed and kind != DocumentKind.CONTRACT else None
    try:
        with intake.admit(content, max_bytes=city.max_file_bytes, trust=trust) as accepted:
            _check_size(version, added=accepted.kept.size)
            standing = _standing(accepted.kept)
            document: Document = Document.unscoped.create(
                tenant_id=version.tenant_id,
                version=version,
                order=_place(version, kind),
                kind=kind,
                title=title,
                pages=accepted.pages,
                uploaded_name=uploaded_name,
                received=_stored(version, accepted.received) if accepted.changes else None,
                normalised=list(accepted.changes),
                signed_fields=list(accepted.signed_fields),
                warnings=list(accepted.warnings),
                mark=standing.mark if kind == DocumentKind.CONTRACT else "",
            )
            _first_revision(document, accepted.kept, standing, at=at)
    except intake.Refused as refused:
        raise FreezingRefused(str(refused)) from refused
    return document


def _first_revision(document: Document, kept: intake.Copy, standing: Standing, *, at: datetime) -> None:
    Revision.unscoped.create(
        tenant_id=document.tenant_id,
        document=document,
        number=0,
        size=kept.size,
        sha256=kept.sha256,
        tail=_stored(document, kept),
        standing=standing.dump(),
        made_at=at,
    )


def _standing(kept: intake.Copy) -> Standing:
    """Read once what every signature will need; raises FreezingRefused for what sealing would refuse."""
    with kept.path.open("rb") as file:
        body = mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)
    try:
        return sealable(body)
    except SealingRefused as refused:
        raise FreezingRefused(str(refused)) from refused


def _stored(row: ContractVersion | Document, copy: intake.Copy) -> StoredFile:
    with copy.path.open("rb") as file:
        return files.store(tenant_id=row.tenant_id, content=file)


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
