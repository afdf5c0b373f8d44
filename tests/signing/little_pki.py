"""小さな認証局: 失効のさまざまな姿を、その場で作る。"""

from datetime import UTC, datetime, timedelta

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.x509 import ocsp
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from signing.verification import certificates
from signing.verification.certificates import Certificate

START = datetime(2026, 1, 1, tzinfo=UTC)
DAY = timedelta(days=1)
YEAR = 365 * DAY
CRL_URL = x509.UniformResourceIdentifier("http://crl.example.jp/ca.crl")


class Party:
    """A key and its certificate."""

    def __init__(
        self,
        name: str,
        issuer: "Party | None" = None,
        *extensions: x509.ExtensionType,
        authority: bool = False,
        start: datetime = START,
        years: int = 10,
        days: int = 0,
        rsa_key: bool = False,
    ) -> None:
        self.key = rsa.generate_private_key(65537, 2048) if rsa_key else ec.generate_private_key(ec.SECP256R1())
        self.name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
        issued_by = issuer or self
        builder = (
            x509.CertificateBuilder()
            .subject_name(self.name)
            .issuer_name(issued_by.name)
            .public_key(self.key.public_key())
            .serial_number(x509.random_serial_number())
            .not_valid_before(start)
            .not_valid_after(start + (days * DAY or years * YEAR))
            .add_extension(x509.SubjectKeyIdentifier.from_public_key(self.key.public_key()), critical=False)
            .add_extension(
                x509.AuthorityKeyIdentifier.from_issuer_public_key(issued_by.key.public_key()), critical=False
            )
            .add_extension(x509.BasicConstraints(ca=authority, path_length=None), critical=True)
            .add_extension(usage(authority=authority), critical=True)
        )
        for extension in extensions:
            builder = builder.add_extension(extension, critical=isinstance(extension, x509.ExtendedKeyUsage))
        self.x509 = builder.sign(issued_by.key, hashes.SHA256())
        self.der = self.x509.public_bytes(serialization.Encoding.DER)

    def twin(self, issuer: "Party", *, authority: bool = False) -> bytes:
        """Return another certificate of the same key, name and number."""
        builder = (
            x509.CertificateBuilder()
            .subject_name(self.name)
            .issuer_name(issuer.name)
            .public_key(self.key.public_key())
            .serial_number(self.x509.serial_number)
            .not_valid_before(START)
            .not_valid_after(START + 30 * YEAR)
            .add_extension(usage(authority=authority), critical=True)
            .add_extension(x509.BasicConstraints(ca=authority, path_length=None), critical=True)
        )
        return builder.sign(issuer.key, hashes.SHA256()).public_bytes(serialization.Encoding.DER)

    @property
    def certificate(self) -> Certificate:
        return certificates.load(self.der)

    def crl(
        self,
        *revoked: tuple["Party", datetime, x509.ReasonFlags | None],
        since: datetime = START,
        days: int = 30,
        extensions: tuple[x509.ExtensionType, ...] = (),
        by: "Party | None" = None,
    ) -> bytes:
        """Issue a list; `by` signs it in this party's name."""
        builder = x509.CertificateRevocationListBuilder(self.name, since, since + days * DAY)
        for party, at, reason in revoked:
            entry = x509.RevokedCertificateBuilder(party.x509.serial_number, at)
            if reason is not None:
                entry = entry.add_extension(x509.CRLReason(reason), critical=False)
            builder = builder.add_revoked_certificate(entry.build())
        for extension in extensions:
            builder = builder.add_extension(extension, critical=True)
        return builder.sign((by or self).key, hashes.SHA256()).public_bytes(serialization.Encoding.DER)

    def answer(
        self,
        about: "Party",
        *,
        by: "Party | None" = None,
        since: datetime = START,
        hours: int = 24,
        revoked_at: datetime | None = None,
        carried: tuple["Party", ...] = (),
    ) -> bytes:
        """Answer over OCSP for a certificate of this issuer; `by` is the responder."""
        responder = by or self
        builder = ocsp.OCSPResponseBuilder().add_response(
            cert=about.x509,
            issuer=self.x509,
            algorithm=hashes.SHA256(),
            cert_status=ocsp.OCSPCertStatus.REVOKED if revoked_at else ocsp.OCSPCertStatus.GOOD,
            this_update=since,
            next_update=since + timedelta(hours=hours),
            revocation_time=revoked_at,
            revocation_reason=None,
        )
        builder = builder.responder_id(ocsp.OCSPResponderEncoding.HASH, responder.x509)
        if carried:
            builder = builder.certificates([each.x509 for each in carried])
        return builder.sign(responder.key, hashes.SHA256()).public_bytes(serialization.Encoding.DER)


def usage(*, authority: bool) -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=not authority,
        content_commitment=not authority,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        key_cert_sign=authority,
        crl_sign=authority,
        encipher_only=False,
        decipher_only=False,
    )


def responder(name: str, issuer: Party, *extensions: x509.ExtensionType, days: int = 3650) -> Party:
    return Party(name, issuer, x509.ExtendedKeyUsage([ExtendedKeyUsageOID.OCSP_SIGNING]), *extensions, days=days)


def points(*urls: x509.GeneralName) -> x509.CRLDistributionPoints:
    return x509.CRLDistributionPoints([x509.DistributionPoint([url], None, None, None) for url in urls])


def scope(url: x509.GeneralName | None = CRL_URL, **limits: object) -> x509.IssuingDistributionPoint:
    given: dict[str, object] = {
        "full_name": [url] if url is not None else None,
        "relative_name": None,
        "only_contains_user_certs": False,
        "only_contains_ca_certs": False,
        "only_some_reasons": None,
        "indirect_crl": False,
        "only_contains_attribute_certs": False,
    }
    return x509.IssuingDistributionPoint(**(given | limits))
