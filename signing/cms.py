# mypy: disable-error-code="no-untyped-call"
"""署名の入れ物（CMS）を DER で直に組み立てる。署名ごとに変わらない部分は、一度だけ作っておく。

RFC 5652 の SignedData を、CAdES（ETSI EN 319 122-1）の水準 B-T に必要な属性だけで作る。
"""

import hashlib
from collections.abc import Iterable

from asn1crypto import x509

INTEGER_ONE = b"\x02\x01\x01"
OCTETS, SEQUENCE, SET, CONTEXT_0, CONTEXT_1, DIRECTORY_NAME = 0x04, 0x30, 0x31, 0xA0, 0xA1, 0xA4
DATA = bytes.fromhex("06092a864886f70d010701")
SIGNED_DATA = bytes.fromhex("06092a864886f70d010702")
CONTENT_TYPE = bytes.fromhex("06092a864886f70d010903")
MESSAGE_DIGEST = bytes.fromhex("06092a864886f70d010904")
ALGORITHM_PROTECTION = bytes.fromhex("06092a864886f70d010934")
SIGNING_CERTIFICATE_V2 = bytes.fromhex("060b2a864886f70d010910022f")
SIGNATURE_TIME_STAMP = bytes.fromhex("060b2a864886f70d010910020e")
SHA256 = bytes.fromhex("300b0609608648016503040201")
SIGNATURES = {
    "rsa-sha256": bytes.fromhex("300d06092a864886f70d01010b0500"),
    "ecdsa-sha256": bytes.fromhex("300a06082a8648ce3d040302"),
}


def encoded(tag: int, *parts: bytes) -> bytes:
    """Encode one DER value whose content is the given parts."""
    content = b"".join(parts)
    length = len(content)
    if length < 0x80:
        return bytes((tag, length)) + content
    size = length.to_bytes((length.bit_length() + 7) // 8, "big")
    return bytes((tag, 0x80 | len(size))) + size + content


def length_of(der: bytes) -> int:
    """Return how long the first DER value is, in bytes; 0 when no definite length is written."""
    if len(der) < 2 or der[1] == 0x80:
        return 0
    if der[1] < 0x80:
        return 2 + der[1]
    count = der[1] & 0x7F
    return 2 + count + int.from_bytes(der[2 : 2 + count], "big")


class Container:
    """What every CMS signature of one certificate has in common; safe to share between threads."""

    def __init__(self, certificate: x509.Certificate, chain: Iterable[x509.Certificate], algorithm: str) -> None:
        own = certificate.dump()
        carried = {own, *(each.dump() for each in chain)}
        issuer, serial = certificate.issuer.dump(), certificate["tbs_certificate"]["serial_number"].dump()
        self._algorithm = SIGNATURES[algorithm]
        self._head = INTEGER_ONE + encoded(SET, SHA256) + encoded(SEQUENCE, DATA) + encoded(CONTEXT_0, *sorted(carried))
        self._signer = INTEGER_ONE + encoded(SEQUENCE, issuer, serial) + SHA256
        protection = encoded(SEQUENCE, SHA256, bytes([0xA1]) + self._algorithm[1:])
        self._attributes = (
            _attribute(CONTENT_TYPE, DATA),
            _attribute(ALGORITHM_PROTECTION, protection),
            _attribute(SIGNING_CERTIFICATE_V2, _named(own, issuer, serial)),
        )

    def attributes(self, digest: bytes) -> bytes:
        """Return the signed attributes over a SHA-256 digest, in the DER form that the key signs (RFC 5652 5.4)."""
        whole = (*self._attributes, _attribute(MESSAGE_DIGEST, encoded(OCTETS, digest)))
        return encoded(SET, *sorted(whole))

    def assembled(self, attributes: bytes, signature: bytes, token: bytes) -> bytes:
        """Return the container with its signature timestamp (RFC 3161 token, CAdES 5.3)."""
        stamp = encoded(CONTEXT_1, _attribute(SIGNATURE_TIME_STAMP, token))
        signer = encoded(
            SEQUENCE,
            self._signer,
            bytes([CONTEXT_0]) + attributes[1:],
            self._algorithm,
            encoded(OCTETS, signature),
            stamp,
        )
        return encoded(SEQUENCE, SIGNED_DATA, encoded(CONTEXT_0, encoded(SEQUENCE, self._head, encoded(SET, signer))))

    def size(self, *, signature: int, token: int) -> int:
        """Return how many bytes it takes with a signature and a token of these sizes."""
        digest = bytes(hashlib.sha256().digest_size)
        return len(self.assembled(self.attributes(digest), bytes(signature), bytes(token)))


def _attribute(kind: bytes, value: bytes) -> bytes:
    return encoded(SEQUENCE, kind, encoded(SET, value))


def _named(certificate: bytes, issuer: bytes, serial: bytes) -> bytes:
    """Name the signing certificate by hash, issuer and serial (RFC 5035, ESSCertIDv2 with its default SHA-256)."""
    names = encoded(SEQUENCE, encoded(DIRECTORY_NAME, issuer))
    identity = encoded(
        SEQUENCE, encoded(OCTETS, hashlib.sha256(certificate).digest()), encoded(SEQUENCE, names, serial)
    )
    return encoded(SEQUENCE, encoded(SEQUENCE, identity))
