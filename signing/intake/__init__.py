"""受け取る PDF の門。受け取るか、一度だけ告げて整えるか、どうすればよいかを告げて断る。"""

import hashlib
import io
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO

from asn1crypto import pem

from signing import confined, rooms
from signing.intake.words import CHANGES, REFUSALS, WARNINGS
from signing.trust import Trust

__all__ = ["CHANGES", "REFUSALS", "WARNINGS", "Accepted", "Copy", "Refused", "admit"]

CHILD = Path(__file__).with_name("child.py")
WALL_SECONDS = 90
MEBIBYTE = 1024 * 1024
CHUNK = 256 * 1024


class Refused(Exception):
    """Tell a person why the file was not taken and what to do next; `code` is for tests and logs."""

    def __init__(self, code: str, detail: str = "") -> None:
        super().__init__(REFUSALS[code].format(detail=detail))
        self.code = code


@dataclass(frozen=True)
class Copy:
    """A file on disk while the gate is open, with its size in bytes and its SHA-256 in hex."""

    path: Path
    size: int
    sha256: str


@dataclass(frozen=True)
class Accepted:
    """A file that may be signed: `kept` is `received` itself unless `changes` tells what was put in order.

    `signed_fields` names the fields of the signatures it came with, oldest first.
    """

    pages: int
    received: Copy
    kept: Copy
    changes: tuple[str, ...]
    warnings: tuple[str, ...]
    signed_fields: tuple[str, ...]


@contextmanager
def admit(source: bytes | BinaryIO, *, max_bytes: int, trust: Trust | None = None) -> Iterator[Accepted]:
    """Yield what was accepted, on disk until the block ends; raises Refused.

    The file is parsed only in a child with limited memory and time. One with earlier signatures is accepted, byte for
    byte, only when `trust` is given and they verify against it offline.
    """
    with rooms.room("intake") as name:
        room = Path(name)
        received = _copied(io.BytesIO(source) if isinstance(source, bytes) else source, room, max_bytes)
        if trust is not None:
            (room / "trust.pem").write_bytes(b"".join(pem.armor("CERTIFICATE", each.dump()) for each in trust.roots))
        answer = _answer(room)
        kept = _measured(room / "kept.pdf") if answer["changes"] else received
        yield Accepted(
            pages=answer["pages"],
            received=received,
            kept=kept,
            changes=_sentences(CHANGES, answer["changes"]),
            warnings=_sentences(WARNINGS, answer["warnings"]),
            signed_fields=tuple(answer["signed_fields"]),
        )


def _copied(source: BinaryIO, room: Path, max_bytes: int) -> Copy:
    """Copy the source into the room, chunk by chunk; raises Refused when it is empty or too large."""
    path, digest, size = room / "received.pdf", hashlib.sha256(), 0
    with path.open("wb") as target:
        while chunk := source.read(CHUNK):
            size += len(chunk)
            if size > max_bytes:
                raise Refused("too_large", str(max_bytes // MEBIBYTE))
            digest.update(chunk)
            target.write(chunk)
    if not size:
        raise Refused("empty")
    return Copy(path, size, digest.hexdigest())


def _measured(path: Path) -> Copy:
    with path.open("rb") as file:
        return Copy(path, path.stat().st_size, hashlib.file_digest(file, "sha256").hexdigest())


def _answer(room: Path) -> dict[str, Any]:
    """Ask the child about the copy in the room; raises Refused."""
    try:
        answer = confined.ask(CHILD, room, seconds=WALL_SECONDS)
    except confined.TooSlow as slow:
        raise Refused("too_slow") from slow
    except confined.Stopped as stopped:
        raise Refused("bomb") from stopped
    if "refused" in answer:
        raise Refused(answer["refused"], answer["detail"])
    return answer


def _sentences(words: dict[str, str], found: list[list[str]]) -> tuple[str, ...]:
    return tuple(words[code].format(detail=detail) for code, detail in found)
