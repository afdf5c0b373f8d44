"""失効していないことを示せない証明書では、署名もタイムスタンプもしない。示せるものは、切れる前に裏で取り直す。"""

import gc
import multiprocessing
import subprocess
import threading
import time
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from asn1crypto import ocsp, x509
from cryptography.hazmat.primitives.serialization import Encoding

from outgoing import client
from signing import network, revocation
from signing.refusals import SealingUnavailable
from signing.revocation import Evidence, EvidenceStore

from .faulty_responders import Authority, answering, parsed

UNSIGNED = "署名か発行者が正しくありません"
OCSP_FAULTS = {
    "down": "OCSP: HTTP 503",
    "hang": "秒以内に応答がありません",
    "garbage": "OCSP: 応答の形が正しくありません",
    "huge": "OCSP: 応答が大きすぎます",
    "try_later": r"答えを断られました（try_later）",
    "unknown": "知らないと答えました",
    "another": "別の証明書についての答え",
    "stale": "期限が切れています",
    "future": "先の日付",
    "forged": UNSIGNED,
    "stranger": "任されていません",
    "unappointed": UNSIGNED,
    "unproven_alone": "「responder」の証明書に OCSP も CRL も",
    "revoked": "失効しています",
}
CRL_FAULTS = {
    "down": "CRL: HTTP 503",
    "garbage": "CRL: 応答の形が正しくありません",
    "huge": "CRL: 応答が大きすぎます",
    "stale": "期限が切れています",
    "forged": UNSIGNED,
    "of_another": UNSIGNED,
}


@pytest.fixture
def authority() -> Iterator[Authority]:
    with answering() as made:
        yield made


@pytest.fixture(autouse=True)
def impatient(monkeypatch: pytest.MonkeyPatch, request: pytest.FixtureRequest) -> None:
    if "hang" in request.node.name:
        monkeypatch.setattr(client, "TIMEOUT_SECONDS", 1.0)


class Clock:
    """A clock that tests turn forward; the authority reads the same one."""

    def __init__(self) -> None:
        self.shift = timedelta(0)
        self._now = network.now

    def __call__(self) -> datetime:
        return self._now() + self.shift


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    made = Clock()
    monkeypatch.setattr(network, "now", made)
    return made


def commons(certificates: Iterator[x509.Certificate] | tuple[x509.Certificate, ...]) -> list[str]:
    return [each.subject.native["common_name"] for each in certificates]


def certificates(evidence: Evidence) -> list[str]:
    return commons(tuple(map(x509.Certificate.load, evidence.certificates)))


# 集めるもの ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("mode", "crls", "expected"),
    [
        ("good", 1, ["leaf", "ca", "responder"]),  # 任された応答者。nocheck なので、その証明は要らない
        ("direct", 1, ["leaf", "ca"]),  # CA が自ら答える
        ("unproven", 2, ["leaf", "ca", "responder"]),  # nocheck がないので、応答者の失効も CRL で示す
        ("endless", 1, ["leaf", "ca", "responder"]),
    ],
)
def test_the_evidence_holds_the_chain_the_answers_and_the_responders(
    mode: str, crls: int, expected: list[str], authority: Authority
):
    authority.ocsp = mode

    evidence = EvidenceStore(authority.trust).of(parsed(authority.leaf()))

    assert commons(evidence.path) == ["leaf", "ca", "root"]
    assert certificates(evidence) == expected
    assert (len(evidence.ocsps), len(evidence.crls)) == (1, crls)


def test_openssl_agrees_with_the_answer_that_is_kept(authority: Authority, tmp_path: Path):
    leaf = authority.leaf()
    evidence = EvidenceStore(authority.trust).of(parsed(leaf))
    for name, certificate in {"root": authority.root, "ca": authority.ca, "leaf": leaf}.items():
        (tmp_path / f"{name}.pem").write_bytes(certificate.public_bytes(Encoding.PEM))
    (tmp_path / "answer.der").write_bytes(evidence.ocsps[0])
    command = "openssl ocsp -respin answer.der -issuer ca.pem -cert leaf.pem -CAfile root.pem -verify_other ca.pem"

    answer = subprocess.run(command.split(), cwd=tmp_path, capture_output=True, text=True, check=True)

    assert "Response verify OK" in answer.stderr
    assert "leaf.pem: good" in answer.stdout


def test_an_answer_that_never_ends_is_kept_for_half_an_hour_at_most(authority: Authority):
    authority.ocsp = "endless"

    evidence = EvidenceStore(authority.trust).of(parsed(authority.leaf()))

    single = ocsp.OCSPResponse.load(evidence.ocsps[0]).response_data["responses"][0]
    assert single["next_update"].native is None
    assert evidence.good_until <= network.now() + timedelta(minutes=30)


# 示せないとき -------------------------------------------------------------------------------


@pytest.mark.parametrize("fault", OCSP_FAULTS)
def test_a_fault_of_ocsp_is_named_and_nothing_is_proven(fault: str, authority: Authority):
    authority.ocsp = fault

    with pytest.raises(SealingUnavailable, match=OCSP_FAULTS[fault]):
        EvidenceStore(authority.trust).of(parsed(authority.leaf(crl=None)))


@pytest.mark.parametrize("fault", CRL_FAULTS)
def test_a_fault_of_a_crl_is_named_and_nothing_is_proven(fault: str, authority: Authority):
    authority.crl = fault

    with pytest.raises(SealingUnavailable, match=CRL_FAULTS[fault]):
        EvidenceStore(authority.trust).of(parsed(authority.leaf(ocsp=None)))


def test_a_certificate_on_the_crl_is_revoked(authority: Authority):
    leaf = authority.leaf(ocsp=None)
    authority.crl = f"revoked:{leaf.serial_number}"

    with pytest.raises(SealingUnavailable, match="失効しています"):
        EvidenceStore(authority.trust).of(parsed(leaf))


@pytest.mark.parametrize("fault", ["down", "try_later", "stale", "garbage"])
def test_the_crl_stands_in_for_an_ocsp_responder_that_fails(fault: str, authority: Authority):
    authority.ocsp = fault

    evidence = EvidenceStore(authority.trust).of(parsed(authority.leaf()))

    assert (len(evidence.ocsps), len(evidence.crls)) == (0, 2)


def test_both_reasons_are_told_when_both_fail(authority: Authority):
    authority.ocsp, authority.crl = "try_later", "down"

    with pytest.raises(SealingUnavailable, match=r"「leaf」の有効性を確認できません（OCSP: .*／CRL: "):
        EvidenceStore(authority.trust).of(parsed(authority.leaf()))


def test_a_certificate_that_names_no_place_to_ask_proves_nothing(authority: Authority):
    with pytest.raises(SealingUnavailable, match="OCSP も CRL も書かれていません"):
        EvidenceStore(authority.trust).of(parsed(authority.leaf(ocsp=None, crl=None)))


@pytest.mark.parametrize("place", ["file:///etc/passwd", "ldap://127.0.0.1/ca"])
def test_only_the_web_is_asked(place: str, authority: Authority):
    with pytest.raises(SealingUnavailable, match="OCSP も CRL も書かれていません"):
        EvidenceStore(authority.trust).of(parsed(authority.leaf(ocsp=place, crl=None)))


def test_a_certificate_past_its_end_proves_nothing(authority: Authority):
    yesterday = network.now() - timedelta(hours=1)

    with pytest.raises(SealingUnavailable, match="期限が切れています"):
        EvidenceStore(authority.trust).of(parsed(authority.leaf(until=yesterday)))


def test_the_addresses_in_a_certificate_of_strangers_are_never_asked(authority: Authority):
    with answering() as stranger, pytest.raises(SealingUnavailable, match="鎖を作れません"):
        EvidenceStore(authority.trust).of(parsed(stranger.leaf()), [parsed(stranger.ca), parsed(stranger.root)])

    assert stranger.asked == []


def test_the_addresses_in_a_responder_that_our_authority_has_not_appointed_are_never_asked(authority: Authority):
    authority.ocsp = "impostor"  # 応答に添えた証明書は、同じ名の別の認証局が、その住所を書いて発行したもの

    with pytest.raises(SealingUnavailable, match="任されていません"):
        EvidenceStore(authority.trust).of(parsed(authority.leaf()))

    assert "trap" not in authority.asked


def test_a_certificate_for_another_purpose_is_refused(authority: Authority):
    store = EvidenceStore(authority.trust)

    with pytest.raises(SealingUnavailable, match="鎖を作れません"):
        store.of(parsed(authority.leaf()), extended_key_usage=frozenset({"time_stamping"}))


# 保つ、取り直す -----------------------------------------------------------------------------


def test_what_is_kept_is_not_asked_for_again(authority: Authority):
    store, leaf = EvidenceStore(authority.trust), parsed(authority.leaf())
    first = store.of(leaf)
    authority.asked.clear()

    assert store.of(leaf) is first
    assert authority.asked == []


def test_it_is_renewed_half_way_before_its_end_and_nobody_waits(authority: Authority, clock: Clock):
    store, leaf = EvidenceStore(authority.trust), parsed(authority.leaf())
    first = store.of(leaf)
    store.renew()
    assert store.of(leaf) is first

    clock.shift = timedelta(minutes=31)
    store.renew()
    authority.asked.clear()
    clock.shift = timedelta(minutes=80)  # 最初のものは、もう期限を過ぎている

    assert clock() > first.good_until
    assert store.of(leaf).good_until > clock()
    assert authority.asked == []


def test_when_renewal_fails_what_is_kept_serves_to_its_end_and_no_longer(authority: Authority, clock: Clock):
    store, leaf = EvidenceStore(authority.trust), parsed(authority.leaf(crl=None))
    first = store.of(leaf)
    authority.ocsp = "down"
    clock.shift = timedelta(minutes=31)
    store.renew()
    authority.asked.clear()
    store.renew()

    assert authority.asked == []  # 失敗のすぐ後には、尋ね直さない
    assert store.of(leaf).ocsps == first.ocsps
    clock.shift = timedelta(minutes=61)
    with pytest.raises(SealingUnavailable, match="OCSP: HTTP 503"):
        store.of(leaf)

    authority.ocsp = "good"
    assert store.of(leaf).good_until > clock()


def test_a_revocation_found_by_renewal_stops_all_signing_at_once(authority: Authority, clock: Clock):
    store, leaf = EvidenceStore(authority.trust), parsed(authority.leaf())
    store.of(leaf)
    authority.ocsp = "revoked"
    clock.shift = timedelta(minutes=31)

    store.renew()

    with pytest.raises(SealingUnavailable, match="失効しています"):
        store.of(leaf)


def test_evidence_never_outlives_the_certificate(authority: Authority):
    end = network.now().replace(microsecond=0) + timedelta(minutes=10)

    assert EvidenceStore(authority.trust).of(parsed(authority.leaf(until=end))).good_until < end


def test_a_thread_of_the_process_renews_by_itself(authority: Authority, clock: Clock, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(revocation, "PATROL_SECONDS", 0.05)
    monkeypatch.setattr(revocation, "_patrol", revocation._Patrol())
    store, leaf = EvidenceStore(authority.trust), parsed(authority.leaf())
    first = store.of(leaf)
    clock.shift = timedelta(minutes=31)

    assert _within(10, lambda store=store: store.of(leaf) is not first)

    del store
    gc.collect()
    assert not list(revocation._patrol._stores)  # 使われなくなったものまで、見回り続けない


def test_a_forked_worker_renews_by_itself_too(authority: Authority):
    store, leaf = EvidenceStore(authority.trust), parsed(authority.leaf())
    store.of(leaf)
    context = multiprocessing.get_context("fork")
    answers = context.SimpleQueue()
    child = context.Process(target=lambda: answers.put((_patrols(), store.of(leaf).path is not None, _patrols())))

    child.start()
    child.join(10)

    assert child.exitcode == 0
    assert answers.get() == (0, True, 1)


def _patrols() -> int:
    return sum(each.name == "signing-evidence" and each.is_alive() for each in threading.enumerate())


def _within(seconds: float, condition: object) -> bool:
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if condition():  # type: ignore[operator]
            return True
        time.sleep(0.02)
    return False
