"""鎖のどの証明書も失効していないことを、文書に埋め込まれた OCSP と CRL だけで、その時刻について確かめる。

珍しい形のリストは pyhanko_certvalidator に任せ、覚えない。
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from itertools import pairwise

from asn1crypto import crl
from pyhanko_certvalidator import CertificateValidator, ValidationContext
from pyhanko_certvalidator.errors import RevokedError

from signing.offline import offline
from signing.results import Problem
from signing.verification.certificates import Certificate
from signing.verification.chains import Chain
from signing.verification.problems import CA_REVOKED, NO_REVOCATION, REVOKED
from signing.verification.statements import (
    AFFILIATION,
    CESSATION,
    SUPERSEDED,
    UNSPECIFIED,
    Answer,
    Statement,
    answer_of,
    is_odd,
    listed,
)

LARGEST_UNUSUAL = 4 * 1024 * 1024
# RFC 3161 4.1: TSA の失効の理由がこれらなら、失効の前に出したタイムスタンプは有効なまま。
HARMLESS_FOR_STAMPS = {UNSPECIFIED, AFFILIATION, SUPERSEDED, CESSATION}


@dataclass(frozen=True)
class Evidence:
    """Revocation answers as they stand in the document: DER of OCSP responses and of CRLs."""

    ocsps: tuple[bytes, ...] = ()
    crls: tuple[bytes, ...] = ()


def problem_of(
    chain: Chain, evidence: Evidence, at: datetime, *, stamp_until: datetime | None = None
) -> Problem | None:
    """Say what is wrong with a chain's revocation at a moment, None when all is well.

    Of a timestamp's chain `stamp_until` is the moment up to which its key must not have been compromised.
    """
    missing = False
    for certificate, issuer in pairwise(chain):
        statements = [*_statements(certificate, issuer, evidence)]
        if any(_revoked(each, at, stamp_until) for each in statements):
            return REVOKED if certificate is chain[0] else CA_REVOKED
        missing = missing or not any(each.speaks_of(at, certificate) for each in statements)
    return NO_REVOCATION if missing else None


def _revoked(statement: Statement, at: datetime, stamp_until: datetime | None) -> bool:
    if statement.revoked_at is None:
        return False
    if statement.revoked_at <= at:
        return True
    harmful = statement.reason not in HARMLESS_FOR_STAMPS
    return stamp_until is not None and harmful and statement.revoked_at <= stamp_until


def _statements(certificate: Certificate, issuer: Certificate, evidence: Evidence) -> Iterator[Statement]:
    for answer in _answers(issuer, evidence):
        if answer.delegate is None or _stands(answer.delegate, issuer, evidence, answer.produced_at):
            yield from answer.about(certificate, issuer)
    yield from _listed(certificate, issuer, evidence)


def _stands(delegate: Certificate, issuer: Certificate, evidence: Evidence, at: datetime) -> bool:
    """Tell whether a delegated responder was not revoked itself, by its issuer's own word (RFC 6960 4.2.2.2.1)."""
    if delegate.needs_no_revocation_check:
        return True
    own = (each.about(delegate, issuer) for each in _answers(issuer, evidence) if each.delegate is None)
    said = [*(each for answer in own for each in answer), *_listed(delegate, issuer, evidence)]
    return any(each.speaks_of(at, delegate) for each in said) and not any(_revoked(each, at, None) for each in said)


def _answers(issuer: Certificate, evidence: Evidence) -> Iterator[Answer]:
    for der in evidence.ocsps:
        if (answer := answer_of(der, issuer.der)) is not None:
            yield answer


def _listed(certificate: Certificate, issuer: Certificate, evidence: Evidence) -> Iterator[Statement]:
    for der in evidence.crls:
        if (statement := listed(der, certificate, issuer)) is not None:
            yield statement


def is_unusual(evidence: Evidence) -> bool:
    """Tell whether there are lists, not too long, of a kind that only the library understands (partial, indirect)."""
    return any(map(is_odd, evidence.crls)) and sum(map(len, evidence.crls)) <= LARGEST_UNUSUAL


def asked_elsewhere(chain: Chain, evidence: Evidence, at: datetime) -> Problem | None:
    """Let the library decide by the lists alone; None when all is well."""
    try:
        context = ValidationContext(
            trust_roots=[chain[-1].asn1],
            moment=at,
            allow_fetching=False,
            revocation_mode="require",
            retroactive_revinfo=True,
            crls=[crl.CertificateList.load(each) for each in evidence.crls],
        )
        others = [each.asn1 for each in chain[1:-1]]
        validator = CertificateValidator(chain[0].asn1, intermediate_certs=others, validation_context=context)
        offline(validator.async_validate_path())
    except RevokedError:
        return REVOKED
    except Exception:  # noqa: BLE001 - 崩れた証拠は何種類もの例外になる。どれも「証拠にならない」
        return NO_REVOCATION
    return None
