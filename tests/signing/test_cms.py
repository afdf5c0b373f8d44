"""署名の入れ物を、別の実装で読む。"""

import hashlib
import subprocess
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from asn1crypto import cms, x509
from cryptography import x509 as crypto_x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.x509.oid import NameOID

from signing.cms import CONTEXT_0, DATA, OCTETS, SEQUENCE, Container, encoded, length_of

CONTENT = b"contract" * 1000
TOKEN = encoded(SEQUENCE, DATA, encoded(CONTEXT_0, encoded(OCTETS, b"token" * 500)))
PrivateKey = rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey


@pytest.fixture(params=["rsa-sha256", "ecdsa-sha256"])
def signer(request: pytest.FixtureRequest) -> tuple[PrivateKey, x509.Certificate, str]:
    key: PrivateKey = (
        ec.generate_private_key(ec.SECP256R1())
        if request.param == "ecdsa-sha256"
        else rsa.generate_private_key(public_exponent=65537, key_size=3072)
    )
    return key, _certificate(key), request.param


def test_openssl_accepts_the_container_as_cades(
    signer: tuple[PrivateKey, x509.Certificate, str], tmp_path: Path
) -> None:
    key, certificate, algorithm = signer
    made = _sealed(key, Container(certificate, (), algorithm))

    assert _openssl(made, certificate, CONTENT, tmp_path) == 0
    assert _openssl(made, certificate, CONTENT + b"!", tmp_path) != 0
    assert _openssl(_flipped(made, made.index(b"token") - 600), certificate, CONTENT, tmp_path) != 0


def test_the_container_is_der_with_what_cades_asks_for(signer: tuple[PrivateKey, x509.Certificate, str]) -> None:
    key, certificate, algorithm = signer
    made = _sealed(key, Container(certificate, (), algorithm))

    signed = cms.ContentInfo.load(made, strict=True)["content"]
    info = signed["signer_infos"][0]

    assert {each["type"].native for each in info["signed_attrs"]} == {
        "content_type",
        "message_digest",
        "signing_certificate_v2",
        "cms_algorithm_protection",
    }
    written = [each.dump() for each in info["signed_attrs"]]
    assert written == sorted(written)
    assert info["unsigned_attrs"][0]["type"].native == "signature_time_stamp_token"
    assert signed["certificates"][0].chosen.dump() == certificate.dump()
    assert signed.copy().dump(force=True) == signed.dump()


def test_its_size_is_known_before_it_is_made(signer: tuple[PrivateKey, x509.Certificate, str]) -> None:
    key, certificate, algorithm = signer
    container = Container(certificate, (certificate,), algorithm)
    largest = 72 if algorithm == "ecdsa-sha256" else 384

    made = [_sealed(key, container) for _ in range(20)]

    size = container.size(signature=largest, token=len(TOKEN))
    assert all(size - 5 <= len(each) <= size for each in made)
    assert all(length_of(each + bytes(100)) == len(each) for each in made)


@pytest.mark.parametrize(("length", "head"), [(0, 2), (127, 2), (128, 3), (255, 3), (256, 4), (70_000, 5)])
def test_lengths_are_written_in_the_shortest_form(length: int, head: int) -> None:
    made = encoded(OCTETS, bytes(length))

    assert len(made) == head + length == length_of(made)


@pytest.mark.parametrize("indefinite", [b"", b"\x30", b"\x30\x80\x00\x00"])
def test_a_value_without_a_length_has_none(indefinite: bytes) -> None:
    assert length_of(indefinite) == 0


def _sealed(key: PrivateKey, container: Container) -> bytes:
    attributes = container.attributes(hashlib.sha256(CONTENT).digest())
    signature = (
        key.sign(attributes, padding.PKCS1v15(), hashes.SHA256())
        if isinstance(key, rsa.RSAPrivateKey)
        else key.sign(attributes, ec.ECDSA(hashes.SHA256()))
    )
    return container.assembled(attributes, signature, TOKEN)


def _flipped(data: bytes, where: int) -> bytes:
    changed = bytearray(data)
    changed[where] ^= 1
    return bytes(changed)


def _openssl(container: bytes, certificate: x509.Certificate, content: bytes, directory: Path) -> int:
    files = {"container.der": container, "content.bin": content, "root.pem": _pem(certificate)}
    for name, data in files.items():
        (directory / name).write_bytes(data)
    command = ["openssl", "cms", "-verify", "-cades", "-binary", "-inform", "DER", "-in", "container.der"]
    options = ["-content", "content.bin", "-CAfile", "root.pem", "-purpose", "any", "-out", "out.bin"]
    return subprocess.run([*command, *options], cwd=directory, check=False, capture_output=True).returncode


def _pem(certificate: x509.Certificate) -> bytes:
    loaded = crypto_x509.load_der_x509_certificate(certificate.dump())
    return loaded.public_bytes(serialization.Encoding.PEM)


def _certificate(key: PrivateKey) -> x509.Certificate:
    name = crypto_x509.Name([crypto_x509.NameAttribute(NameOID.COMMON_NAME, "署名の試験")])
    start = datetime(2026, 1, 1, tzinfo=UTC)
    built = (
        crypto_x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(crypto_x509.random_serial_number())
        .not_valid_before(start)
        .not_valid_after(start + timedelta(days=3650))
        .add_extension(crypto_x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    return x509.Certificate.load(built.public_bytes(serialization.Encoding.DER))
