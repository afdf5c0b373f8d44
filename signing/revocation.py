# mypy: disable-error-code="no-untyped-call"
"""証明書が有効であることの証拠を、期限のあるあいだ手元に持ち、切れる前に裏で取り直す。"""

import contextlib
import threading
import time
import weakref
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from asn1crypto import x509
from pyhanko_certvalidator import CertificateValidator, ValidationContext
from pyhanko_certvalidator.errors import (
    ExpiredError,
    InsufficientRevinfoError,
    NotYetValidError,
    PathError,
    RevokedError,
    ValidationError,
)
from pyhanko_certvalidator.path import ValidationPath
from pyhanko_certvalidator.validate import async_validate_path

from signing import network, responders
from signing.offline import offline
from signing.refusals import SealingUnavailable
from signing.trust import Trust, name_of

# 期限内でも、失効に気づくのが遅れないよう一時間で取り直す。
LONGEST = timedelta(hours=1)
MARGIN = timedelta(minutes=1)
AGAIN = timedelta(minutes=1)
PATROL_SECONDS = 20.0


@dataclass(frozen=True)
class Evidence:
    """What proves that one certificate is good, as DER for a document security store.

    `path` runs from the certificate to the root; `certificates` leaves the root out and holds the OCSP responders'.
    """

    path: tuple[x509.Certificate, ...]
    certificates: tuple[bytes, ...]
    ocsps: tuple[bytes, ...]
    crls: tuple[bytes, ...]
    good_until: datetime
    renew_from: datetime


@dataclass(frozen=True)
class _Subject:
    """One certificate, its purpose, and its chain built once."""

    certificate: x509.Certificate
    path: ValidationPath

    @property
    def chain(self) -> tuple[x509.Certificate, ...]:
        """Return the chain, leaf first."""
        return tuple(each for each in self.path if isinstance(each, x509.Certificate))[::-1]


class EvidenceStore:
    """Collect evidence per certificate; a thread of the process renews what is kept, so that nobody waits for it."""

    def __init__(self, trust: Trust) -> None:
        self._trust = trust
        self._subjects: dict[bytes, _Subject] = {}
        self._kept: dict[bytes, Evidence] = {}

    def of(
        self,
        certificate: x509.Certificate,
        others: Iterable[x509.Certificate] = (),
        *,
        key_usage: frozenset[str] = frozenset(),
        extended_key_usage: frozenset[str] = frozenset(),
    ) -> Evidence:
        """Return fresh evidence; raises SealingUnavailable when it is missing, revoked or does not reach a root.

        The usages are looked at when a certificate is first seen; ask for each with one purpose only.
        """
        _patrol.watch(self)
        kept = self._kept.get(certificate.sha256)
        if kept is not None and network.now() < kept.good_until:
            return kept
        subject = self._subjects.get(certificate.sha256)
        if subject is None:
            path = self._build(certificate, tuple(others), key_usage, extended_key_usage)
            subject = self._subjects.setdefault(certificate.sha256, _Subject(certificate, path))
        return self._collect(subject)

    def renew(self) -> None:
        """Ask anew for what will end soon; what cannot be had is tried again, and what is refused is forgotten."""
        for fingerprint, evidence in list(self._kept.items()):
            if network.now() >= evidence.renew_from:
                self._renew(self._subjects[fingerprint], evidence)

    def _renew(self, subject: _Subject, evidence: Evidence) -> None:
        fingerprint = subject.certificate.sha256
        try:
            self._collect(subject)
        except SealingUnavailable as error:
            if isinstance(error.__cause__, RevokedError):
                self._kept.pop(fingerprint, None)
            else:
                self._kept[fingerprint] = replace(evidence, renew_from=network.now() + AGAIN)

    def context(self, *evidence: Evidence) -> ValidationContext:
        """Build an offline context that demands revocation data for every certificate."""
        others = [x509.Certificate.load(der) for one in evidence for der in one.certificates]
        return self._context(
            others, [der for one in evidence for der in one.ocsps], [der for one in evidence for der in one.crls]
        )

    def _context(
        self, others: Iterable[x509.Certificate], ocsps: Iterable[bytes], crls: Iterable[bytes], mode: str = "require"
    ) -> ValidationContext:
        return ValidationContext(
            trust_roots=list(self._trust.roots),
            other_certs=[*self._trust.intermediates, *others],
            moment=network.now(),
            allow_fetching=False,
            revocation_mode=mode,
            ocsps=list(ocsps),
            crls=list(crls),
        )

    def _build(
        self,
        certificate: x509.Certificate,
        others: tuple[x509.Certificate, ...],
        key_usage: frozenset[str],
        extended_key_usage: frozenset[str],
    ) -> ValidationPath:
        """Find the chain to a root; what its certificates say of revocation is asked only after it is found."""
        validator = CertificateValidator(certificate, others, self._context((), (), (), "soft-fail"))
        with _worded(certificate):
            path: ValidationPath = offline(validator.async_validate_usage(set(key_usage), set(extended_key_usage)))
            return path

    def _collect(self, subject: _Subject) -> Evidence:
        chain = subject.chain
        start = network.now()
        with _worded(subject.certificate):
            answers = responders.ask(chain, until=min(start + LONGEST, *(each.not_valid_after for each in chain)))
            ocsps, crls = [each.dump() for each in answers.ocsps], [each.dump() for each in answers.crls]
            offline(async_validate_path(self._context([*chain, *answers.responders], ocsps, crls), subject.path))
        evidence = Evidence(
            path=chain,
            certificates=tuple(each.dump() for each in (*chain[:-1], *answers.responders)),
            ocsps=tuple(ocsps),
            crls=tuple(crls),
            good_until=answers.until - MARGIN,
            renew_from=start + (answers.until - start) / 2,
        )
        self._kept[subject.certificate.sha256] = evidence
        return evidence


@contextlib.contextmanager
def _worded(certificate: x509.Certificate) -> Iterator[None]:
    """Turn every failure to prove a certificate into one refusal with its reason."""
    try:
        yield
    except RevokedError as error:
        raise SealingUnavailable(f"「{name_of(certificate)}」の証明書の鎖が失効しています。") from error
    except (responders.NoAnswer, PathError, ValidationError, ValueError) as error:
        reason = _reason(error)
        raise SealingUnavailable(f"「{name_of(certificate)}」の有効性を確認できません（{reason}）。") from error


def _reason(error: Exception) -> str:
    match error:
        case responders.NoAnswer():
            return str(error)
        case ExpiredError():
            return "証明書の期限が切れています"
        case NotYetValidError():
            return "証明書の期間がまだ始まっていません"
        case InsufficientRevinfoError():
            return "失効情報の署名か発行者が正しくありません"
        case _:
            return "信頼するルートまでの鎖を作れません"


class _Patrol:
    """One thread per process that lets the stores renew; a forked child starts its own."""

    def __init__(self) -> None:
        self._stores: weakref.WeakSet[EvidenceStore] = weakref.WeakSet()
        self._thread: threading.Thread | None = None

    def watch(self, store: EvidenceStore) -> None:
        """Remember a store and see that the thread runs; fork leaves a child with the thread ended."""
        self._stores.add(store)
        if self._thread is None or not self._thread.is_alive():
            self._thread = threading.Thread(target=self._walk, name="signing-evidence", daemon=True)
            self._thread.start()

    def _walk(self) -> None:
        while True:
            time.sleep(PATROL_SECONDS)
            self._renew()

    def _renew(self) -> None:
        for store in list(self._stores):
            store.renew()


_patrol = _Patrol()
