"""文書タイムスタンプを重ねて、証拠を先へ延ばす。"""

import hashlib
from datetime import timedelta
from io import BytesIO
from pathlib import Path

import pikepdf
import pytest

from config.embedded import pki as authority
from signing import network
from signing.sealing import Sealer, SealingRefused
from signing.trust import Trust
from signing.verification import verify

from . import witnesses
from .conftest import Grown, approval, approve, sealer_of
from .faulty_tsa import running


def test_a_renewal_is_one_more_revision_with_its_evidence(
    sealer: Sealer, concluded: Grown, trust: Trust, pki: authority.PkiPaths, tmp_path: Path
):
    renewed = sealer.renew(concluded.pdf, network.now())

    whole = concluded.pdf + renewed.tail
    report = verify(whole, trust=trust)
    assert (report.verdict, report.level, report.problems) == ("VALID", "PAdES-B-LTA", ())
    assert [each.verdict for each in report.timestamps] == ["VALID", "VALID"]
    assert len(report.revisions) == 5
    assert renewed.archived_at == renewed.timestamped_at > concluded.sealed.archived_at
    assert (renewed.size, renewed.sha256) == (len(whole), hashlib.sha256(whole).hexdigest())
    assert witnesses.pyhanko(whole, trust) == ["AdESPassed.OK"] * 2
    assert witnesses.openssl(whole, pki, tmp_path) == ["cms", "cms", "ts", "ts"]


def test_the_renewal_proves_the_authority_before_it_too(
    pki: authority.PkiPaths, contract: bytes, trust: Trust, monkeypatch: pytest.MonkeyPatch
):
    with running(pki) as other:
        other.renew()
        with monkeypatch.context() as patch:
            patch.setattr("signing.sealing._entries", lambda _evidence: {})
            bare = approve(sealer_of(pki, other.url("ok")), contract, approval(), final=True).pdf

    whole = bare + sealer_of(pki).renew(bare, network.now()).tail

    with pikepdf.open(BytesIO(whole)) as pdf:
        embedded = {each.read_bytes() for each in pdf.Root.DSS.Certs}
    assert {each.dump() for each in other.certificates} < embedded
    assert [each.ltv for each in verify(whole, trust=trust).timestamps] == [True, True]


def test_a_document_is_renewed_again_and_again(sealer: Sealer, concluded: Grown, trust: Trust):
    whole = concluded.pdf
    for day in range(3):
        whole += sealer.renew(whole, network.now() + timedelta(days=day)).tail

    assert len(verify(whole, trust=trust).timestamps) == 4


def test_the_same_moment_is_not_stamped_twice(sealer: Sealer, concluded: Grown):
    at = network.now()
    whole = concluded.pdf + sealer.renew(concluded.pdf, at).tail

    with pytest.raises(SealingRefused):
        sealer.renew(whole, at)


def test_a_document_without_a_document_timestamp_has_nothing_to_renew(sealer: Sealer, approved: Grown):
    with pytest.raises(SealingRefused, match="文書タイムスタンプがない"):
        sealer.renew(approved.pdf, network.now())


def test_a_broken_document_is_not_renewed(sealer: Sealer, concluded: Grown):
    broken = bytearray(concluded.pdf)
    broken[len(broken) // 3] ^= 1

    with pytest.raises(SealingRefused):
        sealer.renew(bytes(broken), network.now())
