"""One compared thing: what each paper says, what the contract asks, the outcome, and the sentence a person reads."""

from collections.abc import Iterable
from dataclasses import asdict, dataclass
from enum import StrEnum
from typing import Any


class Finding(StrEnum):
    FITS = "fits"
    UNSURE = "unsure"
    SHORT = "short"
    BLANK = "blank"


LABELS = {Finding.FITS: "適合", Finding.UNSURE: "要確認", Finding.SHORT: "不足", Finding.BLANK: "記載なし"}
UNREAD = "証書の記載がまだありません。"
BY_EYE = "契約と同じ記載であることを、目で確かめました。"


@dataclass(frozen=True, kw_only=True)
class Line:
    """One thing compared, each side as a person reads it and "" where a side says nothing.

    `notice` is the notice of the key, `read` the certificate, `expected` the contract; `name` is the field of
    CertificateFacts that holds `read`, or the line's own name where there is none. `by_eye` tells that a person said
    that the certificate reads like the contract, instead of copying it out.
    """

    name: str
    subject: str
    outcome: Finding
    text: str
    notice: str = ""
    read: str = ""
    expected: str = ""
    by_eye: bool = False

    def to_dict(self) -> dict[str, Any]:
        """Give plain values with the outcome's label, as they are kept in Guarantee.findings."""
        return asdict(self) | {"label": LABELS[self.outcome]}


def passes(lines: Iterable[Line]) -> bool:
    """Tell whether nothing is short; what is unsure is for a person to decide."""
    return all(line.outcome is not Finding.SHORT for line in lines)


def unsure(lines: Iterable[Line]) -> tuple[Line, ...]:
    """List the lines that a person has to settle before the guarantee is accepted."""
    return tuple(line for line in lines if line.outcome is Finding.UNSURE)
