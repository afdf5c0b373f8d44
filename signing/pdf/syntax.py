"""PDF の値とバイト列のあいだを、厳しく、限りを設けて行き来する（ISO 32000-2 7.3）。

名前は Name（文字列）、文字列は bytes、実数は Decimal、辞書の鍵は斜線のない名前。値は読み手の間で共有されるので、
変えるときは写しを作る。
"""

import mmap
import re
from binascii import unhexlify
from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal
from typing import NamedTuple, TypeAlias

DEEPEST = 60
LARGEST_NUMBER = 8_388_607  # ISO 32000-1 附属書C: 間接オブジェクトの数の目安

Buffer: TypeAlias = bytes | bytearray | mmap.mmap


class Broken(Exception):
    """The file breaks the rules of PDF; it is never repaired by guessing."""


class TooLarge(Broken):
    """The file asks for more than this reader spends on one file."""


class Name(str):
    """A PDF name without its slash; bytes above 127 as Latin-1."""

    __slots__ = ()


class Ref(NamedTuple):
    """A reference to an indirect object."""

    number: int
    generation: int = 0


@dataclass(frozen=True, slots=True)
class Stream:
    """A dictionary with bytes, still encoded by its filters."""

    dictionary: "Dictionary"
    raw: memoryview


Value: TypeAlias = "bool | int | Decimal | Name | bytes | Ref | list[Value] | dict[str, Value] | Stream | None"
Dictionary: TypeAlias = dict[str, Value]

WHITE = rb"[\0\t\n\f\r ]"
REGULAR = rb"[^\0\t\n\f\r ()<>\[\]{}/%]"
SKIP = rb"(?>[\0\t\n\f\r ]+|%[^\r\n]*+)*+"
INDIRECT = re.compile(
    WHITE + rb"{0,8}(\d{1,10})" + WHITE + rb"{1,8}(\d{1,5})" + WHITE + rb"{1,8}obj(?!" + REGULAR + rb")"
)
_TOKEN = re.compile(
    SKIP
    + rb"(?:(?P<ref>(\d{1,10})" + WHITE + rb"{1,8}(\d{1,5})" + WHITE + rb"{1,8}R(?!" + REGULAR + rb"))"
    + rb"|(?P<integer>[+-]?+\d{1,18})(?!" + REGULAR + rb")"
    + rb"|(?P<real>[+-]?+(?:\d{1,40}\.\d{0,40}|\.\d{1,40}))(?!" + REGULAR + rb")"
    + rb"|/(?P<name>" + REGULAR + rb"{0,1000}+)"
    + rb"|(?P<word>true|false|null)(?!" + REGULAR + rb")"
    + rb"|(?P<dictionary><<)|(?P<end>>>)|(?P<array>\[)|(?P<close>\])"
    + rb"|<(?P<hexadecimal>[0-9A-Fa-f\0\t\n\f\r ]*+)>|\((?P<plain>[^()\\\r]*+)\)|(?P<literal>\())"
)  # fmt: skip
_LITERAL_PART = re.compile(rb"[^()\\\r]++|[()]|\\(?:[0-7]{1,3}|\r\n|[\s\S])|\r\n?")
_NAME_ESCAPE = re.compile(rb"#([0-9A-Fa-f]{2})")
_STREAM = re.compile(SKIP + rb"stream(?:\r\n|\n)")
_END_STREAM = re.compile(rb"(?:\r\n|\n|\r)?endstream" + SKIP + rb"endobj(?!" + REGULAR + rb")")
_END_OBJECT = re.compile(SKIP + rb"endobj(?!" + REGULAR + rb")")
_WORDS: dict[bytes, bool | None] = {b"true": True, b"false": False, b"null": None}
_ESCAPES = {b"n": b"\n", b"r": b"\r", b"t": b"\t", b"b": b"\b", b"f": b"\f", b"\n": b"", b"\r": b"", b"\r\n": b""}
_CLOSED = object()


def parse(data: Buffer, at: int, *, end: int | None = None) -> tuple[Value, int]:
    """Read one value that starts at an offset; return it and the offset behind it. Raises Broken."""
    reader = _Reader(data, at, len(data) if end is None else end)
    value = reader.value(0)
    if value is _CLOSED:
        raise Broken("a bracket closes nothing")
    return value, reader.at  # type: ignore[return-value] # _CLOSED は上で除いた


def parse_indirect(
    data: Buffer, at: int, *, length: Callable[[Value], int], end: int | None = None
) -> tuple[Ref, Value, int]:
    """Read `n g obj … endobj` at an offset; `length` resolves a stream's /Length. Raises Broken."""
    limit = len(data) if end is None else end
    head = INDIRECT.match(data, at, limit)
    if head is None:
        raise Broken(f"no object at {at}")
    ref = Ref(int(head[1]), int(head[2]))
    value, at = parse(data, head.end(), end=limit)
    opened = _STREAM.match(data, at, limit) if isinstance(value, dict) else None
    if opened is not None and isinstance(value, dict):
        size = length(value.get("Length"))
        closed = _END_STREAM.match(data, opened.end() + size, limit) if size >= 0 else None
        value = Stream(value, memoryview(data)[opened.end() : opened.end() + size])
    else:
        closed = _END_OBJECT.match(data, at, limit)
    if closed is None:
        raise Broken(f"object {ref.number} does not end")
    return ref, value, closed.end()


class _Reader:
    """A place in the bytes that moves on with every token."""

    def __init__(self, data: Buffer, at: int, end: int) -> None:
        self.data = data
        self.at = at
        self.end = end
        self.closed = ""

    def value(self, depth: int) -> object:
        """Read a value, or _CLOSED for a closing bracket."""
        token = _TOKEN.match(self.data, self.at, self.end)
        if token is None:
            raise Broken(f"no value at {self.at}")
        self.at = token.end()
        kind = str(token.lastgroup)
        if kind == "ref":
            return Ref(int(token[2]), int(token[3]))
        if kind in _SCALARS:
            return _SCALARS[kind](token[kind])
        if kind == "literal":
            return self._literal()
        if kind in {"end", "close"}:
            self.closed = kind
            return _CLOSED
        if depth >= DEEPEST:
            raise Broken("nested too deeply")
        return self._dictionary(depth + 1) if kind == "dictionary" else self._array(depth + 1)

    def _array(self, depth: int) -> list[object]:
        found = []
        while (value := self.value(depth)) is not _CLOSED:
            found.append(value)
        if self.closed != "close":
            raise Broken("an array does not end")
        return found

    def _dictionary(self, depth: int) -> dict[str, object]:
        found: dict[str, object] = {}
        while (key := self.value(depth)) is not _CLOSED:
            # 同じ鍵が二度あると、読む道具によって意味が変わる。
            if not isinstance(key, Name) or key in found:
                raise Broken("a dictionary has a wrong or a repeated key")
            value = self.value(depth)
            if value is _CLOSED:
                raise Broken("a key has no value")
            if value is not None:
                found[str(key)] = value
        if self.closed != "end":
            raise Broken("a dictionary does not end")
        return found

    def _literal(self) -> bytes:
        """Read the rest of a literal string with nested brackets and escapes."""
        parts: list[bytes] = []
        nested = 0
        while (part := _LITERAL_PART.match(self.data, self.at, self.end)) is not None:
            self.at, text = part.end(), part[0]
            if text == b")" and nested == 0:
                return b"".join(parts)
            nested += (text == b"(") - (text == b")")
            parts.append(_unescaped(text))
        raise Broken("a string does not end")


def _unescaped(text: bytes) -> bytes:
    if text[:1] == b"\r":
        return b"\n"  # 7.3.4.2: 文字列の中の行末は、どう書かれていても一つの LF
    if text[:1] != b"\\":
        return text
    rest = text[1:]
    if rest[:1].isdigit() and rest[:1] < b"8":
        return bytes([int(rest, 8) & 0xFF])
    return _ESCAPES.get(rest, rest)


def _name(text: bytes) -> Name:
    if b"#" in text:
        text = _NAME_ESCAPE.sub(lambda found: bytes([int(found[1], 16)]), text)
    return Name(text.decode("latin-1"))


def _hexadecimal(text: bytes) -> bytes:
    digits = text if text.isalnum() else text.translate(None, b"\0\t\n\f\r ")
    return unhexlify(digits + b"0" * (len(digits) % 2))


_SCALARS: dict[str, Callable[[bytes], Value]] = {
    "name": _name,
    "integer": int,
    "real": lambda text: Decimal(text.decode()),
    "plain": lambda text: text,
    "hexadecimal": _hexadecimal,
    "word": lambda text: _WORDS[text],
}


def write(value: Value) -> bytes:
    """Return a value as PDF source; strings that are not plain ASCII become hexadecimal."""
    if isinstance(value, dict):
        return b"<<" + b"".join(_written_name(key) + b" " + write(each) for key, each in value.items()) + b">>"
    if isinstance(value, Ref):
        return b"%d %d R" % value
    if isinstance(value, list):
        return b"[" + b" ".join(map(write, value)) + b"]"
    if isinstance(value, Name):
        return _written_name(value)
    if isinstance(value, bytes):
        return _written_string(value)
    if isinstance(value, Decimal):
        return format(value, "f").encode()
    if isinstance(value, Stream):
        raise TypeError("a stream is written by itself, never inside a value")
    return (
        {None: b"null", True: b"true", False: b"false"}[value]
        if value is None or isinstance(value, bool)
        else b"%d" % value
    )


def _written_name(name: str) -> bytes:
    return b"/" + b"".join(
        bytes([each]) if 33 <= each <= 126 and each not in b"()<>[]{}/%#" else b"#%02X" % each
        for each in name.encode("latin-1")
    )


def _written_string(text: bytes) -> bytes:
    if all(32 <= each <= 126 and each not in b"()\\" for each in text):
        return b"(" + text + b")"
    return b"<" + text.hex().encode() + b">"


def children(value: Value) -> list[Value]:
    """Return the direct values inside a container or a stream's dictionary, without following references."""
    if isinstance(value, Stream):
        value = value.dictionary
    if isinstance(value, dict):
        return list(value.values())
    return value if isinstance(value, list) else []


# 付録D.2 の PDFDocEncoding が Latin-1 と違うところ。
_DOC_ENCODING = {0x18 + at: char for at, char in enumerate("˘ˇˆ˙˝˛˚˜")} | {
    0x80 + at: char for at, char in enumerate("•†‡…—–ƒ⁄‹›−‰„“”‘’‚™ﬁﬂŁŒŠŸŽıłœšž�€")
}


def text(value: bytes) -> str:
    """Read a text string (ISO 32000-2 7.9.2.2): UTF-16BE or UTF-8 by its mark, else PDFDocEncoding; never raises."""
    if value[:2] == b"\xfe\xff":
        return value[2:].decode("utf-16-be", "replace")
    if value[:3] == b"\xef\xbb\xbf":
        return value[3:].decode("utf-8", "replace")
    return value.decode("latin-1").translate(_DOC_ENCODING)


def written_text(value: str) -> bytes:
    """Return the bytes of a text string: as they are when ASCII, otherwise UTF-16BE with its mark."""
    return value.encode() if value.isascii() else b"\xfe\xff" + value.encode("utf-16-be")
