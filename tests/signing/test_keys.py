"""使える鍵と使えない鍵。"""

from datetime import timedelta
from pathlib import Path

import pytest
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.x509 import load_der_x509_certificate

from config.embedded import pki as authority
from signing import network
from signing.keys import KeyUnusable, Pkcs12Key
from signing.trust import Trust
from tests.signing import keymaker


@pytest.fixture(scope="module")
def rsa_key() -> rsa.RSAPrivateKey:
    return rsa.generate_private_key(65537, 3072)


def opened(path: Path) -> Pkcs12Key:
    return Pkcs12Key(path, "secret")


def public_key_of(key: Pkcs12Key):
    return load_der_x509_certificate(key.certificate.dump()).public_key()


def test_an_rsa_3072_key_signs(rsa_key: rsa.RSAPrivateKey, tmp_path: Path):
    key = opened(keymaker.file(tmp_path / "k.p12", rsa_key))

    signature = key.sign(b"contract")

    assert (key.algorithm, key.signature_size) == ("rsa-sha256", len(signature))
    public_key_of(key).verify(signature, b"contract", padding.PKCS1v15(), hashes.SHA256())


def test_a_p256_key_signs_in_der(tmp_path: Path):
    key = opened(keymaker.file(tmp_path / "k.p12", keymaker.p256(), name="鳥栖市"))

    signatures = [key.sign(b"contract") for _ in range(50)]

    assert key.certificate.subject.native["common_name"] == "鳥栖市"
    assert key.algorithm == "ecdsa-sha256"
    assert max(map(len, signatures)) <= key.signature_size
    for signature in signatures:
        public_key_of(key).verify(signature, b"contract", ec.ECDSA(hashes.SHA256()))


def test_the_certificates_above_come_with_the_key(tmp_path: Path):
    above = keymaker.p256()
    issuer = keymaker.certificate(above, name="上位", usage=("key_cert_sign",), ca=True)
    leaf = keymaker.p256()

    key = opened(keymaker.bundle(tmp_path / "k.p12", leaf, keymaker.certificate(leaf), issuer))

    assert [each.subject.native["common_name"] for each in key.chain] == ["上位"]


@pytest.mark.parametrize(
    "key",
    [rsa.generate_private_key(65537, 2048), ec.generate_private_key(ec.SECP384R1())],
    ids=["RSA-2048", "P-384"],
)
def test_other_keys_are_refused(key: keymaker.PrivateKey, tmp_path: Path):
    with pytest.raises(KeyUnusable, match="3072"):
        opened(keymaker.file(tmp_path / "k.p12", key))


def test_a_certificate_signed_with_sha1_is_refused(rsa_key: rsa.RSAPrivateKey, tmp_path: Path):
    path = keymaker.bundle(tmp_path / "k.p12", rsa_key, keymaker.sha1_certificate(rsa_key))

    with pytest.raises(KeyUnusable, match="弱いハッシュ関数（sha1）"):
        opened(path)


def test_a_certificate_below_one_signed_with_sha1_is_refused(rsa_key: rsa.RSAPrivateKey, tmp_path: Path):
    key = keymaker.p256()
    path = keymaker.bundle(tmp_path / "k.p12", key, keymaker.certificate(key), keymaker.sha1_certificate(rsa_key))

    with pytest.raises(KeyUnusable, match="弱いハッシュ関数（sha1）"):
        opened(path)


def test_a_key_beside_the_certificate_of_another_is_refused(tmp_path: Path):
    others = keymaker.certificate(keymaker.p256())
    path = keymaker.bundle(tmp_path / "k.p12", keymaker.p256(), None, others)

    with pytest.raises(KeyUnusable, match="鍵と証明書の両方が入っていません"):
        opened(path)


@pytest.mark.parametrize(
    "wishes",
    [
        {"usage": ("key_encipherment",)},
        {"usage": ("key_cert_sign", "digital_signature"), "ca": True},
        {"purposes": (keymaker.TIME_STAMPING,)},
    ],
    ids=["暗号化用", "認証局", "タイムスタンプ用"],
)
def test_a_certificate_for_other_uses_is_refused(wishes: dict[str, object], tmp_path: Path):
    with pytest.raises(KeyUnusable, match="文書の署名のための証明書ではありません"):
        opened(keymaker.file(tmp_path / "k.p12", keymaker.p256(), **wishes))


@pytest.mark.parametrize(
    "wishes",
    [{"purposes": (keymaker.DOCUMENT_SIGNING,)}, {"usage": ("digital_signature",)}, {"usage": ("content_commitment",)}],
    ids=["文書署名用", "デジタル署名", "否認防止"],
)
def test_a_certificate_for_documents_is_accepted(wishes: dict[str, object], tmp_path: Path):
    assert opened(keymaker.file(tmp_path / "k.p12", keymaker.p256(), **wishes)).sign(b"x")


def test_a_certificate_outside_its_validity_is_refused(tmp_path: Path):
    now = network.now()
    expired = keymaker.file(tmp_path / "old.p12", keymaker.p256(), starts_at=now - timedelta(days=3), days=2)
    coming = keymaker.file(tmp_path / "new.p12", keymaker.p256(), starts_at=now + timedelta(days=1))

    with pytest.raises(KeyUnusable, match="有効期限が切れました"):
        opened(expired)
    with pytest.raises(KeyUnusable, match="まで有効になりません"):
        opened(coming)
    assert Pkcs12Key(coming, "secret", at=now + timedelta(days=2)).sign(b"x")


def test_a_wrong_passphrase_and_a_missing_file_are_named(pki: authority.PkiPaths, tmp_path: Path):
    for path in (pki.pkcs12, tmp_path / "nowhere.p12"):
        with pytest.raises(KeyUnusable, match=f"{path.name} を開けません"):
            Pkcs12Key(path, "wrong")


def test_a_trust_file_without_certificates_is_a_mistake(tmp_path: Path, pki: authority.PkiPaths):
    empty = tmp_path / "roots.pem"
    empty.write_text("nothing here")

    with pytest.raises(ValueError, match="証明書がありません"):
        Trust.load([empty])
    with pytest.raises(ValueError, match="証明書ではないもの"):
        Trust.load([pki.directory / "keys" / "root.pem"])
