"""証明書を一度だけ読み、何度も使う。同じ証明書は、何千の文書に現れる。"""

import hashlib
from datetime import datetime
from functools import cached_property, lru_cache
from typing import TypeVar

from asn1crypto import x509 as asn1
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric.types import PublicKeyTypes
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from cryptography.x509.oid import ExtendedKeyUsageOID

from signing.results import CertificateReport
from signing.trust import name_of
from signing.verification.der import BITS, Malformed, read

Extension = TypeVar("Extension", bound=x509.ExtensionType)

KEPT = 4096
LARGEST = 64 * 1024
WEAK_DIGESTS = {"md5", "sha1", "sha224"}
# 署名者の証明書が用途を限るときは、このどれかを含むこと（文書や電子メールの署名、どの用途でも）。
SIGNING_PURPOSES = {
    "1.3.6.1.5.5.7.3.36", "1.3.6.1.5.5.7.3.4", "1.3.6.1.5.5.7.3.2", "2.5.29.37.0",
    "1.2.840.113583.1.1.5", "1.3.6.1.4.1.311.10.3.12",
}  # fmt: skip


class Certificate:
    """An X.509 certificate, seen through whichever library suits the question."""

    def __init__(self, der: bytes) -> None:
        self.der = der
        self.sha256 = hashlib.sha256(der).digest()
        self.x509 = x509.load_der_x509_certificate(der)
        self.subject = self.x509.subject.public_bytes()
        self.issuer = self.x509.issuer.public_bytes()
        self.serial = self.x509.serial_number
        self.not_before: datetime = self.x509.not_valid_before_utc
        self.not_after: datetime = self.x509.not_valid_after_utc

    @cached_property
    def asn1(self) -> asn1.Certificate:
        """Return it as the chain builder wants it."""
        return asn1.Certificate.load(self.der)

    @cached_property
    def key(self) -> PublicKeyTypes:
        """Return its public key."""
        return self.x509.public_key()

    @cached_property
    def key_bits(self) -> bytes:
        """Return the bits of its public key, which OCSP hashes (RFC 6960 4.1.1)."""
        spki = self.key.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
        return read(spki).children()[1].of(BITS).content[1:]

    @cached_property
    def sha1_of_key(self) -> bytes:
        """Return the hash by which an OCSP response names its responder (RFC 6960 4.2.1)."""
        return hashlib.sha1(self.key_bits, usedforsecurity=False).digest()

    @cached_property
    def name(self) -> str:
        """Return the name people read."""
        return name_of(self.asn1)

    @cached_property
    def report(self) -> CertificateReport:
        """Return what people are shown of it."""
        return CertificateReport(
            subject=self.name,
            issuer=str(self.asn1.issuer.human_friendly),
            serial=format(self.serial, "x"),
            not_before=self.not_before,
            not_after=self.not_after,
            sha256=self.sha256.hex(),
        )

    def valid_at(self, at: datetime) -> bool:
        """Tell whether a moment lies within its validity."""
        return self.not_before <= at <= self.not_after

    @cached_property
    def key_identifier(self) -> bytes | None:
        """Return its subject key identifier."""
        found = self._extension(x509.SubjectKeyIdentifier)
        return found.digest if found is not None else None

    @cached_property
    def usage(self) -> x509.KeyUsage | None:
        """Return what its key may do; None when anything."""
        return self._extension(x509.KeyUsage)

    @cached_property
    def purposes(self) -> frozenset[str] | None:
        """Return its extended key usages as identifiers; None when it has none."""
        found = self._extension(x509.ExtendedKeyUsage)
        return frozenset(each.dotted_string for each in found) if found is not None else None

    @property
    def may_sign(self) -> bool:
        """Tell whether it may sign documents."""
        usage, purposes = self.usage, self.purposes
        return (usage is None or usage.content_commitment or usage.digital_signature) and (
            purposes is None or bool(purposes & SIGNING_PURPOSES)
        )

    @property
    def may_stamp(self) -> bool:
        """Tell whether it may issue timestamps and nothing else (RFC 3161 2.3)."""
        return self.purposes == frozenset({ExtendedKeyUsageOID.TIME_STAMPING.dotted_string})

    @property
    def may_answer(self) -> bool:
        """Tell whether it may answer for its issuer over OCSP (RFC 6960 4.2.2.2)."""
        return ExtendedKeyUsageOID.OCSP_SIGNING.dotted_string in (self.purposes or ())

    @cached_property
    def is_authority(self) -> bool:
        """Tell whether it may issue certificates."""
        found = self._extension(x509.BasicConstraints)
        return found is not None and found.ca

    @cached_property
    def crl_names(self) -> frozenset[x509.GeneralName]:
        """Return where its issuer says its CRLs are."""
        found = self._extension(x509.CRLDistributionPoints)
        return frozenset(name for point in found or () for name in point.full_name or ())

    @cached_property
    def needs_no_revocation_check(self) -> bool:
        """Tell whether its issuer asks nobody to check it (id-pkix-ocsp-nocheck)."""
        return self._extension(x509.OCSPNoCheck) is not None

    def _extension(self, kind: type[Extension]) -> Extension | None:
        try:
            return self.x509.extensions.get_extension_for_class(kind).value
        except x509.ExtensionNotFound:
            return None

    @cached_property
    def is_weak(self) -> bool:
        """Tell whether its own signature should no longer be relied on."""
        return getattr(self.x509.signature_hash_algorithm, "name", "") in WEAK_DIGESTS

    def issued(self, other: "Certificate") -> bool:
        """Tell whether its key signed another certificate."""
        return _issued(self.der, other.der)


@lru_cache(KEPT)
def load(der: bytes) -> Certificate:
    """Read a certificate; raises Malformed."""
    if len(der) > LARGEST:
        raise Malformed("a certificate is too large")
    try:
        return Certificate(der)
    except ValueError as error:
        raise Malformed("a wrong certificate") from error


@lru_cache(KEPT)
def _issued(issuer: bytes, certificate: bytes) -> bool:
    try:
        load(certificate).x509.verify_directly_issued_by(load(issuer).x509)
    except Exception:  # noqa: BLE001 - 合わない鍵や知らない方式は何種類もの例外になる。どれも「発行していない」
        return False
    return True
