"""証明書の鎖を組む。形の検査は pyhanko_certvalidator に任せて覚えておき、有効期間は比べるだけで確かめる。"""

import threading
from collections import defaultdict, deque
from collections.abc import Iterable, Iterator
from datetime import datetime
from itertools import islice

from pyhanko_certvalidator import CertificateValidator, ValidationContext
from pyhanko_certvalidator.errors import (
    DisallowedAlgorithmError,
    ExpiredError,
    NotYetValidError,
    PathBuildingError,
    PathError,
    ValidationError,
)

from signing.offline import offline
from signing.results import Problem
from signing.verification import certificates
from signing.verification.certificates import Certificate
from signing.verification.der import Malformed
from signing.verification.problems import CHAIN, EXPIRED, NO_CHAIN, WEAK

KEPT = 4096
MOST_ISSUERS = 20
MOST_STEPS = 64
MOST_CANDIDATES = 4
LONGEST = 8

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
        above = by_subject.pop(wanted.pop().issuer, [])
        found += above
        wanted += above
    return found[:MOST_ISSUERS]


def _valid(chain: Chain, at: datetime) -> bool:
    return all(each.valid_at(at) for each in chain)


def _built(leaf: Certificate, issuers: list[Certificate], roots: tuple[bytes, ...], at: datetime) -> Chain:
    """Try the shortest chains first; the reason against the first one is the one told."""
    reason: Problem | None = None
    for candidate in islice(_candidates(leaf, [*map(certificates.load, roots), *issuers], roots), MOST_CANDIDATES):
        problem = _fault(candidate, at)
        if problem is None:
            return candidate
        reason = reason or problem
    raise Untrusted(reason or NO_CHAIN)


def _candidates(leaf: Certificate, known: list[Certificate], roots: tuple[bytes, ...]) -> Iterator[Chain]:
    """Yield chains of right signatures; certificates that name each other in circles cost no more than others."""
    waiting: deque[Chain] = deque([(leaf,)])
    steps = 0
    while waiting:
        chain = waiting.popleft()
        if chain[-1].der in roots:
            yield chain
            continue
        keys = {each.key_bits for each in chain}
        for issuer in known:
            if issuer.subject != chain[-1].issuer or issuer.key_bits in keys or len(chain) >= LONGEST:
                continue
            steps += 1
            if steps > MOST_STEPS:
                return
            if issuer.issued(chain[-1]):
                waiting.append((*chain, issuer))


def _fault(chain: Chain, at: datetime) -> Problem | None:
    """Let the library check one chain without revocation (RFC 5280 6.1)."""
    if len(chain) > 1:
        context = ValidationContext(
            trust_roots=[chain[-1].asn1], moment=at, allow_fetching=False, revocation_mode="soft-fail"
        )
        others = [each.asn1 for each in chain[1:-1]]
        validator = CertificateValidator(chain[0].asn1, intermediate_certs=others, validation_context=context)
        try:
            offline(validator.async_validate_path())
        except (PathError, ValidationError) as error:
            return _reason(error)
        except Exception:  # noqa: BLE001 - 崩れた証明書は何種類もの例外になる。どれも「確かめられない」
            return CHAIN
    return None if _valid(chain, at) else EXPIRED


def _reason(error: Exception) -> Problem:
    if isinstance(error, PathBuildingError):
        return NO_CHAIN
    if isinstance(error, ExpiredError | NotYetValidError):
        return EXPIRED
    return WEAK if isinstance(error, DisallowedAlgorithmError) else CHAIN
