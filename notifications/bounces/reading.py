"""A notice that a mail did not arrive, read with distrust: RFC 3464 reports, and the prose of older mail systems."""

import hashlib
import re
import uuid
from dataclasses import dataclass
from enum import StrEnum

from notifications import identity
from notifications.bounces import parts, prose, reasons
from notifications.bounces.parts import Parts

# 知らせ自身の宛先。封筒に書いた一通ごとの名（VERP）が、ここに残る
OURS = ("Delivered-To", "X-Original-To", "Envelope-To", "X-Envelope-To", "To")
REFERRING = ("In-Reply-To", "References", "X-Original-Message-ID")
ACTIONS = ("failed", "delayed", "delivered", "relayed", "expanded")
ENHANCED = re.compile(r"(?<![\d.])([245]\.\d{1,3}\.\d{1,3})(?!\.?\d)")
LINK = re.compile(r"\bhttps?:[^\s<>\"']+", re.IGNORECASE)
LONGEST = 400


class Kind(StrEnum):
    FAILED = "failed"
    DELAYED = "delayed"
    DELIVERED = "delivered"
    OTHER = "other"


@dataclass(frozen=True)
class Bounce:
    """What a notice says: of which mail (its uid and tenant), of which recipient, and the server's answer.

    `notice` names the notice itself, so that the same one read twice is known again.
    """

    kind: Kind
    mail: tuple[uuid.UUID, int] | None
    notice: str
    recipient: str = ""
    status: str = ""
    diagnostic: str = ""

    @property
    def reason(self) -> str:
        """Say in words for staff why the mail did not arrive, or not yet; "" where it arrived or nothing is told."""
        if self.kind is Kind.FAILED:
            return reasons.of(self.status, self.diagnostic)
        return reasons.STILL_TRIED if self.kind is Kind.DELAYED else ""


def read(raw: bytes) -> Bounce:
    """Read a notice; whatever it holds, nothing is raised."""
    taken = parts.take_apart(raw)
    mail, notice = _mail(taken, raw), _notice(taken, raw)
    group = _worst(taken.fields)
    if group is not None:
        return _reported(group, taken, mail=mail, notice=notice)
    told = prose.read(taken)
    if told is None:
        return Bounce(Kind.OTHER, mail, notice)
    kind = Kind.DELAYED if told.is_delay else Kind.FAILED
    status = _status(told.answer, "") or ("4.0.0" if told.is_delay else "5.0.0")
    return Bounce(kind, mail, notice, _plain(told.recipient.strip(" <>")), status, _plain(told.answer))


def _worst(fields: list[dict[str, str]]) -> dict[str, str] | None:
    """Choose the recipient to whom most went wrong."""
    told = [group for group in fields if _action(group)]
    return min(told, key=lambda group: ACTIONS.index(_action(group)), default=None)


def _action(group: dict[str, str]) -> str:
    """Read what became of a recipient; where only the code tells, the code."""
    word = re.match(r"[a-z]*", group.get("action", "").strip().lower())
    if word and word[0] in ACTIONS:
        return word[0]
    return {"5": "failed", "4": "delayed", "2": "delivered"}.get(group.get("status", "").strip()[:1], "")


def _reported(group: dict[str, str], taken: Parts, *, mail: tuple[uuid.UUID, int] | None, notice: str) -> Bounce:
    action = _action(group)
    kind = Kind(action) if action in {"failed", "delayed"} else Kind.DELIVERED
    said = group.get("diagnostic-code", "").partition(";")[2].strip() or group.get("diagnostic-code", "")
    answer = said or prose.answer(taken)
    recipient = group.get("original-recipient") or group.get("final-recipient", "")
    address = recipient.partition(";")[2] or recipient
    return Bounce(
        kind, mail, notice, _plain(address.strip(" <>")), _status(answer, group.get("status", "")), _plain(answer)
    )


def _status(answer: str, written: str) -> str:
    """Prefer the code that the server answered where the report itself names none, or a general one."""
    found = ENHANCED.search(written)
    own = found[1] if found else ""
    if own and not own.endswith(".0.0"):
        return own
    answered = [code for code in ENHANCED.findall(answer) if not own or code[0] == own[0]]
    return answered[0] if answered else own or prose.plain_code(answer)


def _mail(taken: Parts, raw: bytes) -> tuple[uuid.UUID, int] | None:
    """Find which mail is meant: by the address the notice came to, by what was sent, or wherever it is named."""
    headers, original = taken.headers, taken.original
    places = [str(value) for name in OURS for value in headers.get_all(name, [])]
    if original is not None:
        places += [str(original.get("Message-ID", "")), str(original.get("Return-Path", ""))]
    places += [taken.header(name) for name in REFERRING]
    places += [*taken.texts, raw[: parts.MOST_BYTES].decode("ascii", "replace")]
    return next((named for named in map(identity.read, places) if named), None)


def _notice(taken: Parts, raw: bytes) -> str:
    """Name a notice by its own Message-ID, or by its bytes where it has none."""
    own = str(taken.headers.get("Message-ID", "")).strip()
    return hashlib.sha256(own.encode("utf-8", "surrogateescape") if own else raw).hexdigest()[:32]


def _plain(text: str) -> str:
    """Leave out what cannot be seen or turns the direction of writing, and the links of our mail (some quote them)."""
    line = "".join(char for char in " ".join(LINK.sub("（URL）", text).split()) if char.isprintable())
    return line[:LONGEST]
