# mypy: disable-error-code="no-untyped-call"
"""承認を一つ、見えない PAdES 署名として文書の末尾に足す。文書の既にあるバイトには触れようがない。"""

import hashlib
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from asn1crypto import x509

from signing import sealable
from signing.cms import Container
from signing.keys import KeyBackend
from signing.pdf.syntax import Dictionary, Name, written_text
from signing.refusals import SealingRefused, SealingUnavailable
from signing.revocation import Evidence, EvidenceStore
from signing.sealable import Body
from signing.standing import Standing
from signing.timestamps import TimestampAuthorities, TimestampAuthority, TimestampUnusable, Token, unavailable
from signing.trust import Trust

__all__ = ["Approval", "Sealed", "Sealer", "SealingRefused", "SealingUnavailable"]

JST = ZoneInfo("Asia/Tokyo")
LOCATION = "日本"
MOST_ATTEMPTS = 3
# トークンは、通し番号や署名の値によって少し伸び縮みする。この前のものより、これだけ大きくても入るようにしておく。
SPARE_BYTES = 64
HANDLER = Name("Adobe.PPKLite")
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
        at = self.at.astimezone(JST)
        return f"{self.name} 様 {self.email} が{at:%Y-%m-%d %H:%M:%S} +09:00 JSTに承認しました"

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
class Sealed:
    """What was appended, and the standing of the grown document.

    `timestamped_at` is the time in the (first) token, `tsa` who issued it; `archived_at` the time in the document
    timestamp if one was added.
    """

    tail: bytes
    standing: Standing
    timestamped_at: datetime
    tsa: str
    archived_at: datetime | None

    @property
    def size(self) -> int:
        """Return the size of the whole document in bytes."""
        return self.standing.size

    @property
    def sha256(self) -> str:
        """Return the SHA-256 of the whole document in hex."""
        return self.standing.sha256


class Sealer:
    """Approve documents with one key; safe to share between threads."""

    def __init__(self, key: KeyBackend, authorities: TimestampAuthorities, trust: Trust) -> None:
        self._key = key
        self._authorities = authorities
        self._store = EvidenceStore(trust)
        self._usage = _usage_of(key.certificate)

    def approve(self, source: Standing | Body, approval: Approval, *, final: bool) -> Sealed:
        """Append one signature (and with `final` the document timestamp); raises SealingUnavailable, SealingRefused.

        A standing is trusted to be that of a document once found sealable; a body is read and checked.
        """
        standing = source if isinstance(source, Standing) else sealable.sealable(source)
        _check_free(standing, approval.field_name)
        own = self._store.of(self._key.certificate, self._key.chain, key_usage=self._usage)

        def grow(growth: _Growth) -> None:
            growth.sign(approval, self._key, own)
            if final:
                growth.stamp(approval.timestamp_name)

        return self._with_any(standing, grow)

    def renew(self, body: Body, at: datetime) -> Sealed:
        """Append a document timestamp and, with it, what proves the last one was good until now.

        Raises SealingUnavailable, SealingRefused.
        """
        name = f"TIMESTAMP_{at.astimezone(UTC):%Y%m%d%H%M%S}"
        standing, certificate, others = sealable.renewable(body)
        _check_free(standing, name)
        evidence = self._store.of(certificate, others, extended_key_usage=frozenset({"time_stamping"}))
        return self._with_any(standing, lambda growth: growth.stamp(name, evidence))

    def _with_any(self, standing: Standing, grow: Callable[["_Growth"], None]) -> Sealed:
        reasons = []
        for authority in self._authorities.in_order():
            try:
                return _grown(standing, authority, grow)
            except TimestampUnusable as error:
                reasons.append(str(error))
        raise unavailable(reasons)


class _Again(Exception):
    """What was written ahead does not fit the token that came: start again, now knowing it."""


class _Growth:
    """A document growing with one authority, of whose certificate the embedded evidence speaks."""

    def __init__(self, standing: Standing, authority: TimestampAuthority) -> None:
        self.standing = standing
        self.tail = b""
        self.tokens: list[Token] = []
        self.archived_at: datetime | None = None
        self._authority = authority
        self._certificate, self._evidence = authority.evidence()

    def sign(self, approval: Approval, key: KeyBackend, own: Evidence) -> None:
        """Append an approval's signature with its timestamp, and the evidence for all its chains."""
        container = Container(key.certificate, own.path[1:-1], key.algorithm)

        def contents(digest: bytes) -> bytes:
            attributes = container.attributes(digest)
            signature = key.sign(attributes)
            imprint = hashlib.new(self._authority.hash, signature).digest()
            return container.assembled(attributes, signature, self._token(imprint))

        size = container.size(signature=key.signature_size, token=self._token_size)
        self._append(approval.field_name, approval.dictionary, size, (own, self._evidence), contents)

    def stamp(self, name: str, *earlier: Evidence) -> None:
        """Append a document timestamp, and the evidence for it and for an earlier one."""
        kind: Dictionary = {"Type": Name("DocTimeStamp"), "Filter": HANDLER, "SubFilter": Name("ETSI.RFC3161")}
        self._append(name, kind, self._token_size, (*earlier, self._evidence), self._token)
        self.archived_at = self.tokens[-1].at

    def sealed(self) -> Sealed:
        """Return all that was appended."""
        first = self.tokens[0]
        return Sealed(self.tail, self.standing, first.at, first.authority, self.archived_at)

    @property
    def _token_size(self) -> int:
        return (self._authority.token_size or 0) + SPARE_BYTES

    def _token(self, digest: bytes) -> bytes:
        token = self._authority.stamp(digest)
        if token.certificate.sha256 != self._certificate.sha256:
            raise _Again
        self.tokens.append(token)
        return token.der

    def _append(
        self,
        name: str,
        signature: Dictionary,
        size: int,
        evidence: Sequence[Evidence],
        contents: Callable[[bytes], bytes],
    ) -> None:
        appended, frame = self.standing.frame.sign(name, signature, size, _entries(evidence))
        content = contents(self.standing.digest_with(*appended.covered()))
        if len(content) > size:
            raise _Again
        appended.fill(content)
        self.standing = self.standing.after(appended.tail, frame)
        self.tail += appended.tail


def _grown(standing: Standing, authority: TimestampAuthority, grow: Callable[[_Growth], None]) -> Sealed:
    for _attempt in range(MOST_ATTEMPTS):
        growth = _Growth(standing, authority)
        try:
            grow(growth)
        except _Again:
            continue
        return growth.sealed()
    raise TimestampUnusable("発行者の証明書やトークンの大きさが、要求のたびに変わります")


def _entries(evidence: Sequence[Evidence]) -> dict[str, list[bytes]]:
    """List what proves the chains, root included: pyHanko finds a CRL's issuer only among the embedded certificates."""
    return {
        "Certs": [each for one in evidence for each in (*one.certificates, one.path[-1].dump())],
        "OCSPs": [each for one in evidence for each in one.ocsps],
        "CRLs": [each for one in evidence for each in one.crls],
    }


def _check_free(standing: Standing, name: str) -> None:
    if name in standing.frame.names:
        raise SealingRefused("この段階の署名は既に付いています。")


def _usage_of(certificate: x509.Certificate) -> frozenset[str]:
    usage = certificate.key_usage_value
    present = usage.native if usage is not None else {"non_repudiation"}
    return frozenset({"non_repudiation"} if "non_repudiation" in present else {"digital_signature"})
