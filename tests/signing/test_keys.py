"""使える鍵と使えない鍵。"""

from datetime import timedelta
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import pkcs12

from config.embedded import pki as authority
from signing import network
from signing.keys import KeyUnusable, Pkcs12Key
from signing.trust import Trust


def _pkcs12(path: Path, key: rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey, of: object = None) -> Path:
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "試験")])
    now = network.now()
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key((of or key).public_key())
        .serial_number(1)
        .not_valid_before(now)
        .not_valid_after(now + timedelta(days=1))
        .sign(key, hashes.SHA256())
    )
    sealed = serialization.BestAvailableEncryption(b"secret")
    path.write_bytes(pkcs12.serialize_key_and_certificates(None, key, certificate, None, sealed))
    return path


def test_a_p256_key_is_accepted(tmp_path: Path):
    key = Pkcs12Key(_pkcs12(tmp_path / "k.p12", ec.generate_private_key(ec.SECP256R1())), "secret")

    assert key.certificate.subject.native["common_name"] == "試験"


@pytest.mark.parametrize(
    "key",
    [rsa.generate_private_key(65537, 2048), ec.generate_private_key(ec.SECP384R1())],
    ids=["RSA-2048", "P-384"],
)
def test_other_keys_are_refused(key: rsa.RSAPrivateKey, tmp_path: Path):
    with pytest.raises(KeyUnusable, match="3072"):
        Pkcs12Key(_pkcs12(tmp_path / "k.p12", key), "secret")


def test_a_wrong_passphrase_and_a_missing_file_are_named(pki: authority.PkiPaths, tmp_path: Path):
    for path in (pki.pkcs12, tmp_path / "nowhere.p12"):
        with pytest.raises(KeyUnusable, match="開けません"):
            Pkcs12Key(path, "wrong")


def test_a_trust_file_without_certificates_is_a_mistake(tmp_path: Path, pki: authority.PkiPaths):
    empty = tmp_path / "roots.pem"
    empty.write_text("nothing here")

    with pytest.raises(ValueError, match="証明書がありません"):
        Trust.load([empty])
    with pytest.raises(ValueError, match="証明書ではないもの"):
        Trust.load([pki.directory / "keys" / "root.pem"])
