"""The files of a pack: whole and checked on disk before the first byte leaves, one at a time."""

import mmap
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from accounts import tenancy
from contracts import reading
from contracts.models import Document
from vault.errors import Damaged, Destroyed
from vault.models import StoredFile

PIECE = 1 << 20
Bytes = mmap.mmap
DAMAGED = "壊れているため入れていません"
DISPOSED = "保存期間が満了し廃棄済み"


@dataclass(frozen=True)
class Paper:
    """A file of a case: where it lies in the pack, what it is, the SHA-256 on record, and how its bytes are had."""

    path: str
    title: str
    sha256: str
    open: Callable[[], Bytes]
    is_signed: bool = False


def of_document(document: Document, *, path: str, sha256: str) -> Paper:
    """Take a document of a concluded version as it stands now."""
    return Paper(path, document.title, sha256, lambda: reading.mapped(document), is_signed=True)


def of_file(stored: StoredFile, *, path: str, title: str, is_signed: bool = False) -> Paper:
    """Take a file as it was received."""
    return Paper(path, title, stored.sha256, lambda: reading.mapped_file(stored), is_signed=is_signed)


def fetch(paper: Paper, *, tenant_id: int) -> Bytes | str:
    """Bring a file onto this machine's disk in a short transaction; else the word for why it cannot be had."""
    try:
        with tenancy.acting_for(tenant_id):
            return paper.open()
    except Destroyed:
        return DISPOSED
    except (Damaged, reading.RevisionDamaged):
        return DAMAGED


def pieces(content: Bytes) -> Iterator[bytes]:
    """Yield a file piece by piece; it is gone from the disk when nobody reads it any more."""
    for start in range(0, len(content), PIECE):
        yield content[start : start + PIECE]
