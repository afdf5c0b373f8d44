"""試験の鍵と証明書を、欲しい欠点を付けて作る。"""

from datetime import datetime, timedelta
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import pkcs12
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID, ObjectIdentifier

from signing import network

PrivateKey = rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey
SIGNING = ("digital_signature", "content_commitment")
USAGES = (
    "digital_signature",
    "content_commitment",
    "key_encipherment",
    "data_encipherment",
    "key_agreement",
    "key_cert_sign",
    "crl_sign",
    "encipher_only",
    "decipher_only",
)


def p256() -> ec.EllipticCurvePrivateKey:
    return ec.generate_private_key(ec.SECP256R1())


def certificate(
    key: PrivateKey,
    *,
    name: str = "試験",
    usage: tuple[str, ...] = SIGNING,
    purposes: tuple[ObjectIdentifier, ...] = (),
    ca: bool = False,
    starts_at: datetime | None = None,
    days: int = 365,
    public_key: object = None,
) -> x509.Certificate:
    """Make a certificate that its own key signs."""
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    start = starts_at or network.now() - timedelta(days=1)
    builder = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(subject)
        .public_key(public_key or key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(start)
        .not_valid_after(start + timedelta(days=days))
        .add_extension(x509.BasicConstraints(ca=ca, path_length=None), critical=True)
        .add_extension(x509.KeyUsage(**{each: each in usage for each in USAGES}), critical=True)
    )
    if purposes:
        builder = builder.add_extension(x509.ExtendedKeyUsage(purposes), critical=False)
    return builder.sign(key, hashes.SHA256())


def file(path: Path, key: PrivateKey, **wishes: object) -> Path:
    """Write a PKCS#12 file with the passphrase "secret"."""
    return bundle(path, key, certificate(key, **wishes))


def bundle(path: Path, key: PrivateKey, *certificates: x509.Certificate | None) -> Path:
    """Write a PKCS#12 file that holds a key, its certificate and those above it."""
    sealed = serialization.BestAvailableEncryption(b"secret")
    path.write_bytes(pkcs12.serialize_key_and_certificates(None, key, certificates[0], certificates[1:], sealed))
    return path


def sha1_certificate(key: PrivateKey) -> x509.Certificate:
    """Make a certificate signed with SHA-1, which cryptography itself no longer makes."""
    from asn1crypto import algos
    from asn1crypto import x509 as der
    from cryptography.hazmat.primitives.asymmetric import padding

    made = der.Certificate.load(certificate(key).public_bytes(serialization.Encoding.DER))
    algorithm = algos.SignedDigestAlgorithm({"algorithm": "sha1_rsa"})
    made["tbs_certificate"]["signature"] = made["signature_algorithm"] = algorithm
    made["signature_value"] = key.sign(made["tbs_certificate"].dump(force=True), padding.PKCS1v15(), hashes.SHA1())
    return x509.load_der_x509_certificate(made.dump(force=True))


TIME_STAMPING = ExtendedKeyUsageOID.TIME_STAMPING
DOCUMENT_SIGNING = ObjectIdentifier("1.3.6.1.5.5.7.3.36")
