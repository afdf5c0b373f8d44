"""文書の立ち位置: 末尾に署名を足すのに要ることのすべて。これがあれば、本体を読まず、復号もせずに署名できる。"""

import zlib
from dataclasses import dataclass, fields, replace
from typing import Any, Self

from signing import midstate
from signing.midstate import Resumable, Running
from signing.pdf.file import File
from signing.pdf.frame import Frame, frame_of
from signing.pdf.identity import mark
from signing.pdf.pieces import pieces
from signing.pdf.syntax import Broken, Name, Ref, Value, parse, write
from signing.pdf.update import End

FORMAT = 2
LARGEST_SAVED = 64 * 1024
HASH_BYTES = 32


@dataclass(frozen=True)
class Standing:
    """The frame of a document and the running SHA-256 of all its bytes; about 1 kB when saved.

    `stamp` is the chain of who made the newest document timestamp as DER, root left out; empty when there is none.
    It makes the saved form of a finished document larger, by 2 kB or so.
    """

    frame: Frame
    running: Running
    stamp: tuple[bytes, ...] = ()

    @property
    def size(self) -> int:
        """Return the size of the document in bytes."""
        return self.frame.end.size

    @property
    def sha256(self) -> str:
        """Return the SHA-256 of the document in hex."""
        return self.running.digest().hex()

    @property
    def mark(self) -> str:
        """Return what tells a rewritten copy of the document, as signing.pdf.identity does."""
        return mark(self.frame.end.identity)

    def digest_with(self, *pieces: memoryview) -> bytes:
        """Return the SHA-256 of the document followed by these pieces."""
        running = self.running.copy()
        for piece in pieces:
            running.update(bytes(piece))
        return running.digest()

    def after(self, tail: bytes | bytearray, frame: Frame) -> Self:
        """Return the standing of the document grown by a tail."""
        running = self.running.copy()
        running.update(bytes(tail))
        return replace(self, frame=frame, running=running)

    def dump(self) -> bytes:
        """Save it; empty when this machine cannot save a hash half-way, or when the document needs too much."""
        if not isinstance(self.running, Resumable):
            return b""
        saved = zlib.compress(write(_saved(self, self.running)))
        return saved if len(saved) <= LARGEST_SAVED else b""

    @classmethod
    def load(cls, saved: bytes) -> Self | None:
        """Return what dump() saved; None when there is nothing that this program can go on from."""
        if not saved or not midstate.RESUMABLE:
            return None
        try:
            value, _end = parse(zlib.decompress(saved), 0)
            return cls(*_loaded(value))
        except (zlib.error, Broken, ValueError, KeyError, TypeError):
            return None


def standing_of(file: File) -> Standing:
    """Read a document once, a piece at a time; raises Broken when nothing can be appended to it."""
    frame = frame_of(file)
    running = midstate.start()
    for piece in pieces(file.data):
        running.update(bytes(piece))
    return Standing(frame, running)


def _saved(standing: Standing, running: Resumable) -> dict[str, Value]:
    frame = standing.frame
    return {
        "Format": FORMAT,
        "State": running.save(),
        "End": [getattr(frame.end, each.name) for each in fields(End)],
        "Version": Name(frame.version),
        "Root": frame.root,
        "Page": frame.page,
        "Objects": [each for item in frame.objects.items() for each in item],
        "Names": [each.encode() for each in sorted(frame.names)],
        "Evidence": b"".join(sorted(frame.evidence)),
        "Stamp": list(standing.stamp),
    }


def _loaded(value: Any) -> tuple[Frame, Resumable, tuple[bytes, ...]]:
    if value["Format"] != FORMAT:
        raise ValueError("another format")
    objects, hashes = value["Objects"], value["Evidence"]
    if not (isinstance(value["Root"], Ref) and isinstance(value["Page"], Ref)):
        raise TypeError("not references")
    frame = Frame(
        End(*value["End"]),
        str(value["Version"]),
        value["Root"],
        value["Page"],
        dict(zip(objects[::2], objects[1::2], strict=True)),
        frozenset(each.decode() for each in value["Names"]),
        frozenset(hashes[start : start + HASH_BYTES] for start in range(0, len(hashes), HASH_BYTES)),
    )
    return frame, Resumable.resume(value["State"]), tuple(value["Stamp"])
