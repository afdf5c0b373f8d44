"""OCSP の回答と CRL から、一枚の証明書について言われていることを読む（RFC 6960、RFC 5280 6.3）。

署名と発行者は、回答ごとに一度だけ確かめて覚える。
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import lru_cache

from cryptography import x509
from cryptography.x509.oid import ExtensionOID

from signing.verification import algorithms, certificates
from signing.verification.certificates import Certificate
from signing.verification.der import BITS, CONTEXT_0, CONTEXT_1, CONTEXT_2, OCTETS, SEQUENCE, Node, read

KEPT = 4096
TOLERANCE = timedelta(seconds=60)
ENUMERATED, GOOD, REVOKED = 0x0A, 0x80, 0xA1
KEY_COMPROMISE, UNSPECIFIED, AFFILIATION, SUPERSEDED, CESSATION = 1, 0, 3, 4, 5
REASONS = {
    x509.ReasonFlags.unspecified: UNSPECIFIED,
    x509.ReasonFlags.affiliation_changed: AFFILIATION,
    x509.ReasonFlags.superseded: SUPERSEDED,
    x509.ReasonFlags.cessation_of_operation: CESSATION,
}
COMMON = {ExtensionOID.CRL_NUMBER, ExtensionOID.AUTHORITY_KEY_IDENTIFIER, ExtensionOID.ISSUING_DISTRIBUTION_POINT}


@dataclass(frozen=True)
class Statement:
    """What one trusted answer says of one certificate; `reason` is a CRLReason (RFC 5280 5.3.1) when it gives one."""

    since: datetime
    until: datetime
    revoked_at: datetime | None = None
    reason: int | None = None

    def speaks_of(self, at: datetime, certificate: Certificate) -> bool:
        """Tell whether it shows how the certificate stood at a moment; a later answer does too while it was valid."""
        later = at < self.since <= certificate.not_after
        return later or self.since - TOLERANCE <= at <= self.until


@dataclass(frozen=True)
class Answer:
    """An OCSP response of which the signature is right; `delegate` is its responder when not the issuer itself."""

    produced_at: datetime
    delegate: Certificate | None
    singles: tuple[Node, ...]

    def about(self, certificate: Certificate, issuer: Certificate) -> Iterator[Statement]:
        """Yield what it says of a certificate of the issuer."""
        for single in self.singles:
            identity, status, since, *rest = single.children()
            if not _is_of(identity, certificate, issuer) or status.tag not in {GOOD, REVOKED}:
                continue
            until = next((each.children()[0].time() for each in rest if each.tag == CONTEXT_0), since.time())
            revoked = status.children() if status.tag == REVOKED else []
            reason = revoked[1].only(ENUMERATED).content[-1] if len(revoked) > 1 else None
            yield Statement(since.time(), until, revoked[0].time() if revoked else None, reason)


@lru_cache(KEPT)
def answer_of(der: bytes, issuer_der: bytes) -> Answer | None:
    """Read an OCSP response; None when it is not the word of this issuer or of its delegate."""
    issuer = certificates.load(issuer_der)
    try:
        status, wrapped = read(der).of(SEQUENCE).children()
        if status.of(ENUMERATED).content != b"\0":
            return None
        basic = wrapped.of(CONTEXT_0).only(SEQUENCE).children()[1].of(OCTETS).content
        return _checked(read(basic).of(SEQUENCE).children(), issuer)
    except Exception:  # noqa: BLE001 - 崩れた回答は何種類もの例外になる。どれも「証拠にならない」
        return None


def _checked(basic: list[Node], issuer: Certificate) -> Answer | None:
    said, algorithm, signature, *carried = basic
    fields = [each for each in said.children() if each.tag != CONTEXT_0]
    name, produced, singles = fields[0], fields[1].time(), fields[2].of(SEQUENCE).children()
    listed = [each.raw for each in carried[0].only(SEQUENCE).children()] if carried else []
    responder = _responder(name, listed, issuer, produced)
    if responder is None or algorithms.is_weak(responder.key, algorithm, ""):
        return None
    algorithms.check(responder.key, algorithm, "", signature.of(BITS).content[1:], said.raw)
    return Answer(produced, None if responder is issuer else responder, tuple(singles))


def _responder(named: Node, carried: list[bytes], issuer: Certificate, at: datetime) -> Certificate | None:
    """Return the issuer itself or a responder it authorised (RFC 6960 4.2.2.2)."""
    for candidate in (issuer, *map(certificates.load, carried)):
        own = {CONTEXT_1: candidate.subject, CONTEXT_2: candidate.sha1_of_key}.get(named.tag)
        given = named.children()[0]
        if own != (given.raw if named.tag == CONTEXT_1 else given.content):
            continue
        if candidate.der == issuer.der:
            return issuer
        appointed = candidate.may_answer and not candidate.is_weak and issuer.issued(candidate)
        if appointed and candidate.valid_at(at):
            return candidate
    return None


def _is_of(identity: Node, certificate: Certificate, issuer: Certificate) -> bool:
    algorithm, name, key, serial = identity.children()
    if serial.integer() != certificate.serial:
        return False
    hashed = algorithms.digest_named(algorithm)
    return name.content == algorithms.digest(hashed, issuer.subject) and (
        key.content == algorithms.digest(hashed, issuer.key_bits)
    )


def listed(der: bytes, certificate: Certificate, issuer: Certificate) -> Statement | None:
    """Return what a CRL says of a certificate; None when it is not the issuer's plain list for it."""
    crl = _list(der, issuer.der)
    if crl is None or not _covers(crl, certificate):
        return None
    entry = crl.get_revoked_certificate_by_serial_number(certificate.serial)
    since = crl.last_update_utc
    until = crl.next_update_utc or since
    return Statement(since, until, entry.revocation_date_utc, _reason(entry)) if entry else Statement(since, until)


def _reason(entry: x509.RevokedCertificate) -> int | None:
    try:
        given = entry.extensions.get_extension_for_class(x509.CRLReason).value.reason
    except x509.ExtensionNotFound:
        return None
    return REASONS.get(given, KEY_COMPROMISE)


@lru_cache(KEPT)
def _list(der: bytes, issuer_der: bytes) -> x509.CertificateRevocationList | None:
    """Read a CRL and check its signature once; None when it is not the issuer's own plain list."""
    issuer = certificates.load(issuer_der)
    try:
        crl = x509.load_der_x509_crl(der)
        own = crl.issuer.public_bytes() == issuer.subject and (issuer.usage is None or issuer.usage.crl_sign)
        _said, algorithm, _signature = read(der).of(SEQUENCE).children()
        weak = algorithms.is_weak(issuer.key, algorithm, "")
        if own and not weak and not is_odd(der) and crl.is_signature_valid(issuer.key):  # type: ignore[arg-type]
            return crl
    except Exception:  # noqa: BLE001 - 崩れたリストは何種類もの例外になる。どれも「証拠にならない」
        return None
    return None


@lru_cache(KEPT)
def is_odd(der: bytes) -> bool:
    """Tell whether a CRL is partial, indirect or otherwise needs more than its issuer and its serial numbers."""
    try:
        extensions = x509.load_der_x509_crl(der).extensions
    except ValueError:
        return False
    for each in extensions:
        point = each.value
        if isinstance(point, x509.IssuingDistributionPoint) and (
            point.indirect_crl or point.only_some_reasons or point.only_contains_attribute_certs or point.relative_name
        ):
            return True
        if each.oid == ExtensionOID.DELTA_CRL_INDICATOR or (each.critical and each.oid not in COMMON):
            return True
    return False


def _covers(crl: x509.CertificateRevocationList, certificate: Certificate) -> bool:
    """Tell whether a certificate is in the scope of a list (RFC 5280 6.3.3 (b)(2))."""
    try:
        point = crl.extensions.get_extension_for_class(x509.IssuingDistributionPoint).value
    except x509.ExtensionNotFound:
        return True
    if point.only_contains_ca_certs and not certificate.is_authority:
        return False
    if point.only_contains_user_certs and certificate.is_authority:
        return False
    return not point.full_name or not certificate.crl_names.isdisjoint(point.full_name)
