"""タイムスタンプ局が間違えても、間違いは契約に届かない。"""

import hashlib
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from config.embedded import pki as authority
from signing import network
from signing.sealing import Sealed, SealingUnavailable
from signing.timestamps import TimestampAuthorities
from signing.trust import Trust
from signing.verification import verify

from .conftest import approval, free_port, sealer_of
from .faulty_tsa import FaultyTsa, running

FAULTS = {
    "imprint": "別の文書",
    "nonce": "別の要求",
    "no_nonce": "別の要求",
    "broken_signature": "署名が正しくありません",
    "purpose": "タイムスタンプ用ではありません",
    "fast": "60秒",
    "slow": "60秒",
    "http500": "HTTP 500",
    "redirect": "HTTP 302",
    "html": "タイムスタンプではない応答",
    "garbage": "形が正しくありません",
    "empty": "形が正しくありません",
    "rejected": "断られました",
    "huge": "大きすぎます",
    "hang": "秒以内に応答がありません",
    "drip": "秒以内に応答がありません",
}


@pytest.fixture(scope="module")
def faulty(pki: authority.PkiPaths) -> Iterator[FaultyTsa]:
    with running(pki) as tsa:
        yield tsa


@pytest.fixture(autouse=True)
def impatient(monkeypatch: pytest.MonkeyPatch, request: pytest.FixtureRequest) -> None:
    if getattr(request.node, "callspec", None) and request.node.callspec.params["fault"] in {"hang", "drip"}:
        monkeypatch.setattr(network, "TIMEOUT_SECONDS", 1.0)


@pytest.mark.parametrize("fault", FAULTS)
def test_a_wrong_answer_seals_nothing_and_is_named(
    fault: str, faulty: FaultyTsa, pki: authority.PkiPaths, contract: bytes
):
    sealer = sealer_of(pki, faulty.url(fault))

    with pytest.raises(SealingUnavailable, match=FAULTS[fault]):
        sealer.approve(contract, approval(), final=False)


@pytest.mark.parametrize("fault", FAULTS)
def test_the_second_authority_answers_for_the_first(
    fault: str, faulty: FaultyTsa, pki: authority.PkiPaths, trust: Trust, approved: Sealed
):
    sealer = sealer_of(pki, faulty.url(fault), pki.tsa_url)

    sealed = sealer.approve(approved.pdf, approval(1), final=True)

    report = verify(sealed.pdf, trust=trust, expected_fields=["FIELD_2336416_0", "FIELD_2336416_1"])
    assert (report.verdict, report.level) == ("VALID", "PAdES-B-LTA")


def test_granted_with_modifications_is_granted(faulty: FaultyTsa, pki: authority.PkiPaths, contract: bytes):
    assert sealer_of(pki, faulty.url("mods")).approve(contract, approval(), final=False).pdf.startswith(contract)


def test_an_authority_that_failed_is_not_asked_first_again(faulty: FaultyTsa, pki: authority.PkiPaths, contract: bytes):
    sealer = sealer_of(pki, faulty.url("http500"), pki.tsa_url)
    sealer.approve(contract, approval(), final=False)
    faulty.asked.clear()

    sealer.approve(contract, approval(), final=False)

    assert faulty.asked == []


def test_an_authority_under_a_root_we_do_not_trust_is_refused(
    stranger: authority.PkiPaths, pki: authority.PkiPaths, contract: bytes
):
    with running(stranger) as tsa, pytest.raises(SealingUnavailable, match="確認できません"):
        sealer_of(pki, tsa.url("ok")).approve(contract, approval(), final=False)


def test_an_unreachable_authority_is_named(pki: authority.PkiPaths, contract: bytes):
    with pytest.raises(SealingUnavailable, match="接続できません"):
        sealer_of(pki, f"http://127.0.0.1:{free_port()}/").approve(contract, approval(), final=False)


def test_a_digest_can_be_stamped_by_itself_and_openssl_agrees(pki: authority.PkiPaths, tmp_path: Path):
    digest = hashlib.sha256(b"head of the journal").digest()
    authorities = TimestampAuthorities([pki.tsa_url], trust=Trust.load([pki.trust_roots], [pki.chain]))

    token = tmp_path / "token.der"
    token.write_bytes(authorities.stamp(digest))

    checks = ["-digest", digest.hex(), "-CAfile", str(pki.trust_roots), "-untrusted", str(pki.chain)]
    subprocess.run(["openssl", "ts", "-verify", "-in", str(token), "-token_in", *checks], check=True)


def test_without_an_authority_nothing_is_stamped(trust: Trust):
    with pytest.raises(SealingUnavailable, match="設定されていません"):
        TimestampAuthorities([], trust=trust).stamp(bytes(32))
