"""The parts of a notice that a mail did not arrive: what a person reads, what a machine reads, what was sent.

Anyone can write to the address that bounces come to, so a notice is read with distrust: only so far, and only so deep.
"""

import codecs
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from email import message_from_bytes, message_from_string, policy
from email.errors import HeaderParseError
from email.header import decode_header
from email.message import Message
from itertools import groupby
from typing import Any

# 標準の部品は、入れ子の深さと行の数の積に比例して働く。知らせは前の方に書かれるので、その先は読まない
MOST_BYTES = 512 * 1024
MOST_NESTED = 12
MOST_PARTS = 40
MOST_RECIPIENTS = 50
LONGEST_HEADER = 8_000
LONGEST_TEXT = 64 * 1024
NESTING = re.compile(rb"^content-type:\s*(?:multipart|message)/", re.IGNORECASE | re.MULTILINE)
STATUS = ("message/delivery-status", "message/global-delivery-status")
ORIGINAL = ("message/rfc822", "message/global", "text/rfc822-headers", "message/global-headers", "text/rfc822")
JAPANESE = ("utf-8", "cp932")
TAG = re.compile(r"<[^<>]{0,500}>")


@dataclass
class Parts:
    """A notice taken apart: `texts` for people, `fields` per recipient (RFC 3464), and the headers of what was sent."""

    headers: "Message[Any, Any]"
    texts: list[str] = field(default_factory=list)
    fields: list[dict[str, str]] = field(default_factory=list)
    original: "Message[Any, Any] | None" = None

    def header(self, name: str) -> str:
        """Return a header as text, encoded words read (RFC 2047); "" where there is none."""
        return decoded(str(self.headers.get(name, "")))


def take_apart(raw: bytes) -> Parts:
    """Read a notice as far as it is sane; whatever it holds, nothing is raised."""
    message = message_from_bytes(_sane(raw), policy=_Raw())
    parts = Parts(message)
    for part in _walk(message):
        kind = part.get_content_type()
        if kind in STATUS:
            parts.fields += _fields(part)
        elif kind in ORIGINAL:
            parts.original = parts.original or _original(part)
        elif part.get_content_maintype() == "text":
            parts.texts.append(_tidied(_text(part)))
    return parts


class _Raw(policy.Compat32):
    """Keep headers as they came, but not without end: the standard parser takes quadratic time over parameters."""

    def header_source_parse(self, sourcelines: list[str]) -> tuple[str, str]:
        name, value = super().header_source_parse(sourcelines)
        if name.lower() == "content-type":  # 文字集合の名が読めない字だと、標準の部品がこける
            value = "".join(char for char in value if char.isascii() and char != "\0")
        return name, value[:LONGEST_HEADER]

    def header_fetch_parse(self, name: str, value: str) -> str:  # noqa: ARG002
        return value


def _sane(raw: bytes) -> bytes:
    """Cut a notice before it becomes too long or too deep."""
    # 標準の部品は、報告の中の空行の一つ一つを、一人の宛先として読む
    head = re.sub(rb"(?:\r?\n|\r){3,}", b"\n\n", raw[:MOST_BYTES])
    for number, found in enumerate(NESTING.finditer(head)):
        if number == MOST_NESTED:
            return head[: found.start()]
    return head


def _walk(message: "Message[Any, Any]") -> Iterator["Message[Any, Any]"]:
    """List the parts in their order, without looking into the report or into the mail that was sent."""
    waiting: list[Any] = [message]
    for _ in range(MOST_PARTS):
        if not waiting:
            return
        part = waiting.pop(0)
        payload = part.get_payload()
        if part.get_content_maintype() == "multipart" and isinstance(payload, list):
            waiting[:0] = payload
        else:
            yield part


def _fields(part: "Message[Any, Any]") -> list[dict[str, str]]:
    """Read the groups of a report; the first tells of the message, each other of one recipient."""
    payload: Any = part.get_payload()
    blocks = list(payload) if isinstance(payload, list) else [message_from_string(_text(part), policy=_Raw())]
    rest = ["\n".join(map(str.rstrip, _text(block).splitlines())) for block in blocks if not block.is_multipart()]
    blocks += [message_from_string(each, policy=_Raw()) for text in rest for each in re.split(r"\n{2,}", text)]
    groups = [{name.lower(): decoded(value) for name, value in block.items()} for block in blocks[:MOST_RECIPIENTS]]
    return [group for group in groups if "action" in group or "status" in group]


def _original(part: "Message[Any, Any]") -> "Message[Any, Any] | None":
    payload: Any = part.get_payload()
    if isinstance(payload, list):
        return next(iter(payload), None)
    return message_from_string(_text(part), policy=_Raw())


def _text(part: "Message[Any, Any]") -> str:
    content = part.get_payload(decode=True)
    if not isinstance(content, bytes):
        return ""
    text = readable(content[:LONGEST_TEXT], part.get_content_charset() or "")
    return TAG.sub(" ", text) if part.get_content_type() == "text/html" else text


def _tidied(text: str) -> str:
    """Fold white space and empty lines, over which the patterns of prose would stumble for long."""
    lines = (" ".join(line.split()) for line in text.splitlines())
    return "\n".join(line for line, _ in groupby(lines))


def readable(content: bytes, charset: str = "") -> str:
    """Read bytes in the set they name, or in the likeliest one; what cannot be read becomes U+FFFD."""
    for guess in (charset, *JAPANESE):
        try:
            if guess and codecs.lookup(guess)._is_text_encoding:  # noqa: SLF001
                return content.decode(guess)
        except (LookupError, ValueError):
            continue
    return content.decode("utf-8", "replace")


def decoded(value: str) -> str:
    """Read a header or field: unfolded, encoded words and bare bytes made readable."""
    unfolded = " ".join(value.split())
    if not unfolded.isascii():
        unfolded = readable(unfolded.encode("utf-8", "surrogateescape"))
    try:
        words = decode_header(unfolded)
    except (HeaderParseError, ValueError):
        return unfolded
    return "".join(readable(word, charset or "") if isinstance(word, bytes) else word for word, charset in words)
