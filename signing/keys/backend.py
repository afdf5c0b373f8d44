"""署名する側が鍵に求めるもの。"""

from typing import Literal, Protocol

from asn1crypto import x509

from signing.refusals import SealingUnavailable

Algorithm = Literal["rsa-sha256", "ecdsa-sha256"]


class KeyUnusable(SealingUnavailable):
    """Say why a configured key cannot be used until a person mends it."""


class KeyBackend(Protocol):
    """A key that can sign, wherever it lives; safe to share between threads."""

    @property
    def certificate(self) -> x509.Certificate:
        """Return the signer's certificate."""

    @property
    def chain(self) -> tuple[x509.Certificate, ...]:
        """Return the certificates that came with the key, the signer's excepted."""

    @property
    def algorithm(self) -> Algorithm:
        """Return how the key signs: PKCS #1 v1.5 or ECDSA on P-256, both over SHA-256."""

    @property
    def signature_size(self) -> int:
        """Return the largest length of a signature value in bytes."""

    def sign(self, data: bytes) -> bytes:
        """Sign data (ECDSA as DER, RFC 3279 2.2.3); raises SealingUnavailable when the key cannot be reached."""

    def __hash__(self) -> int:
        """Tell opened keys apart."""
