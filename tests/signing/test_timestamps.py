"""タイムスタンプ局が間違えても、間違いは契約に届かない。"""

import hashlib
import io
import socket
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pikepdf
import pytest
from asn1crypto import tsp

from config.embedded import pki as authority
from outgoing import client
from signing.refusals import SealingUnavailable
from signing.timestamps import Entry, TimestampAuthorities, TimestampAuthority, TimestampUnusable
from signing.timestamps.tokens import Question, Reply
from signing.trust import Trust, read_certificates
from signing.verification import verify

from .conftest import Grown, approval, approve, free_port, sealer_of
from .faulty_tsa import FaultyTsa, running

FAULTS = {
    "imprint": "別の文書",
    "nonce": "別の要求",
    "no_nonce": "別の要求",
    "broken_signature": "署名が正しくありません",
    "another_certificate": "署名が正しくありません",
    "no_certificate": "発行者の証明書がありません",
    "sha1": "sha1）を認めていません",
    "purpose": "タイムスタンプ用ではありません",
    "expired": "期限が切れています",
    "fast": "60秒",
    "slow": "60秒",
    "http500": "HTTP 500",
    "redirect": "HTTP 302",
    "html": "タイムスタンプではない応答",
    "garbage": "形が正しくありません",
    "empty": "形が正しくありません",
    "truncated": "形が正しくありません",
    "rejected": "断られました（rejection）",
    "rejected_because": r"断られました（rejection・bad_alg・契約の上限\[31mです）",
    "huge": "大きすぎます",
    "endless": "大きすぎます",
    "cut": "途中で切れました",
    "reset": "接続できません",
    "hang": "秒以内に応答がありません",
    "drip": "秒以内に応答がありません",
    "drip_head": "秒以内に応答がありません",
}
SLOW = {"hang", "drip", "drip_head"}


@pytest.fixture(scope="module")
def running_tsa(pki: authority.PkiPaths) -> Iterator[FaultyTsa]:
    with running(pki) as tsa:
        yield tsa


@pytest.fixture
def faulty(running_tsa: FaultyTsa) -> FaultyTsa:
    running_tsa.forget()
    return running_tsa


@pytest.fixture(autouse=True)
def impatient(monkeypatch: pytest.MonkeyPatch, request: pytest.FixtureRequest) -> None:
    if getattr(request.node, "callspec", None) and request.node.callspec.params.get("fault") in SLOW:
        monkeypatch.setattr(client, "TIMEOUT_SECONDS", 1.0)


def authorities_of(paths: authority.PkiPaths, *entries: Entry | str) -> TimestampAuthorities:
    return TimestampAuthorities(entries, trust=Trust.load([paths.trust_roots], [paths.chain]))


def authority_of(paths: authority.PkiPaths, entry: Entry | str) -> TimestampAuthority:
    return authorities_of(paths, entry).in_order()[0]


def fingerprint(paths: authority.PkiPaths, which: str) -> str:
    certificates = {str(each.subject.native["common_name"]): each for each in read_certificates([paths.chain])}
    return next(each.sha256.hex() for name, each in certificates.items() if which in name)


# 間違った答え -------------------------------------------------------------------------------


@pytest.mark.parametrize("fault", FAULTS)
def test_a_wrong_answer_seals_nothing_and_is_named(
    fault: str, faulty: FaultyTsa, pki: authority.PkiPaths, contract: bytes
):
    sealer = sealer_of(pki, faulty.url(fault))

    with pytest.raises(SealingUnavailable, match=f"127.0.0.1: .*{FAULTS[fault]}"):
        sealer.approve(contract, approval(), final=False)


@pytest.mark.parametrize("fault", FAULTS)
def test_the_second_authority_answers_for_the_first(
    fault: str, faulty: FaultyTsa, pki: authority.PkiPaths, trust: Trust, approved: Grown
):
    sealer = sealer_of(pki, faulty.url(fault), pki.tsa_url)

    sealed = approve(sealer, approved.pdf, approval(1), final=True)

    report = verify(sealed.pdf, trust=trust, expected_fields=["FIELD_2336416_0", "FIELD_2336416_1"])
    assert (report.verdict, report.level) == ("VALID", "PAdES-B-LTA")


@pytest.mark.parametrize("fault", ["huge", "endless"])
def test_a_flood_is_not_read(fault: str, faulty: FaultyTsa, pki: authority.PkiPaths):
    with pytest.raises(TimestampUnusable):
        authority_of(pki, faulty.url(fault)).stamp(bytes(32))

    assert faulty.sent < 20_000_000


def test_a_number_given_twice_is_refused(faulty: FaultyTsa, pki: authority.PkiPaths):
    tsa = authority_of(pki, faulty.url("repeated"))
    tsa.stamp(bytes(32))

    with pytest.raises(TimestampUnusable, match="同じ番号"):
        tsa.stamp(bytes(32))


def test_an_answer_cut_or_bent_anywhere_is_refused_and_nothing_else_happens(faulty: FaultyTsa):
    question = Question.about(bytes(32))
    answer = faulty.token(tsp.TimeStampReq.load(question.der), "ok")
    sound = Reply(answer, question)
    sound.signed_by(None)

    for at in range(0, len(answer), 7):
        bent = answer[:at] + bytes([answer[at] ^ 0x20]) + answer[at + 1 :]
        for wrong in (bent, answer[:at]):
            try:
                reply = Reply(wrong, question)
                signer = reply.signed_by(None)
            except TimestampUnusable:
                continue
            # 変わったのは署名の外（添えられた CA の証明書など）: 署名者も、その語ることも変わっていない
            assert signer.certificate.sha256 == faulty.certificates[0].sha256
            assert (reply.at, reply.serial) == (sound.at, sound.serial)


def test_granted_with_modifications_is_granted(faulty: FaultyTsa, pki: authority.PkiPaths, contract: bytes):
    assert sealer_of(pki, faulty.url("mods")).approve(contract, approval(), final=False).size > len(contract)


def test_an_authority_under_a_root_we_do_not_trust_is_refused(
    stranger: authority.PkiPaths, pki: authority.PkiPaths, contract: bytes
):
    with running(stranger) as tsa, pytest.raises(SealingUnavailable, match="ルートまでの鎖を作れません"):
        sealer_of(pki, tsa.url("ok")).approve(contract, approval(), final=False)


def test_an_unreachable_authority_is_named(pki: authority.PkiPaths, contract: bytes):
    with pytest.raises(SealingUnavailable, match="接続できません"):
        sealer_of(pki, f"http://127.0.0.1:{free_port()}/").approve(contract, approval(), final=False)


# 設定で固定するもの ---------------------------------------------------------------------------


def test_only_the_policy_agreed_on_is_taken(faulty: FaultyTsa, pki: authority.PkiPaths):
    authority_of(pki, Entry(faulty.url("ok"), policy="1.3.6.1.4.1.4146.2.3")).stamp(bytes(32))

    with pytest.raises(TimestampUnusable, match="ポリシー"):
        authority_of(pki, Entry(faulty.url("ok"), policy="1.2.392.200127.1")).stamp(bytes(32))


def test_only_the_certificate_or_issuer_agreed_on_is_taken(faulty: FaultyTsa, pki: authority.PkiPaths):
    own, issuer = faulty.certificates[0].sha256, bytes.fromhex(fingerprint(pki, "Time Stamping"))
    both = Entry(faulty.url("ok"), certificates=frozenset({own}), issuers=frozenset({issuer}))
    authority_of(pki, both).stamp(bytes(32))

    with pytest.raises(TimestampUnusable, match="証明書が、設定した指紋"):
        authority_of(pki, Entry(faulty.url("ok"), certificates=frozenset({issuer}))).stamp(bytes(32))
    with pytest.raises(TimestampUnusable, match="認証局が、設定した指紋"):
        authority_of(pki, Entry(faulty.url("ok"), issuers=frozenset({own}))).stamp(bytes(32))


def test_the_imprint_can_be_sha512(pki: authority.PkiPaths):
    tsa = authority_of(pki, Entry(pki.tsa_url, hash="sha512"))

    content = tsa.stamp(bytes(64)).content["content"]["encap_content_info"]["content"].parsed

    assert tsa.hash == "sha512"
    assert content["message_imprint"]["hash_algorithm"]["algorithm"].native == "sha512"


def test_the_token_says_who_answered_and_whether_it_is_accredited(pki: authority.PkiPaths):
    plain = authority_of(pki, pki.tsa_url).stamp(bytes(32))
    named = authority_of(pki, Entry(pki.tsa_url, name="認定局", accredited=True)).stamp(bytes(32))

    assert (plain.authority, named.authority) == ("Musubi Timestamp Service", "認定局（総務大臣認定）")


# 順と休み -----------------------------------------------------------------------------------


def test_an_authority_that_failed_is_not_asked_again_until_it_has_rested(
    faulty: FaultyTsa, pki: authority.PkiPaths, contract: bytes
):
    sealer = sealer_of(pki, faulty.url("http500"), pki.tsa_url)
    sealer.approve(contract, approval(), final=False)
    faulty.asked.clear()

    sealer.approve(contract, approval(), final=False)

    assert faulty.asked == []


def test_when_all_rest_nobody_is_asked_and_the_last_reason_is_told(faulty: FaultyTsa, pki: authority.PkiPaths):
    authorities = authorities_of(pki, Entry(faulty.url("http500"), name="甲局"), Entry(faulty.url("html"), name="乙局"))
    reasons = "甲局: HTTP 500 が返りました／乙局: タイムスタンプではない応答が返りました"
    for _time in range(2):
        with pytest.raises(SealingUnavailable, match=reasons):
            authorities.stamp(bytes(32))

    assert faulty.asked == ["http500", "html"]


def test_after_its_rest_one_question_shows_that_it_is_well_again(
    faulty: FaultyTsa, pki: authority.PkiPaths, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr("signing.timestamps.breaker.FIRST_REST_SECONDS", 0.0)
    authorities = authorities_of(pki, Entry(faulty.url("ok"), name="甲局"), Entry(pki.tsa_url, name="乙局"))
    faulty.broken = True
    authorities.stamp(bytes(32))
    faulty.broken = False
    faulty.asked.clear()

    authorities.stamp(bytes(32))
    authorities.stamp(bytes(32))

    assert faulty.asked == ["ok", "ok"]


# 証明書の交代 ---------------------------------------------------------------------------------


def test_a_certificate_that_changes_between_evidence_and_token_is_covered_by_the_evidence_embedded(
    faulty: FaultyTsa, pki: authority.PkiPaths, trust: Trust, contract: bytes
):
    sealer = sealer_of(pki, faulty.url("ok"))
    approved = approve(sealer, contract, approval(), final=False)
    faulty.renew()

    sealed = approve(sealer, approved.pdf, approval(1), final=True)

    report = verify(sealed.pdf, trust=trust)
    assert (report.verdict, report.level) == ("VALID", "PAdES-B-LTA")
    assert {each.dump() for each in faulty.certificates} <= _evidence(sealed.pdf)


def test_an_authority_that_changes_its_certificate_at_every_question_is_left_for_the_next(
    faulty: FaultyTsa, pki: authority.PkiPaths, contract: bytes
):
    with pytest.raises(SealingUnavailable, match="要求のたびに変わります"):
        sealer_of(pki, faulty.url("rotating")).approve(contract, approval(), final=False)


def _evidence(pdf: bytes) -> set[bytes]:
    with pikepdf.open(io.BytesIO(pdf)) as document:
        return {each.read_bytes() for each in document.Root.DSS.Certs}


# つなぎ -------------------------------------------------------------------------------------


def test_one_connection_serves_every_question(faulty: FaultyTsa, pki: authority.PkiPaths):
    tsa = authority_of(pki, faulty.url("ok"))

    for number in range(5):
        tsa.stamp(hashlib.sha256(bytes([number])).digest())

    assert len(faulty.connections) == 1


def test_a_contract_costs_three_questions_and_no_new_connection_once_warm(
    faulty: FaultyTsa, pki: authority.PkiPaths, contract: bytes, monkeypatch: pytest.MonkeyPatch
):
    sealer = sealer_of(pki, faulty.url("ok"))
    sealer.approve(contract, approval(), final=False)
    faulty.asked.clear()
    monkeypatch.setattr(socket, "create_connection", lambda *_where: pytest.fail("a new connection"))

    once = approve(sealer, contract, approval(), final=False)
    approve(sealer, once.pdf, approval(1), final=True)

    assert faulty.asked == ["ok"] * 3  # 承認二つと、文書タイムスタンプ。OCSP も CRL も、つなぎごと増えない


def test_a_signature_is_stamped_with_the_hash_its_authority_prefers(
    faulty: FaultyTsa, pki: authority.PkiPaths, trust: Trust, contract: bytes
):
    preferring = Entry(faulty.url("ok"), hash="sha512")

    sealed = approve(sealer_of(pki, preferring), contract, approval(), final=True)

    assert faulty.imprints == ["sha512", "sha512", "sha256"]  # 証明書を知る一問、署名、文書タイムスタンプ
    assert verify(sealed.pdf, trust=trust).verdict == "VALID"


def test_a_connection_the_other_side_has_closed_is_replaced(faulty: FaultyTsa, pki: authority.PkiPaths):
    tsa = authority_of(pki, faulty.url("ok"))
    tsa.stamp(bytes(32))
    for each in list(faulty.connections):
        each._loop.call_soon_threadsafe(each.abort)

    tsa.stamp(bytes(32))

    assert len(faulty.connections) == 2


def test_a_digest_can_be_stamped_by_itself_and_openssl_agrees(pki: authority.PkiPaths, tmp_path: Path):
    digest = hashlib.sha256(b"head of the journal").digest()

    token = tmp_path / "token.der"
    token.write_bytes(authorities_of(pki, pki.tsa_url).stamp(digest))

    checks = ["-digest", digest.hex(), "-CAfile", str(pki.trust_roots), "-untrusted", str(pki.chain)]
    subprocess.run(["openssl", "ts", "-verify", "-in", str(token), "-token_in", *checks], check=True)


def test_without_an_authority_nothing_is_stamped(trust: Trust):
    with pytest.raises(SealingUnavailable, match="設定されていません"):
        TimestampAuthorities([], trust=trust).stamp(bytes(32))
