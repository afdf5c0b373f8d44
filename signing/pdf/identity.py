"""The mark that a file keeps when a program writes it anew: the first half of its /ID (ISO 32000-2 14.4)."""

import hashlib

from signing.pdf.file import File
from signing.pdf.syntax import Broken, Buffer, Value


def mark_of(pdf: Buffer) -> str:
    """Return the mark of a file; empty when it has none, or when it cannot be read."""
    try:
        return mark(first_half(File(pdf).trailer().get("ID")))
    except (Broken, RecursionError, ValueError):
        return ""


def mark(first: bytes) -> str:
    """Return the SHA-256 in hex of the first half of an /ID: who holds the list of marks cannot forge one."""
    return hashlib.sha256(first).hexdigest() if first else ""


def first_half(value: Value) -> bytes:
    """Read what a trailer says under /ID."""
    first = value[0] if isinstance(value, list) and value else b""
    return first if isinstance(first, bytes) else b""
