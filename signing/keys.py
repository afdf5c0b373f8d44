# mypy: disable-error-code="no-untyped-call"
"""署名の鍵。鍵は起動時に一度だけ読み、確かめ、以後は解釈済みのまま使う。"""

from pathlib import Path
from typing import Protocol

from asn1crypto import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.hazmat.primitives.serialization import pkcs12
from pyhanko.sign import signers
from pyhanko_certvalidator.registry import SimpleCertificateStore

SMALLEST_RSA_BITS = 3072  # 128 ビット相当（OWASP ASVS 11.2.3）


class KeyUnusable(Exception):
    """Say why a configured key cannot be used."""


class KeyBackend(Protocol):
    """A key that can sign, wherever it lives."""

    @property
    def certificate(self) -> x509.Certificate:
        """Return the signer's certificate."""

    @property
    def chain(self) -> tuple[x509.Certificate, ...]:
        """Return the certificates that came with the key."""

    def pyhanko_signer(self) -> signers.Signer:
        """Return a signer that needs no further parsing."""


class Pkcs12Key:
    """A key from a PKCS#12 file, parsed and validated once."""

    def __init__(self, path: Path, passphrase: str) -> None:
        try:
            bundle = pkcs12.load_pkcs12(path.read_bytes(), passphrase.encode())
        except (OSError, ValueError) as error:
            raise KeyUnusable(f"{path} を開けません。ファイルとパスフレーズを確かめてください。") from error
        if bundle.key is None or bundle.cert is None:
            raise KeyUnusable(f"{path} に鍵と証明書の両方が入っていません。")
        self._key = _strong_enough(bundle.key)
        if bundle.cert.certificate.public_key() != self._key.public_key():
            raise KeyUnusable(f"{path} の鍵と証明書が対になっていません。")
        self._certificate = _asn1(bundle.cert)
        self._chain = tuple(_asn1(each) for each in bundle.additional_certs)

    @property
    def certificate(self) -> x509.Certificate:
        """Return the signer's certificate."""
        return self._certificate

    @property
    def chain(self) -> tuple[x509.Certificate, ...]:
        """Return the certificates that came with the key."""
        return self._chain

    def pyhanko_signer(self) -> signers.Signer:
        """Return a signer over the parsed key."""
        return _ParsedKeySigner(self._key, self._certificate, self._chain)


class _ParsedKeySigner(signers.Signer):
    """Sign with a parsed key; pyHanko's own signer parses and validates RSA twice per signature (200 ms each)."""

    def __init__(
        self,
        key: rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey,
        certificate: x509.Certificate,
        chain: tuple[x509.Certificate, ...],
    ) -> None:
        store = SimpleCertificateStore()
        store.register_multiple(chain)
        super().__init__(signing_cert=certificate, cert_registry=store, embed_roots=False)
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
        if dry_run:
            return bytes(self._key.key_size // 8 if isinstance(self._key, rsa.RSAPrivateKey) else 72)
        if isinstance(self._key, rsa.RSAPrivateKey):
            return self._key.sign(data, padding.PKCS1v15(), hashes.SHA256())
        return self._key.sign(data, ec.ECDSA(hashes.SHA256()))


def _strong_enough(key: object) -> rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey:
    if isinstance(key, rsa.RSAPrivateKey):
        if key.key_size < SMALLEST_RSA_BITS:
            raise KeyUnusable(f"RSA 鍵は {SMALLEST_RSA_BITS} ビット以上が必要です（{key.key_size} ビットでした）。")
        return key
    if isinstance(key, ec.EllipticCurvePrivateKey) and isinstance(key.curve, ec.SECP256R1):
        return key
    raise KeyUnusable("鍵は RSA 3072 ビット以上、または P-256 でなければなりません。")


def _asn1(bundled: pkcs12.PKCS12Certificate) -> x509.Certificate:
    return x509.Certificate.load(bundled.certificate.public_bytes(serialization.Encoding.DER))
