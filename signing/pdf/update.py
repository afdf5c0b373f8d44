"""ファイルの末尾に版を一つ足す。既にあるバイトは見もしないし、書き換えようもない。"""

import secrets
import zlib
from dataclasses import dataclass, replace

RANGE_BYTES = 60  # 穴の後の長さは最後に決まるので、/ByteRange には余白を取っておく
OFFSET_BYTES = 4  # 受け付ける文書は 4 GiB よりずっと小さい


@dataclass(frozen=True)
class End:
    """Where a file ends, and what its next section goes on from.

    `stream` tells the kind of its newest cross-reference section, `objects` is /Size, `carried` the trailer's entries
    that are the same in every section, written out, and `identity` the first half of /ID.
    """

    size: int
    startxref: int
    stream: bool
    objects: int
    carried: bytes
    identity: bytes = b""
    newline: bool = True


@dataclass(frozen=True)
class Appended:
    """The bytes to append; `hole` is where, within them, the hex string with its brackets stands."""

    tail: bytearray
    hole: tuple[int, int]
    end: End

    def covered(self) -> tuple[memoryview, memoryview]:
        """Return the two pieces of the tail that the signature covers, after everything before the tail."""
        view = memoryview(self.tail).toreadonly()
        return view[: self.hole[0]], view[self.hole[1] :]

    def fill(self, content: bytes) -> None:
        """Write the content into the hole as hex; raises ValueError when it does not fit."""
        start, stop = self.hole
        if 2 * len(content) > stop - start - 2:
            raise ValueError("the hole is too small")
        self.tail[start + 1 : start + 1 + 2 * len(content)] = content.hex().encode()


class Update:
    """One revision while it is written (ISO 32000-2 7.5.6): objects, then a section of the same kind as before."""

    def __init__(self, end: End) -> None:
        self._end = end
        self._tail = bytearray(b"" if end.newline else b"\n")
        self._offsets: dict[tuple[int, int], int] = {}
        self._next = end.objects
        self._hole = (0, 0)

    def reserve(self) -> int:
        """Return the number of an object that does not exist yet."""
        self._next += 1
        return self._next - 1

    def write(self, number: int, body: bytes, *, generation: int = 0) -> None:
        """Write an object, new or in place of what had this number."""
        self._open(number, generation)
        self._tail += body
        self._tail += b"\nendobj\n"

    def write_stream(self, number: int, entries: bytes, data: bytes) -> None:
        """Write a stream object; /Length is added to the entries."""
        self.write(number, b"<<%s/Length %d>>\nstream\n%s\nendstream" % (entries, len(data), data))

    def write_with_hole(self, number: int, entries: bytes, size: int) -> None:
        """Write a dictionary whose /Contents is a hole for `size` bytes and whose /ByteRange spans all but the hole."""
        self._open(number, 0)
        self._tail += b"<<%s/ByteRange %s/Contents " % (entries, b" " * RANGE_BYTES)
        start = len(self._tail)
        self._tail += b"<%s>" % (b"0" * (2 * size))
        self._hole = (start, len(self._tail))
        self._tail += b">>\nendobj\n"

    def finish(self) -> Appended:
        """Close the revision with its cross-reference section and trailer."""
        start = self._end.size + len(self._tail)
        identity = self._end.identity or secrets.token_bytes(16)
        if self._end.stream:
            self._write_stream_section(identity)
        else:
            self._write_table(identity)
        self._tail += b"startxref\n%d\n%%%%EOF\n" % start
        self._state_range()
        end = replace(
            self._end,
            size=self._end.size + len(self._tail),
            startxref=start,
            objects=self._next,
            identity=identity,
            newline=True,
        )
        return Appended(self._tail, self._hole, end)

    def _open(self, number: int, generation: int) -> None:
        self._offsets[number, generation] = self._end.size + len(self._tail)
        self._tail += b"%d %d obj\n" % (number, generation)

    def _write_table(self, identity: bytes) -> None:
        self._tail += b"xref\n"
        for (number, generation), offset in sorted(self._offsets.items()):
            self._tail += b"%d 1\n%010d %05d n \n" % (number, offset, generation)
        self._tail += b"trailer\n<<%s>>\n" % self._trailer(identity)

    def _write_stream_section(self, identity: bytes) -> None:
        number = self.reserve()
        self._offsets[number, 0] = self._end.size + len(self._tail)
        listed = sorted(self._offsets.items())
        rows = b"".join(
            b"\x01" + offset.to_bytes(OFFSET_BYTES, "big") + generation.to_bytes(2, "big")
            for (_number, generation), offset in listed
        )
        index = b" ".join(b"%d 1" % number for (number, _generation), _offset in listed)
        entries = b"/Type/XRef/W[1 %d 2]/Index[%s]/Filter/FlateDecode%s" % (
            OFFSET_BYTES,
            index,
            self._trailer(identity),
        )
        self.write_stream(number, entries, zlib.compress(rows))

    def _trailer(self, identity: bytes) -> bytes:
        fresh = secrets.token_bytes(16)
        halves = (identity.hex().encode(), fresh.hex().encode())
        return b"%s/Size %d/Prev %d/ID[<%s><%s>]" % (self._end.carried, self._next, self._end.startxref, *halves)

    def _state_range(self) -> None:
        start, stop = self._hole
        if not stop:
            return
        base = self._end.size
        spans = b"[0 %d %d %d]" % (base + start, base + stop, len(self._tail) - stop)
        place = start - len(b"/Contents ") - RANGE_BYTES
        self._tail[place : place + RANGE_BYTES] = spans.ljust(RANGE_BYTES)
