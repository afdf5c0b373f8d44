# mypy: disable-error-code="no-untyped-call"
"""PKCS#12 のファイルの鍵。一度だけ読み、確かめ、以後は解釈済みのまま使う。"""

from datetime import datetime
from pathlib import Path

from asn1crypto import x509
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.hazmat.primitives.serialization import pkcs12

from signing import network
from signing.keys import fitness
from signing.keys.backend import KeyUnusable


class Pkcs12Key:
    """A key from a PKCS#12 file (RFC 7292), parsed and validated once."""

    def __init__(self, path: Path, passphrase: str, *, at: datetime | None = None) -> None:
        """Read the file; raises KeyUnusable unless its key may sign at a moment (now, when none is given)."""
        self._key, self.certificate, self.chain = _read(path, passphrase)
        public_key = fitness.check(self.certificate, self.chain, at=at or network.now())
        self.algorithm = fitness.algorithm_of(public_key)
        self.signature_size = fitness.signature_size(public_key)
        fitness.prove(public_key, self.sign, certificate=self.certificate)

    def sign(self, data: bytes) -> bytes:
        """Sign data with the parsed key."""
        if isinstance(self._key, rsa.RSAPrivateKey):
            return self._key.sign(data, padding.PKCS1v15(), hashes.SHA256())
        return self._key.sign(data, ec.ECDSA(hashes.SHA256()))


def _read(
    path: Path, passphrase: str
) -> tuple[rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey, x509.Certificate, tuple[x509.Certificate, ...]]:
    try:
        bundle = pkcs12.load_pkcs12(path.read_bytes(), passphrase.encode())
    except (OSError, ValueError, UnsupportedAlgorithm) as error:
        raise KeyUnusable(f"{path.name} を開けません。ファイルとパスフレーズを確かめてください。") from error
    if bundle.key is None or bundle.cert is None:
        raise KeyUnusable(f"{path.name} に鍵と証明書の両方が入っていません。")
    if not isinstance(bundle.key, rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey):
        raise KeyUnusable("鍵は RSA 3072 ビット以上、または P-256 でなければなりません。")
    return bundle.key, _asn1(bundle.cert), tuple(map(_asn1, bundle.additional_certs))


def _asn1(bundled: pkcs12.PKCS12Certificate) -> x509.Certificate:
    return x509.Certificate.load(bundled.certificate.public_bytes(serialization.Encoding.DER))
