"""タイムスタンプの中身（RFC 3161 の TSTInfo）を読み、その署名を計算し直す。"""

from dataclasses import dataclass
from datetime import datetime

from signing.verification import algorithms, cms
from signing.verification.certificates import Certificate
from signing.verification.der import OCTETS, SEQUENCE, Malformed, read


@dataclass(frozen=True)
class Token:
    """A timestamp: what it says of which digest, and the container that says it."""

    signed: cms.Signed
    info: bytes
    digest_name: str
    imprint: bytes
    at: datetime

    def check(self, certificate: Certificate) -> None:
        """Compute the token's own signature anew; raises Unusable, Malformed."""
        self.signed.check(certificate, lambda name: algorithms.digest(name, self.info))


def parse(der: bytes) -> Token:
    """Read a token; raises Malformed, and Unusable for an unknown digest."""
    signed = cms.parse(der)
    if signed.content_type != cms.TST_INFO or signed.content is None or not signed.names_its_certificate:
        raise Malformed("no timestamp")
    version, _policy, imprint, _serial, made, *_rest = read(signed.content).of(SEQUENCE).children()
    if version.integer() != 1:
        raise Malformed("another version")
    algorithm, digest = imprint.of(SEQUENCE).children()
    name = algorithms.digest_named(algorithm)
    return Token(signed, signed.content, name, digest.of(OCTETS).content, made.time())
