# mypy: disable-error-code="no-untyped-call"
"""署名する側が鍵に求めるもの。"""

from typing import Literal, Protocol

from asn1crypto import x509
from pyhanko.sign import signers
from pyhanko_certvalidator.registry import SimpleCertificateStore

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

    def pyhanko_signer(self) -> signers.Signer:
        """Return a signer for pyHanko."""


class PyhankoSigner(signers.Signer):
    """Sign with the key at hand; pyHanko's own signer parses and validates RSA twice per signature (200 ms each)."""

    def __init__(self, key: KeyBackend) -> None:
        store = SimpleCertificateStore()
        store.register_multiple(key.chain)
        super().__init__(signing_cert=key.certificate, cert_registry=store, embed_roots=False)
        self._key = key

    async def async_sign_raw(
        self,
        data: bytes,
        digest_algorithm: str,
        dry_run: bool = False,  # noqa: FBT001, FBT002 - pyHanko が決めた形
    ) -> bytes:
        """Return the raw signature value over data."""
        if digest_algorithm != "sha256":
            raise KeyUnusable(f"ハッシュ関数 {digest_algorithm} では署名しません。")
        return bytes(self._key.signature_size) if dry_run else self._key.sign(data)
