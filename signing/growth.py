# mypy: disable-error-code="no-untyped-call"
"""文書の末尾を、一つの時刻認証局とともに伸ばす。承認（sealing）も延長（renewal）も、ここを通る。"""

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from asn1crypto import x509

from signing.cms import Container
from signing.keys import KeyBackend
from signing.pdf.syntax import Dictionary, Name
from signing.refusals import SealingRefused
from signing.revocation import Evidence
from signing.standing import Standing
from signing.timestamps import TimestampAuthorities, TimestampAuthority, TimestampUnusable, Token, unavailable

MOST_ATTEMPTS = 3
# トークンは、通し番号や署名の値によって少し伸び縮みする。この前のものより、これだけ大きくても入るようにしておく。
SPARE_BYTES = 64
HANDLER = Name("Adobe.PPKLite")
STAMP: Dictionary = {"Type": Name("DocTimeStamp"), "Filter": HANDLER, "SubFilter": Name("ETSI.RFC3161")}


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


class _Again(Exception):
    """What was written ahead does not fit the token that came: start again, now knowing it."""


class Growth:
    """A document growing with one authority, of whose certificate the embedded evidence speaks."""

    def __init__(self, standing: Standing, authority: TimestampAuthority) -> None:
        self.standing = standing
        self.tail = b""
        self.tokens: list[Token] = []
        self.archived_at: datetime | None = None
        self._authority = authority
        self._certificate, self._evidence = authority.evidence()

    def outlast(self, until: datetime) -> None:
        """Go on only under a certificate that ends after a moment; raises TimestampUnusable."""
        if ending(self._evidence.path) > until:
            return
        if self._authority.has_changed():
            raise _Again
        raise TimestampUnusable(f"{self._authority.entry.label}: 証明書が、今の証拠より先まで続きません")

    def sign(self, name: str, signature: Dictionary, key: KeyBackend, own: Evidence) -> None:
        """Append a signature with its timestamp, and the evidence for all its chains."""
        container = Container(key.certificate, own.path[1:-1], key.algorithm)

        def contents(digest: bytes) -> bytes:
            attributes = container.attributes(digest)
            value = key.sign(attributes)
            imprint = hashlib.new(self._authority.hash, value).digest()
            return container.assembled(attributes, value, self._token(imprint))

        size = container.size(signature=key.signature_size, token=self._token_size)
        self._append(name, signature, size, (own, self._evidence), contents)

    def stamp(self, name: str, *earlier: Evidence) -> None:
        """Append a document timestamp, and the evidence for it and for an earlier one."""
        self._append(name, STAMP, self._token_size, (*earlier, self._evidence), self._token)
        self.standing = replace(self.standing, stamp=tuple(each.dump() for each in self._evidence.path[:-1]))
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


def grown(standing: Standing, authorities: TimestampAuthorities, grow: Callable[[Growth], None]) -> Sealed:
    """Let a document grow with the first authority that serves; raises SealingUnavailable with every reason."""
    reasons = []
    for authority in authorities.in_order():
        try:
            return _grown_with(standing, authority, grow)
        except TimestampUnusable as error:
            reasons.append(str(error))
    raise unavailable(reasons)


def _grown_with(standing: Standing, authority: TimestampAuthority, grow: Callable[[Growth], None]) -> Sealed:
    for _attempt in range(MOST_ATTEMPTS):
        growth = Growth(standing, authority)
        try:
            grow(growth)
        except _Again:
            continue
        return growth.sealed()
    raise TimestampUnusable("発行者の証明書やトークンの大きさが、要求のたびに変わります")


def check_free(standing: Standing, name: str) -> None:
    """Refuse to write a second field of the same name; raises SealingRefused."""
    if name in standing.frame.names:
        raise SealingRefused("この段階の署名は既に付いています。")


def ending(chain: Sequence[x509.Certificate]) -> datetime:
    """Return when the first certificate of a chain ends."""
    ends: list[datetime] = [each.not_valid_after for each in chain]
    return min(ends)


def _entries(evidence: Sequence[Evidence]) -> dict[str, list[bytes]]:
    """List what proves the chains, root included: pyHanko finds a CRL's issuer only among the embedded certificates."""
    return {
        "Certs": [each for one in evidence for each in (*one.certificates, one.path[-1].dump())],
        "OCSPs": [each for one in evidence for each in one.ocsps],
        "CRLs": [each for one in evidence for each in one.crls],
    }
