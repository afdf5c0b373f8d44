"""Put a document together from its stored tails, and check it while reading."""

import hashlib
import mmap
import tempfile

from contracts.models import Document, Revision
from signing.standing import Standing
from vault import files
from vault.models import StoredFile


def sha256(content: bytes) -> str:
    """Hash whole documents, as hex."""
    return hashlib.sha256(content).hexdigest()


class RevisionDamaged(RuntimeError):
    """The bytes in storage are not those that were sealed."""


def content_of(document: Document, *, number: int | None = None) -> bytes:
    """Read a document as of one revision (the latest by default).

    Raises RevisionDamaged when the whole does not have the recorded SHA-256.
    """
    chain = _chain(document, number=number)
    content = b"".join(files.chain(revision.tail for revision in chain))
    if sha256(content) != chain[-1].sha256:
        raise _damaged(document)
    return content


def mapped(document: Document, tail: bytes = b"") -> mmap.mmap:
    """Read the latest revision into a nameless file and map it, so that its size costs no memory.

    `tail` is put after it. Raises RevisionDamaged as content_of does.
    """
    chain, digest = _chain(document), hashlib.sha256()
    with tempfile.TemporaryFile() as file:
        for piece in files.chain(revision.tail for revision in chain):
            digest.update(piece)
            file.write(piece)
        file.write(tail)
        file.flush()
        if digest.hexdigest() != chain[-1].sha256:
            raise _damaged(document)
        return mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)


def mapped_file(stored: StoredFile) -> mmap.mmap:
    """Read a kept file into a nameless file and map it; raises Damaged when it is not as it was stored."""
    with tempfile.TemporaryFile() as file:
        file.writelines(files.stream(stored))
        file.flush()
        return mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)


def source_of(document: Document) -> Standing | mmap.mmap:
    """Return what the next signature goes on from: the kept standing, or the bytes where there is none."""
    last = Revision.unscoped.filter(document=document).latest("number")
    return standing_of(last) or mapped(document)


def standing_of(revision: Revision) -> Standing | None:
    """Return the standing kept with a revision; None when there is none, or when it is not of these bytes."""
    standing = Standing.load(bytes(revision.standing))
    fits = standing is not None and (standing.size, standing.sha256) == (revision.size, revision.sha256)
    return standing if fits else None


def _chain(document: Document, *, number: int | None = None) -> list[Revision]:
    revisions = Revision.unscoped.filter(document=document).select_related("tail").order_by("number")
    return list(revisions if number is None else revisions.filter(number__lte=number))


def _damaged(document: Document) -> RevisionDamaged:
    return RevisionDamaged(f"文書 {document.pk} の内容が記録と一致しません。")
