# mypy: disable-error-code="no-untyped-call"
"""Fetch OCSP answers and CRLs over the kept session, and keep them while they are fresh."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from asn1crypto import crl, ocsp, x509
from pyhanko_certvalidator import CertificateValidator, ValidationContext
from pyhanko_certvalidator.errors import PathError, RevokedError, ValidationError
from pyhanko_certvalidator.fetchers.aiohttp_fetchers import AIOHttpFetcherBackend
from pyhanko_certvalidator.registry import CertificateRegistry

from signing import network
from signing.refusals import SealingUnavailable
from signing.trust import Trust, name_of

# 期限内でも、失効に気づくのが遅れないよう一時間で取り直す。
LONGEST = timedelta(hours=1)
MARGIN = timedelta(minutes=1)


@dataclass(frozen=True)
class Evidence:
    """What proves that one certificate was good: its chain's OCSP answers and CRLs."""

    certificates: tuple[x509.Certificate, ...]
    ocsps: tuple[ocsp.OCSPResponse, ...]
    crls: tuple[crl.CertificateList, ...]
    good_until: datetime


class EvidenceStore:
    """Collect evidence per certificate and reuse it within its validity."""

    def __init__(self, trust: Trust) -> None:
        self._trust = trust
        self._kept: dict[bytes, Evidence] = {}

    async def of(
        self,
        certificate: x509.Certificate,
        others: Iterable[x509.Certificate],
        *,
        key_usage: frozenset[str] = frozenset(),
        extended_key_usage: frozenset[str] = frozenset(),
    ) -> Evidence:
        """Return fresh evidence; raises SealingUnavailable when it is missing, revoked or does not reach a root."""
        kept = self._kept.get(certificate.sha256)
        if kept is not None and network.now() < kept.good_until:
            return kept
        fetched = await self._fetch(certificate, tuple(others), set(key_usage), set(extended_key_usage))
        self._kept[certificate.sha256] = fetched
        return fetched

    def context(self, *evidence: Evidence) -> ValidationContext:
        """Build an offline context that demands revocation data for every certificate."""
        return ValidationContext(
            trust_roots=list(self._trust.roots),
            other_certs=[*self._trust.intermediates, *(each for one in evidence for each in one.certificates)],
            allow_fetching=False,
            revocation_mode="require",
            ocsps=[each for one in evidence for each in one.ocsps],
            crls=[each for one in evidence for each in one.crls],
        )

    async def _fetch(
        self,
        certificate: x509.Certificate,
        others: tuple[x509.Certificate, ...],
        key_usage: set[str],
        extended_key_usage: set[str],
    ) -> Evidence:
        known = [*self._trust.intermediates, *others]
        backend = AIOHttpFetcherBackend(await network.session(), per_request_timeout=network.TIMEOUT_SECONDS)
        context = ValidationContext(
            trust_roots=list(self._trust.roots),
            allow_fetching=True,
            revocation_mode="require",
            fetchers=backend.get_fetchers(),
            # 相手の証明書に書かれた場所から中間証明書を取りには行かない。信じた鎖の OCSP と CRL だけを取る。
            certificate_registry=CertificateRegistry.build(known, cert_fetcher=None),
        )
        try:
            path = await CertificateValidator(
                certificate, intermediate_certs=known, validation_context=context
            ).async_validate_usage(key_usage, extended_key_usage)
        except RevokedError as error:
            raise SealingUnavailable(f"「{name_of(certificate)}」の証明書の鎖が失効しています。") from error
        except (PathError, ValidationError, OSError, ValueError) as error:
            raise SealingUnavailable(f"「{name_of(certificate)}」の有効性（OCSP・CRL）を確認できません。") from error
        return Evidence(
            tuple(each for each in path if isinstance(each, x509.Certificate)),
            tuple(context.ocsps),
            tuple(context.crls),
            _good_until(context.ocsps, context.crls),
        )


def _good_until(ocsps: Iterable[ocsp.OCSPResponse], crls: Iterable[crl.CertificateList]) -> datetime:
    ends = [network.now() + LONGEST]
    for response in ocsps:
        ends += [each["next_update"].native for each in response.basic_ocsp_response["tbs_response_data"]["responses"]]
    ends += [each["tbs_cert_list"]["next_update"].native for each in crls]
    return min(end or datetime.min.replace(tzinfo=UTC) + MARGIN for end in ends) - MARGIN
