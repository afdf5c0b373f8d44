# mypy: disable-error-code="no-untyped-call"
"""承認を一つ、見えない PAdES 署名として文書の末尾に足す。文書の既にあるバイトには触れようがない。"""

import re
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from asn1crypto import x509

from signing import sealable
from signing.growth import HANDLER, Growth, Sealed, check_free, grown
from signing.keys import KeyBackend
from signing.pdf.syntax import Dictionary, Name, written_text
from signing.refusals import SealingRefused, SealingUnavailable
from signing.revocation import Evidence
from signing.sealable import Body
from signing.standing import Standing
from signing.timestamps import TimestampAuthorities

__all__ = ["Approval", "Attestation", "Sealed", "Sealer", "SealingRefused", "SealingUnavailable"]

JST = ZoneInfo("Asia/Tokyo")
LOCATION = "日本"
BUILT_BY: Dictionary = {"App": {"Name": Name("Musubi")}}


@dataclass(frozen=True)
class Approval:
    """Who approved which document at which step, and when; `document` may hold letters, digits and hyphens."""

    document: str
    step: int
    name: str
    email: str
    at: datetime

    def __post_init__(self) -> None:
        if not re.fullmatch(r"[A-Za-z0-9-]+", self.document) or self.step < 0:
            raise ValueError(f"not a field name: {self.document!r} {self.step}")
        if self.at.tzinfo is None:
            raise ValueError("at must be aware")

    @property
    def field_name(self) -> str:
        """R79."""
        return f"FIELD_{self.document}_{self.step}"

    @property
    def timestamp_name(self) -> str:
        """Name the field of the document timestamp that follows the last approval."""
        return f"TIMESTAMP_{self.document}_{self.step}"

    @property
    def reason(self) -> str:
        """R77: the sentence Acrobat shows, in Japanese time to the second."""
        return f"{self.name} 様 {self.email} が{self.moment}に承認しました"

    @property
    def moment(self) -> str:
        """Write the time as the reasons do."""
        return f"{self.at.astimezone(JST):%Y-%m-%d %H:%M:%S} +09:00 JST"

    @property
    def dictionary(self) -> Dictionary:
        """Return the signature dictionary without what only the signature itself knows (ISO 32000-2 12.8.1)."""
        return {
            "Type": Name("Sig"),
            "Filter": HANDLER,
            "SubFilter": Name("ETSI.CAdES.detached"),
            "M": f"D:{self.at.astimezone(JST):%Y%m%d%H%M%S}+09'00'".encode(),
            "Reason": written_text(self.reason),
            "Location": written_text(LOCATION),
            "Prop_Build": BUILT_BY,
        }


@dataclass(frozen=True)
class Attestation(Approval):
    """A seal that no person gave: the program's word that what a paper tells is what was recorded; without a mail."""

    @property
    def reason(self) -> str:
        """Say that the program attests, in nobody's name."""
        return f"{self.name} が{self.moment}に記録のとおりであることを証明しました"


class Sealer:
    """Approve documents with one key; safe to share between threads. All keys share the authorities' evidence."""

    def __init__(self, key: KeyBackend, authorities: TimestampAuthorities) -> None:
        self._key = key
        self._authorities = authorities
        self._usage = _usage_of(key.certificate)

    def approve(self, source: Standing | Body, approval: Approval, *, final: bool) -> Sealed:
        """Append one signature (and with `final` the document timestamp); raises SealingUnavailable, SealingRefused.

        A standing is trusted to be that of a document once found sealable; a body is read and checked.
        """
        standing = source if isinstance(source, Standing) else sealable.sealable(source)
        check_free(standing, approval.field_name)
        own = self.evidence()

        def grow(growth: Growth) -> None:
            growth.sign(approval.field_name, approval.dictionary, self._key, own)
            if final:
                growth.stamp(approval.timestamp_name)

        return grown(standing, self._authorities, grow)

    def evidence(self) -> Evidence:
        """Return what proves the key's own certificate, at hand or asked for now; raises SealingUnavailable."""
        return self._authorities.store.of(self._key.certificate, self._key.chain, key_usage=self._usage)


def _usage_of(certificate: x509.Certificate) -> frozenset[str]:
    usage = certificate.key_usage_value
    present = usage.native if usage is not None else {"non_repudiation"}
    return frozenset({"non_repudiation"} if "non_repudiation" in present else {"digital_signature"})
