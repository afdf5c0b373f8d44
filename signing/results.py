"""検証の結果。人に見せる言葉と、機械が読む形を一つにまとめる。"""

from dataclasses import asdict, dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from signing.integrity import Revision


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
    chain: tuple[CertificateReport, ...]
    ltv: bool
    intact: bool
    trusted: bool
    covers: str
    verdict: Verdict
    problems: tuple[str, ...]


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
    covers: str
    verdict: Verdict
    problems: tuple[str, ...]


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
    problems: tuple[str, ...]

    def to_dict(self) -> dict[str, Any]:
        """Return plain values ready for JSON; times as ISO 8601 in UTC."""
        plain: dict[str, Any] = _plain(asdict(self))
        return plain | {"label": self.verdict.label}


def _plain(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _plain(each) for key, each in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(each) for each in value]
    if isinstance(value, datetime):
        return value.isoformat()
    return str(value) if isinstance(value, Verdict) else value
