"""一つの入れ物（署名かトークン）を作った者を信じてよいかを、証明された時刻について確かめる。"""

from dataclasses import dataclass
from datetime import datetime, timedelta

from signing.results import Problem, Verdict
from signing.verification import algorithms, cms, revocation, store, tokens
from signing.verification.algorithms import Unusable
from signing.verification.certificates import Certificate
from signing.verification.chains import Chain, Untrusted, chain_of
from signing.verification.der import Malformed
from signing.verification.problems import (
    ALTERED,
    CA_REVOKED,
    MALFORMED,
    NO_REVOCATION,
    REVOKED,
    TIME_ORDER,
    TIMESTAMP_EXPIRED,
    USAGE,
    WEAK,
)
from signing.verification.revocation import Evidence
from signing.verification.store import Store

CLOCK_TOLERANCE = timedelta(seconds=60)
MOST_QUESTIONS = 4  # 一つの文書のために、覚えない検査を頼む回数


@dataclass(frozen=True)
class Seal:
    """What one container proved: problems, whether its chain is trusted, whether it lasts (LTV), and when."""

    problems: tuple[Problem, ...]
    chain: Chain = ()
    trusted: bool = False
    ltv: bool = False
    at: datetime | None = None

    @property
    def intact(self) -> bool:
        """Tell whether nothing about it is wrong, though something may be doubtful."""
        return all(each.verdict is not Verdict.INVALID for each in self.problems)


class Judge:
    """Whom to believe: the roots and what the document brings along."""

    def __init__(self, roots: tuple[bytes, ...], found: Store) -> None:
        self._roots = roots
        self._store = found
        self._questions = MOST_QUESTIONS

    def signature(self, signed: cms.Signed, certificate: Certificate, at: datetime) -> Seal:
        """Judge who signed, at the time proven for it."""
        evidence = _joined(self._store.evidence, store.archived(signed))
        return self._seal(signed, certificate, evidence, at, usable=certificate.may_sign)

    def token_over(self, signature: cms.Signed, proven_at: datetime) -> Seal | None:
        """Judge a signature's timestamp, known to exist at `proven_at`; None when there is none."""
        carried = signature.unsigned.get(cms.SIGNATURE_TIMESTAMP, [])
        if not carried:
            return None
        try:
            token = tokens.parse(carried[0].raw)
            certificate = token.signed.certificate(self._store.certificates)
            if token.imprint != algorithms.digest(token.digest_name, signature.signature):
                return Seal((ALTERED.of_token(),))
            token.check(certificate)
        except Unusable as error:
            return Seal((error.problem.of_token(),))
        except (Malformed, ValueError, IndexError):
            return Seal((MALFORMED.of_token(),))
        seal = self.token(token, certificate, proven_at)
        problems = tuple(each.of_token() for each in seal.problems)
        return Seal(problems, seal.chain, seal.trusted, seal.ltv, seal.at)

    def token(self, token: tokens.Token, certificate: Certificate, proven_at: datetime) -> Seal:
        """Judge who issued an intact token, known to exist at `proven_at`."""
        evidence = self._store.evidence
        seal = self._seal(
            token.signed, certificate, evidence, token.at, usable=certificate.may_stamp, stamp_until=proven_at
        )
        problems = list(seal.problems)
        if algorithms.is_weak_digest(token.digest_name):
            problems.append(WEAK)
        # 証明のときに信じられた鎖が、次のタイムスタンプ（なければ今）まで続いていること（EN 319 102-1 5.6）。
        if not all(each.valid_at(proven_at) for each in seal.chain):
            problems.append(TIMESTAMP_EXPIRED)
        if token.at - proven_at > CLOCK_TOLERANCE:
            problems.append(TIME_ORDER)
        return Seal(tuple(dict.fromkeys(problems)), seal.chain, seal.trusted, seal.ltv, token.at)

    def _seal(
        self,
        signed: cms.Signed,
        certificate: Certificate,
        evidence: Evidence,
        at: datetime,
        *,
        usable: bool,
        stamp_until: datetime | None = None,
    ) -> Seal:
        problems = [] if usable else [USAGE]
        if signed.is_weak(certificate):
            problems.append(WEAK)
        try:
            chain = chain_of(certificate, (*signed.certificates, *self._store.certificates), self._roots, at)
        except Untrusted as error:
            return Seal((*problems, error.problem), (certificate,))
        doubt = revocation.problem_of(chain, evidence, at, stamp_until=stamp_until)
        if doubt is NO_REVOCATION and self._questions and revocation.is_unusual(evidence):
            self._questions -= 1
            doubt = revocation.asked_elsewhere(chain, evidence, at)
        if doubt is not None:
            problems.append(doubt)
        trusted = usable and doubt not in {REVOKED, CA_REVOKED}
        return Seal(tuple(problems), chain, trusted=trusted, ltv=doubt is None)


def _joined(one: Evidence, other: Evidence) -> Evidence:
    return Evidence(one.ocsps + other.ocsps, one.crls + other.crls) if other.ocsps or other.crls else one
