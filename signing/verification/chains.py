"""証明書の鎖を組む。形の検査は pyhanko_certvalidator に任せて覚えておき、有効期間は比べるだけで確かめる。"""

import threading
from collections import defaultdict
from collections.abc import Iterable
from datetime import datetime

from asn1crypto import x509 as asn1
from pyhanko_certvalidator import CertificateValidator, ValidationContext
from pyhanko_certvalidator.errors import (
    DisallowedAlgorithmError,
    ExpiredError,
    NotYetValidError,
    PathBuildingError,
    PathError,
    ValidationError,
)
from pyhanko_certvalidator.path import ValidationPath

from signing.offline import offline
from signing.results import Problem
from signing.verification import certificates
from signing.verification.certificates import Certificate
from signing.verification.der import Malformed
from signing.verification.problems import CHAIN, EXPIRED, NO_CHAIN, WEAK

KEPT = 4096
MOST_ISSUERS = 20

Chain = tuple[Certificate, ...]
Key = tuple[bytes, frozenset[bytes], tuple[bytes, ...]]


class Untrusted(Exception):
    """No chain leads to a trusted root; `problem` says why."""

    def __init__(self, problem: Problem) -> None:
        super().__init__(problem)
        self.problem = problem


class _Memory:
    """Chains already found to be sound in form; safe to share between threads."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._kept: dict[Key, Chain] = {}

    def get(self, key: Key) -> Chain | None:
        return self._kept.get(key)

    def keep(self, key: Key, chain: Chain) -> None:
        with self._lock:
            if len(self._kept) >= KEPT:
                self._kept.pop(next(iter(self._kept)))
            self._kept[key] = chain


_memory = _Memory()


def chain_of(leaf: Certificate, others: Iterable[bytes], roots: tuple[bytes, ...], at: datetime) -> Chain:
    """Return the chain from a certificate to a root, all valid at a moment; raises Untrusted."""
    issuers = _issuers(leaf, others)
    key = (leaf.der, frozenset(each.der for each in issuers), roots)
    known = _memory.get(key)
    if known is None or not _valid(known, at):
        known = _built(leaf, issuers, roots, at)
        _memory.keep(key, known)
    return known


def _issuers(leaf: Certificate, others: Iterable[bytes]) -> list[Certificate]:
    """Return those of the others whose names lead up from the leaf: the rest cannot change the answer."""
    by_subject: dict[bytes, list[Certificate]] = defaultdict(list)
    for der in others:
        try:
            candidate = certificates.load(der)
        except Malformed:
            continue  # 読めない証明書は、鎖の役に立たないだけ
        by_subject[candidate.subject].append(candidate)
    found: list[Certificate] = []
    wanted = [leaf]
    while wanted and len(found) < MOST_ISSUERS:
        above = [each for each in by_subject.pop(wanted.pop().issuer, []) if each is not leaf]
        found += above
        wanted += above
    return found[:MOST_ISSUERS]


def _valid(chain: Chain, at: datetime) -> bool:
    return all(each.valid_at(at) for each in chain)


def _built(leaf: Certificate, issuers: list[Certificate], roots: tuple[bytes, ...], at: datetime) -> Chain:
    context = ValidationContext(
        trust_roots=[certificates.load(each).asn1 for each in roots],
        moment=at,
        allow_fetching=False,
        revocation_mode="soft-fail",
    )
    validator = CertificateValidator(
        leaf.asn1, intermediate_certs=[each.asn1 for each in issuers], validation_context=context
    )
    try:
        chain = links(offline(validator.async_validate_path()))
    except (PathError, ValidationError) as error:
        raise Untrusted(_reason(error)) from error
    except Exception as error:  # 崩れた証明書は何種類もの例外になる。どれも「確かめられない」
        raise Untrusted(CHAIN) from error
    if not _valid(chain, at):
        raise Untrusted(EXPIRED)
    return chain


def links(path: ValidationPath) -> Chain:
    """Return a path's certificates from the signer to the root."""
    found = [each for each in path if isinstance(each, asn1.Certificate)]
    return tuple(certificates.load(each.dump()) for each in reversed(found))


def _reason(error: Exception) -> Problem:
    if isinstance(error, PathBuildingError):
        return NO_CHAIN
    if isinstance(error, ExpiredError | NotYetValidError):
        return EXPIRED
    return WEAK if isinstance(error, DisallowedAlgorithmError) else CHAIN
