"""署名の外に置かれたタイムスタンプを、時刻認証局の鎖まで確かめる。"""

from signing.results import Problem
from signing.trust import Trust
from signing.verification import algorithms, tokens
from signing.verification.algorithms import Unusable
from signing.verification.chains import Untrusted, chain_of
from signing.verification.der import Malformed
from signing.verification.problems import ALTERED, MALFORMED, USAGE, WEAK


def token_problem(token: bytes, digest: bytes, *, trust: Trust) -> Problem | None:
    """Say what does not hold in a token (RFC 3161, DER) over a digest; None when it leads to a trusted root.

    The chain is judged at the time told: what is attested anew before its certificate ends stays attested.
    """
    try:
        stamp = tokens.parse(token)
        certificate = stamp.signed.certificate()
        if stamp.imprint != digest:
            return ALTERED
        stamp.check(certificate)
        helping = (*stamp.signed.certificates, *(each.dump() for each in trust.intermediates))
        chain_of(certificate, helping, tuple(each.dump() for each in trust.roots), stamp.at)
    except (Unusable, Untrusted) as error:
        return error.problem
    except (Malformed, ValueError, IndexError):
        return MALFORMED
    if not certificate.may_stamp:
        return USAGE
    return WEAK if algorithms.is_weak_digest(stamp.digest_name) else None
