"""A received mail, saved as .eml: its subject, its sender and the files it carries, read with distrust (R90).

The text of the mail is not read: what counts stands in the notice, and the key may stand in the text.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email import message_from_bytes, policy
from email.message import Message
from email.utils import collapse_rfc2231_value, parsedate_to_datetime
from typing import Any

from accounts.refusals import Refusal
from contracts import folding
from guarantees import charsets

MEGABYTE = 1024 * 1024
# 標準の部品は、入れ子の深さと行の数の積に比例して働く。どちらにも限りを置く。
MOST_LINES = 400_000
MOST_NESTED = 20
MOST_PARTS = 60
LONGEST_HEADER = 8_000
LONGEST_NAME = 255
NESTING = re.compile(rb"multipart|message/", re.IGNORECASE)
ADDRESS = re.compile(r"<\s*([^<>\s]{1,254})\s*>\s*$")
OUTLOOK = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
BROKEN = "メールとして読めません。.eml で保存したメールか、お知らせの PDF を選んでください。"
PACKED = (".zip", ".lzh", ".7z", ".rar", ".dat")


class MailRefused(Refusal):
    """The file is not a mail that can be read; the text says what to choose instead."""


@dataclass(frozen=True)
class Enclosure:
    """A file that came with a mail, by the name it bears there."""

    name: str
    content: bytes = field(repr=False)

    @property
    def is_pdf(self) -> bool:
        return b"%PDF-" in self.content[:1024]

    @property
    def is_packed(self) -> bool:
        return self.name.lower().endswith(PACKED)


@dataclass(frozen=True)
class Mail:
    """A mail: `sender` as written, `address` alone, `sent_at` aware or None, and its files in their order."""

    subject: str
    sender: str
    address: str
    sent_at: datetime | None
    enclosures: tuple[Enclosure, ...]

    @property
    def pdfs(self) -> tuple[Enclosure, ...]:
        return tuple(each for each in self.enclosures if each.is_pdf)

    @property
    def packed(self) -> tuple[str, ...]:
        """Name the files that have to be unpacked by hand first."""
        return tuple(each.name for each in self.enclosures if each.is_packed)


def looks_like_mail(content: bytes, *, name: str) -> bool:
    """Tell whether a dropped file is meant as a mail: by its name, or because it is one of Outlook's."""
    return name.lower().endswith((".eml", ".msg")) or content.startswith(OUTLOOK)


def read(content: bytes, *, most_bytes: int) -> Mail:
    """Read a mail saved as .eml; raises MailRefused with what to do when it is none, or too big or too deep."""
    if content.startswith(OUTLOOK):
        raise MailRefused(
            "Outlook の .msg は読めません。メールを .eml で保存し直すか、添付の PDF を取り出して選んでください。"
        )
    if len(content) > most_bytes:
        raise MailRefused(
            f"メールが大きすぎます。上限は{most_bytes // MEGABYTE}MBです。添付の PDF を取り出して選んでください。"
        )
    lines = max(content.count(b"\n"), content.count(b"\r"))
    if lines > MOST_LINES or len(NESTING.findall(content)) > MOST_NESTED:
        raise MailRefused("このメールは作りが込み入っていて読めません。添付の PDF を取り出して選んでください。")
    try:
        return _mail(message_from_bytes(content, policy=_Raw()))
    except (TypeError, ValueError, LookupError) as broken:  # 壊れた見出しでは、標準の部品がこけることがある
        raise MailRefused(BROKEN) from broken


class _Raw(policy.Compat32):
    """Keep headers as they came, but not without end: the standard parser takes quadratic time over parameters."""

    def header_source_parse(self, sourcelines: list[str]) -> tuple[str, str]:
        name, value = super().header_source_parse(sourcelines)
        return name, value[:LONGEST_HEADER]

    def header_fetch_parse(self, name: str, value: str) -> str:  # noqa: ARG002
        return value


def _mail(message: "Message[Any, Any]") -> Mail:
    sender, subject = _header(message, "From"), _header(message, "Subject")
    if not sender and not subject:
        raise MailRefused(BROKEN)
    found = ADDRESS.search(sender)
    address = found[1] if found else sender
    return Mail(
        subject=subject,
        sender=sender,
        address=address.strip(),
        sent_at=_moment(str(message.get("Date", ""))),
        enclosures=tuple(_enclosures(message)),
    )


def _header(message: "Message[Any, Any]", name: str) -> str:
    return visible(charsets.header(str(message.get(name, ""))))


def visible(text: str) -> str:
    """Leave out what cannot be seen or turns the direction of writing, and fold white space."""
    return "".join(char for char in " ".join(text.split()) if folding.is_plain_name(char))


def _moment(written: str) -> datetime | None:
    try:
        moment = parsedate_to_datetime(written)
    except (TypeError, ValueError, OverflowError):
        return None
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def _enclosures(message: "Message[Any, Any]") -> Iterator[Enclosure]:
    for number, part in enumerate(message.walk()):
        if number >= MOST_PARTS:
            raise MailRefused("このメールには添付が多すぎます。お知らせの PDF を取り出して選んでください。")
        if part.is_multipart():
            continue
        name = _name(part)
        if name or part.get_content_maintype() != "text":
            content = part.get_payload(decode=True)
            yield Enclosure(name or f"添付{number}", content if isinstance(content, bytes) else b"")


def _name(part: "Message[Any, Any]") -> str:
    """Read a file name: RFC 2231 in its parts, or encoded words, or bare bytes; without the folders before it."""
    for header, parameter in (("content-disposition", "filename"), ("content-type", "name")):
        value = part.get_param(parameter, header=header)
        if value:
            return _basename(_parameter(value))
    return ""


def _parameter(value: str | tuple[str | None, str | None, str]) -> str:
    if isinstance(value, str):
        return charsets.header(value)
    charset, _, text = value
    try:
        return charsets.decode(text.encode("latin-1"), charset or "")
    except UnicodeEncodeError:
        return collapse_rfc2231_value(value)


def _basename(name: str) -> str:
    return visible(re.split(r"[/\\]", name)[-1])[-LONGEST_NAME:]
