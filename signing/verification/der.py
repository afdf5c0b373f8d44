"""DER を読む。署名の入れ物を、使うところだけ、写しを作らずに見る（ITU-T X.690）。"""

import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

INTEGER, BITS, OCTETS, OID, UTC_TIME, GENERALIZED_TIME = 0x02, 0x03, 0x04, 0x06, 0x17, 0x18
SEQUENCE, SET, CONTEXT_0, CONTEXT_1, CONTEXT_2 = 0x30, 0x31, 0xA0, 0xA1, 0xA2
MOST_CHILDREN = 10_000
DEEPEST = 40
CONSTRUCTED, UNKNOWN_LENGTH, END_OF_CONTENTS = 0x20, 0x80, b"\0\0"
_TIME = re.compile(rb"(\d{14})(?:\.(\d{1,9}))?Z")


class Malformed(Exception):
    """The bytes are not the structure they should be."""


@dataclass(frozen=True, slots=True)
class Node:
    """One value: its tag, and where it and its content stand in the source."""

    source: bytes
    tag: int
    start: int
    content_at: int
    end: int

    @property
    def raw(self) -> bytes:
        """Return the whole value with tag and length."""
        return self.source[self.start : self.end]

    @property
    def content(self) -> bytes:
        """Return the value without tag and length."""
        return self.source[self.content_at : self.end]

    def children(self) -> list["Node"]:
        """Return the values inside. Raises Malformed."""
        found, at = [], self.content_at
        while at < self.end:
            found.append(read(self.source, at, self.end))
            at = found[-1].end
            if len(found) > MOST_CHILDREN:
                raise Malformed("too many values")
        return found

    def only(self, tag: int) -> "Node":
        """Return the one value inside, which must have a tag. Raises Malformed."""
        children = self.children()
        if len(children) != 1:
            raise Malformed("one value was due")
        return children[0].of(tag)

    def of(self, tag: int) -> "Node":
        """Return itself when it has a tag. Raises Malformed."""
        if self.tag != tag:
            raise Malformed(f"tag {self.tag:#x} where {tag:#x} was due")
        return self

    def integer(self) -> int:
        """Return a whole number. Raises Malformed."""
        return int.from_bytes(self.of(INTEGER).content, "big", signed=True)

    def oid(self) -> str:
        """Return an object identifier in dots. Raises Malformed."""
        parts, value = [], 0
        for byte in self.of(OID).content:
            value = value << 7 | byte & 0x7F
            if not byte & 0x80:
                parts.append(value)
                value = 0
        if not parts:
            raise Malformed("an empty identifier")
        first = min(parts[0] // 40, 2)
        return ".".join(map(str, (first, parts[0] - 40 * first, *parts[1:])))

    def time(self) -> datetime:
        """Return a GeneralizedTime in UTC, with its fraction of a second. Raises Malformed."""
        found = _TIME.fullmatch(self.of(GENERALIZED_TIME).content)
        if found is None:
            raise Malformed("a wrong time")
        try:
            at = datetime.strptime(found[1].decode(), "%Y%m%d%H%M%S").replace(tzinfo=UTC)
        except ValueError as error:
            raise Malformed("a wrong time") from error
        return at + timedelta(seconds=float(b"0." + (found[2] or b"0")))


def read(source: bytes, at: int = 0, end: int | None = None) -> Node:
    """Read one value; raises Malformed, also for lengths that only BER allows."""
    limit = len(source) if end is None else end
    if at + 2 > limit or source[at] & 0x1F == 0x1F:
        raise Malformed("no value")
    length, content_at = source[at + 1], at + 2
    if length == UNKNOWN_LENGTH:
        raise Malformed("an indefinite length")
    if length > UNKNOWN_LENGTH:
        content_at += length & 0x7F
        length = int.from_bytes(source[at + 2 : content_at], "big")
    if content_at > limit or content_at + length > limit:
        raise Malformed("a value reaches beyond its end")
    return Node(source, source[at], at, content_at, content_at + length)


def definite(source: bytes) -> tuple[bytes, int]:
    """Rewrite one BER value as DER would, and return it with the offset behind it; raises Malformed.

    NSS and Bouncy Castle write indefinite lengths and strings in pieces, though ISO 32000-2 asks for DER.
    """
    return _definite(source, 0, 0)


def _definite(source: bytes, at: int, depth: int) -> tuple[bytes, int]:
    if at + 2 > len(source) or depth > DEEPEST:
        raise Malformed("no value")
    if source[at + 1] != UNKNOWN_LENGTH:
        node = read(source, at)
        inner, limit, end = node.content_at, node.end, node.end
        if not source[at] & CONSTRUCTED:
            return node.raw, end
    else:
        inner, limit, end = at + 2, len(source), 0
    parts = []
    while inner < limit and not (end == 0 and source[inner : inner + 2] == END_OF_CONTENTS):
        part, inner = _definite(source, inner, depth + 1)
        parts.append(part)
    if end == 0 and inner >= limit:
        raise Malformed("a value does not end")
    if source[at] == OCTETS | CONSTRUCTED:
        return _encoded(OCTETS, b"".join(read(each).of(OCTETS).content for each in parts)), end or inner + 2
    return _encoded(source[at], b"".join(parts)), end or inner + 2


def _encoded(tag: int, content: bytes) -> bytes:
    length = len(content)
    if length < UNKNOWN_LENGTH:
        return bytes((tag, length)) + content
    size = length.to_bytes((length.bit_length() + 7) // 8, "big")
    return bytes((tag, UNKNOWN_LENGTH | len(size))) + size + content
