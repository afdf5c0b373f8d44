# mypy: disable-error-code="no-untyped-call"
"""鍵と証明書が署名に使えるものかを、使う前に確かめる。"""

from collections.abc import Callable, Iterable
from datetime import datetime
from zoneinfo import ZoneInfo

from asn1crypto import x509
from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa

from signing.keys.backend import Algorithm, KeyUnusable
from signing.trust import name_of

PublicKey = rsa.RSAPublicKey | ec.EllipticCurvePublicKey

SMALLEST_RSA_BITS = 3072  # 128 ビット相当（OWASP ASVS 11.2.3）
LARGEST_P256_SIGNATURE = 72  # SEQUENCE { INTEGER, INTEGER }、どちらも 33 バイトのとき
HASHES = {"sha256", "sha384", "sha512"}
USAGES = {"digital_signature", "non_repudiation"}
# 文書の署名に使ってよい用途。書かれていなければ問わない。1.3.6.1.5.5.7.3.36 は RFC 9336。
PURPOSES = {
    "any_extended_key_usage",
    "email_protection",
    "microsoft_document_signing",
    "1.2.840.113583.1.1.5",
    "1.3.6.1.5.5.7.3.36",
}
PROBE = b"Musubi: does this key belong to this certificate?"
TOKYO = ZoneInfo("Asia/Tokyo")


def check(certificate: x509.Certificate, chain: Iterable[x509.Certificate], *, at: datetime) -> PublicKey:
    """Return the public key of a certificate that may sign at a moment; raises KeyUnusable with the reason."""
    public_key = _strong(certificate)
    for each in (certificate, *chain):
        _soundly_issued(each)
    _meant_for_documents(certificate)
    valid_at(certificate, at=at)
    return public_key


def valid_at(certificate: x509.Certificate, *, at: datetime) -> None:
    """Raise KeyUnusable unless a moment is inside the certificate's validity (RFC 5280 4.1.2.5)."""
    if at < certificate.not_valid_before:
        raise KeyUnusable(f"{_title(certificate)}は、{_day(certificate.not_valid_before)}まで有効になりません。")
    if at > certificate.not_valid_after:
        raise KeyUnusable(f"{_title(certificate)}は、{_day(certificate.not_valid_after)}に有効期限が切れました。")


def prove(public_key: PublicKey, sign: Callable[[bytes], bytes], *, certificate: x509.Certificate) -> None:
    """Raise KeyUnusable unless what the private key signs verifies under the certificate."""
    try:
        if isinstance(public_key, rsa.RSAPublicKey):
            public_key.verify(sign(PROBE), PROBE, padding.PKCS1v15(), hashes.SHA256())
        else:
            public_key.verify(sign(PROBE), PROBE, ec.ECDSA(hashes.SHA256()))
    except (InvalidSignature, ValueError) as error:
        raise KeyUnusable(f"{_title(certificate)}と鍵が対になっていません。") from error


def algorithm_of(public_key: PublicKey) -> Algorithm:
    """Return how a key of this kind signs."""
    return "rsa-sha256" if isinstance(public_key, rsa.RSAPublicKey) else "ecdsa-sha256"


def signature_size(public_key: PublicKey) -> int:
    """Return the largest length of a signature value in bytes."""
    return public_key.key_size // 8 if isinstance(public_key, rsa.RSAPublicKey) else LARGEST_P256_SIGNATURE


def _strong(certificate: x509.Certificate) -> PublicKey:
    try:
        key = serialization.load_der_public_key(certificate.public_key.dump())
    except (ValueError, UnsupportedAlgorithm) as error:
        raise KeyUnusable(f"{_title(certificate)}の公開鍵を読み取れません。") from error
    if isinstance(key, rsa.RSAPublicKey):
        if key.key_size < SMALLEST_RSA_BITS:
            raise KeyUnusable(f"RSA 鍵は {SMALLEST_RSA_BITS} ビット以上が必要です（{key.key_size} ビットでした）。")
        return key
    if isinstance(key, ec.EllipticCurvePublicKey) and isinstance(key.curve, ec.SECP256R1):
        return key
    raise KeyUnusable("鍵は RSA 3072 ビット以上、または P-256 でなければなりません。")


def _soundly_issued(certificate: x509.Certificate) -> None:
    if certificate.self_issued and certificate.ca:
        return  # ルートは署名ではなく、信頼の一覧にあることで信じる
    try:
        name = certificate["signature_algorithm"].hash_algo
    except ValueError:
        name = certificate["signature_algorithm"]["algorithm"].native
    if name not in HASHES:
        raise KeyUnusable(f"{_title(certificate)}は、弱いハッシュ関数（{name}）で署名されています。")


def _meant_for_documents(certificate: x509.Certificate) -> None:
    usage = certificate.key_usage_value
    purposes = certificate.extended_key_usage_value
    fits = usage is not None and usage.native & USAGES and not certificate.ca
    if not fits or (purposes is not None and not set(purposes.native) & PURPOSES):
        raise KeyUnusable(f"{_title(certificate)}は、文書の署名のための証明書ではありません（用途の指定が違います）。")


def _title(certificate: x509.Certificate) -> str:
    return f"「{name_of(certificate)}」の証明書"


def _day(moment: datetime) -> str:
    return f"{moment.astimezone(TOKYO):%Y-%m-%d %H:%M}"
