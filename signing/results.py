"""検証の結果。人に見せる言葉と、機械が読む形を一つにまとめる。"""

from dataclasses import asdict, dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any, Self

# いちばん長く確かめられる水準（ETSI EN 319 142-1）。締結した契約と、発行した証書はこれに届く
LONG_LASTING = "PAdES-B-LTA"


@dataclass(frozen=True)
class Revision:
    """One version of the file: its first `size` bytes."""

    number: int
    size: int
    sha256: str


class Verdict(StrEnum):
    """The three outcomes of ETSI EN 319 102-1, and 'no signature at all'."""

    VALID = "VALID"
    INDETERMINATE = "INDETERMINATE"
    INVALID = "INVALID"
    UNSIGNED = "UNSIGNED"

    @property
    def label(self) -> str:
        """Return the word shown to people."""
        return LABELS[self]


class Problem(str):
    """A sentence for people that knows its code for machines and the verdict it leads to."""

    code: str
    verdict: Verdict

    def __new__(cls, text: str, code: str = "", verdict: Verdict = Verdict.INVALID) -> Self:
        """Make a sentence; copies keep the code and the verdict."""
        made = super().__new__(cls, text)
        made.code = code
        made.verdict = verdict
        return made

    def filled(self, **values: object) -> "Problem":
        """Return the sentence with its blanks filled."""
        return Problem(self.format(**values), self.code, self.verdict)

    def of_token(self) -> "Problem":
        """Return the same problem of a signature's timestamp."""
        return Problem(f"署名タイムスタンプ: {self}", f"timestamp.{self.code}", self.verdict)


LABELS = {
    Verdict.VALID: "合格",
    Verdict.INDETERMINATE: "判定不能",
    Verdict.INVALID: "不合格",
    Verdict.UNSIGNED: "署名なし",
}
HEADLINES = {
    Verdict.VALID: "署名済みであり、すべての署名が有効です。",  # R72: Acrobat と同じ文
    Verdict.INDETERMINATE: "署名されていますが、有効かどうかを確認できない点があります。",
    Verdict.INVALID: "少なくとも1つの署名に問題があります。",
    Verdict.UNSIGNED: "この文書には署名がありません。",
}


@dataclass(frozen=True)
class CertificateReport:
    """One certificate of a chain, from the signer's to the root."""

    subject: str
    issuer: str
    serial: str
    not_before: datetime
    not_after: datetime
    sha256: str


@dataclass(frozen=True)
class SignatureReport:
    """What Acrobat's panel says of one approval (R73–R80)."""

    field: str
    revision: int
    signer: str
    reason: str
    location: str
    signed_at: datetime | None
    timestamp_at: datetime | None
    tsa: str
    tsa_chain: tuple[CertificateReport, ...]
    chain: tuple[CertificateReport, ...]
    ltv: bool
    intact: bool
    trusted: bool
    invisible: bool
    covers: str
    verdict: Verdict
    problems: tuple[Problem, ...]


@dataclass(frozen=True)
class DocumentTimestampReport:
    """What Acrobat's panel says of one document timestamp (R81)."""

    field: str
    revision: int
    tsa: str
    at: datetime | None
    chain: tuple[CertificateReport, ...]
    ltv: bool
    intact: bool
    trusted: bool
    invisible: bool
    covers: str
    verdict: Verdict
    problems: tuple[Problem, ...]


@dataclass(frozen=True)
class Report:
    """The verdict on one file."""

    verdict: Verdict
    headline: str
    level: str
    sha256: str
    size: int
    checked_at: datetime
    signatures: tuple[SignatureReport, ...]
    timestamps: tuple[DocumentTimestampReport, ...]
    revisions: tuple[Revision, ...]
    problems: tuple[Problem, ...]

    @property
    def lasts_until(self) -> datetime | None:
        """Return until when the file proves itself: the chain of its newest document timestamp; None without one."""
        last = self.timestamps[-1] if self.timestamps else None
        if last is None or last.verdict is not Verdict.VALID:
            return None
        return min(each.not_after for each in last.chain)

    def to_dict(self) -> dict[str, Any]:
        """Return plain values ready for JSON: times as ISO 8601 in UTC, beside `problems` their `codes`."""
        plain: dict[str, Any] = _plain(asdict(self))
        return plain | {"label": self.verdict.label, "lasts_until": _plain(self.lasts_until)}


def _plain(value: Any) -> Any:
    if isinstance(value, dict):
        codes = {"codes": [each.code for each in value["problems"]]} if "problems" in value else {}
        return {key: _plain(each) for key, each in value.items()} | codes
    if isinstance(value, list | tuple):
        return [_plain(each) for each in value]
    if isinstance(value, datetime):
        return value.isoformat()
    return str(value) if isinstance(value, str) else value
