"""失効と鎖の判断は、証拠の署名、範囲、時刻に従う。"""

from collections.abc import Callable
from datetime import timedelta

import pytest
from cryptography import x509
from cryptography.x509.oid import ExtendedKeyUsageOID

from signing.verification import chains
from signing.verification.certificates import Certificate
from signing.verification.chains import Chain, Untrusted, chain_of
from signing.verification.revocation import Evidence, asked_elsewhere, is_unusual, problem_of

from .little_pki import CRL_URL, DAY, START, YEAR, Party, points, responder, scope

ROOT = Party("Root", authority=True, years=30)
CA = Party("CA", ROOT, authority=True)
SIGNER = Party("Signer", CA, points(CRL_URL), years=2)
STRANGER = Party("CA", authority=True)
NOCHECK = responder("Responder", CA, x509.OCSPNoCheck())
DELEGATE = responder("Responder without nocheck", CA)
FALSE_DELEGATE = responder("Responder of a namesake", STRANGER, x509.OCSPNoCheck())
OLD_DELEGATE = responder("Old responder", CA, x509.OCSPNoCheck(), days=1)
ROOT_CRL = ROOT.crl(days=300)
NOW = START + 5 * DAY
OTHER_URL = x509.UniformResourceIdentifier("http://crl.example.jp/other.crl")
Make = Callable[[], Evidence]


@pytest.fixture(scope="module")
def chain() -> Chain:
    return chain_of(SIGNER.certificate, [CA.der], (ROOT.der,), NOW)


def crls(*lists: bytes) -> Evidence:
    return Evidence(crls=(ROOT_CRL, *lists))


def answers(*responses: bytes, lists: tuple[bytes, ...] = ()) -> Evidence:
    return Evidence(ocsps=responses, crls=(ROOT_CRL, *lists))


def limited(**limits: object) -> Evidence:
    return crls(CA.crl(since=NOW, extensions=(scope(None, **limits),)))


def forged(answer: bytes) -> bytes:
    """Make an answer last a day longer."""
    until = NOW + DAY
    assert f"{until:%Y%m%d}".encode() in answer
    return answer.replace(f"{until:%Y%m%d}".encode(), f"{until + DAY:%Y%m%d}".encode())


LATER = NOW + DAY
CASES: dict[str, tuple[Evidence, str | None]] = {
    "a fresh list": (crls(CA.crl(since=NOW - DAY)), None),
    "a list issued later": (crls(CA.crl(since=LATER)), None),
    "a list that had ended": (crls(CA.crl(since=START, days=3)), "no_revocation"),
    "a list from after the certificate's end": (crls(CA.crl(since=START + 3 * YEAR)), "no_revocation"),
    "nothing": (Evidence(), "no_revocation"),
    "nothing of the authority": (Evidence(crls=(CA.crl(since=NOW),)), "no_revocation"),
    "revoked before": (crls(CA.crl((SIGNER, NOW - DAY, None), since=NOW)), "revoked"),
    "revoked later": (crls(CA.crl((SIGNER, LATER, None), since=LATER)), None),
    "the authority revoked": (
        Evidence(crls=(ROOT.crl((CA, NOW - DAY, None), since=NOW), CA.crl(since=NOW))),
        "ca_revoked",
    ),
    "signed by a namesake": (crls(CA.crl(since=NOW, by=STRANGER)), "no_revocation"),
    "this distribution point": (crls(CA.crl(since=NOW, extensions=(scope(),))), None),
    "another distribution point": (crls(CA.crl(since=NOW, extensions=(scope(OTHER_URL),))), "no_revocation"),
    "only authorities": (limited(only_contains_ca_certs=True), "no_revocation"),
    "only users": (limited(only_contains_user_certs=True), None),
    "only some reasons": (
        limited(only_some_reasons=frozenset([x509.ReasonFlags.key_compromise])), "no_revocation",
    ),
    "a partial list": (crls(CA.crl(since=NOW, extensions=(x509.DeltaCRLIndicator(1),))), "no_revocation"),
    "garbage": (Evidence(ocsps=(b"\x30\x03\x0a\x01\x00",), crls=(b"\x30\x00", ROOT_CRL)), "no_revocation"),
    "an answer of the issuer": (answers(CA.answer(SIGNER, since=NOW)), None),
    "an answer whose words were changed": (answers(forged(CA.answer(SIGNER, since=NOW))), "no_revocation"),
    "an answer that had ended": (answers(CA.answer(SIGNER, since=START)), "no_revocation"),
    "an answer about another": (answers(CA.answer(NOCHECK, since=NOW)), "no_revocation"),
    "an answer that says revoked": (answers(CA.answer(SIGNER, since=NOW, revoked_at=NOW - DAY)), "revoked"),
    "an answer of a delegate": (answers(CA.answer(SIGNER, since=NOW, by=NOCHECK, carried=(NOCHECK,))), None),
    "an answer of a delegate that is not there": (answers(CA.answer(SIGNER, since=NOW, by=NOCHECK)), "no_revocation"),
    "an answer of somebody the issuer did not appoint": (
        answers(CA.answer(SIGNER, since=NOW, by=SIGNER, carried=(SIGNER,))),
        "no_revocation",
    ),
    "an answer of somebody else's delegate": (
        answers(CA.answer(SIGNER, since=NOW, by=FALSE_DELEGATE, carried=(FALSE_DELEGATE,))),
        "no_revocation",
    ),
    "an answer of a delegate whose time is over": (
        answers(CA.answer(SIGNER, since=NOW, by=OLD_DELEGATE, carried=(OLD_DELEGATE,))),
        "no_revocation",
    ),
    "an answer of a stranger": (
        answers(CA.answer(SIGNER, since=NOW, by=STRANGER, carried=(STRANGER,))),
        "no_revocation",
    ),
    "an answer of a delegate whose own standing is listed": (
        answers(CA.answer(SIGNER, since=NOW, by=DELEGATE, carried=(DELEGATE,)), lists=(CA.crl(since=START),)),
        None,
    ),
    "an answer of a delegate of unknown standing": (
        answers(CA.answer(SIGNER, since=NOW, by=DELEGATE, carried=(DELEGATE,))),
        "no_revocation",
    ),
}  # fmt: skip


@pytest.mark.parametrize("case", CASES)
def test_evidence_counts_by_its_signature_its_scope_and_its_time(case: str, chain: Chain):
    evidence, expected = CASES[case]

    problem = problem_of(chain, evidence, NOW)

    assert (problem.code if problem is not None else None) == expected


def test_lists_of_an_unusual_kind_are_left_to_the_library(chain: Chain):
    """One list speaks of some reasons only, another of the rest."""
    some = frozenset([x509.ReasonFlags.key_compromise, x509.ReasonFlags.ca_compromise])
    rest = frozenset(set(x509.ReasonFlags) - some - {x509.ReasonFlags.unspecified, x509.ReasonFlags.remove_from_crl})
    both = crls(*(CA.crl(since=NOW, extensions=(scope(only_some_reasons=each),)) for each in (some, rest)))
    revoked = crls(CA.crl((SIGNER, NOW - DAY, None), since=NOW, extensions=(scope(only_some_reasons=some),)))

    assert is_unusual(both)
    assert asked_elsewhere(chain, both, NOW) is None
    assert asked_elsewhere(chain, revoked, NOW).code == "revoked"
    assert asked_elsewhere(chain, crls(), NOW).code == "no_revocation"
    assert not is_unusual(crls(CA.crl(since=NOW, extensions=(scope(),))))


def test_an_answer_of_a_revoked_delegate_does_not_count(chain: Chain):
    revoked = Party("CA 2", ROOT, authority=True)
    signer, delegate = Party("Signer", revoked), responder("Delegate", revoked)
    own = chain_of(signer.certificate, [revoked.der], (ROOT.der,), NOW)
    answer = revoked.answer(signer, since=NOW, by=delegate, carried=(delegate,))
    listed = revoked.crl((delegate, START, None), since=START, days=2)

    problem = problem_of(own, answers(answer, lists=(listed,)), NOW)

    assert problem is not None
    assert problem.code == "no_revocation"


@pytest.mark.parametrize(
    ("reason", "expected"),
    [
        (None, "revoked"),
        (x509.ReasonFlags.key_compromise, "revoked"),
        (x509.ReasonFlags.superseded, None),
        (x509.ReasonFlags.cessation_of_operation, None),
    ],
)
def test_a_stamp_of_a_key_that_was_lost_later_counts_only_while_a_next_stamp_vouches(
    reason: x509.ReasonFlags | None, expected: str | None, chain: Chain
):
    """RFC 3161 4.1."""
    evidence = crls(CA.crl((SIGNER, LATER, reason), since=LATER))

    until_after = problem_of(chain, evidence, NOW, stamp_until=LATER + DAY)
    until_before = problem_of(chain, evidence, NOW, stamp_until=LATER - timedelta(hours=1))

    assert (until_after.code if until_after is not None else None) == expected
    assert until_before is None


def test_a_chain_is_checked_in_form_once_and_in_time_always(monkeypatch: pytest.MonkeyPatch):
    asked = []
    built = chains._built
    monkeypatch.setattr(chains, "_built", lambda *given: asked.append(given) or built(*given))
    signer = Party("Another signer", CA, years=2)

    for at in (NOW, NOW + DAY, NOW + YEAR):
        assert len(chain_of(signer.certificate, [CA.der, STRANGER.der], (ROOT.der,), at)) == 3
    assert len(asked) == 1
    with pytest.raises(Untrusted) as untrusted:
        chain_of(signer.certificate, [CA.der, STRANGER.der], (ROOT.der,), NOW + 3 * YEAR)
    assert untrusted.value.problem.code == "expired"


def test_a_chain_needs_its_issuers_and_a_root(monkeypatch: pytest.MonkeyPatch):
    for others, root in (([], ROOT), ([CA.der], STRANGER), ([STRANGER.der, b"junk"], ROOT)):
        with pytest.raises(Untrusted) as untrusted:
            chain_of(SIGNER.certificate, others, (root.der,), NOW)
        assert untrusted.value.problem.code == "no_chain"


def test_certificates_that_certify_each_other_in_circles_cost_no_more_than_others(monkeypatch: pytest.MonkeyPatch):
    """A path builder that tries every order of them would take hours."""
    tried = []
    issued = Certificate.issued
    monkeypatch.setattr(Certificate, "issued", lambda own, other: tried.append(own) or issued(own, other))
    parties = [Party("Circle", authority=True) for _n in range(6)]
    circle = [one.twin(other, authority=True) for one in parties for other in parties if one is not other]
    leaf = Party("Leaf", parties[0])

    with pytest.raises(Untrusted) as untrusted:
        chain_of(leaf.certificate, circle, (ROOT.der,), NOW)

    assert untrusted.value.problem.code == "no_chain"
    assert len(tried) <= chains.MOST_STEPS


def test_an_issuer_that_may_not_issue_makes_no_chain():
    below = Party("Below", SIGNER)

    with pytest.raises(Untrusted) as untrusted:
        chain_of(below.certificate, [SIGNER.der, CA.der], (ROOT.der,), NOW)

    assert untrusted.value.problem.code == "chain"


@pytest.mark.parametrize(
    ("purposes", "signs", "stamps"),
    [
        ([], True, False),
        ([ExtendedKeyUsageOID.EMAIL_PROTECTION], True, False),
        ([ExtendedKeyUsageOID.SERVER_AUTH], False, False),
        ([ExtendedKeyUsageOID.TIME_STAMPING], False, True),
        ([ExtendedKeyUsageOID.TIME_STAMPING, ExtendedKeyUsageOID.EMAIL_PROTECTION], True, False),
        ([ExtendedKeyUsageOID.OCSP_SIGNING], False, False),
    ],
)
def test_a_certificate_does_only_what_it_is_for(purposes: list, signs: bool, stamps: bool):
    own = Party("Somebody", CA, *([x509.ExtendedKeyUsage(purposes)] if purposes else [])).certificate

    assert (own.may_sign, own.may_stamp) == (signs, stamps)
