"""Put a document together from its stored tails, and check it while reading."""

import hashlib

from contracts.models import Document, Revision
from vault import files


def sha256(content: bytes) -> str:
    """Hash whole documents, as hex."""
    return hashlib.sha256(content).hexdigest()


class RevisionDamaged(RuntimeError):
    """The bytes in storage are not those that were sealed."""


def content_of(document: Document, *, number: int | None = None) -> bytes:
    """Read a document as of one revision (the latest by default).

    Raises RevisionDamaged when the whole does not have the recorded SHA-256.
    """
    revisions = Revision.unscoped.filter(document=document).select_related("tail").order_by("number")
    if number is not None:
        revisions = revisions.filter(number__lte=number)
    chain = list(revisions)
    content = b"".join(files.read(revision.tail) for revision in chain)
    if sha256(content) != chain[-1].sha256:
        raise RevisionDamaged(f"文書 {document.pk} の内容が記録と一致しません。")
    return content
