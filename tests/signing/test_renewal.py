"""文書タイムスタンプを重ねて、証拠を先へ延ばす。時計を二十年動かし、ネットワークを断って確かめる。"""

import hashlib
import socket
from collections.abc import Callable, Iterator
from io import BytesIO
from pathlib import Path

import pikepdf
import pytest
import time_machine
from cryptography.x509 import ReasonFlags

from signing import network, sealable
from signing.growth import Sealed
from signing.refusals import SealingRefused, SealingUnavailable
from signing.renewal import renew
from signing.standing import Standing
from signing.timestamps import TimestampUnusable
from signing.verification import verify

from . import witnesses
from .ages import Ages, passing, years
from .conftest import Grown, approval, approve


@pytest.fixture
def ages(tmp_path: Path) -> Iterator[Ages]:
    with passing(tmp_path) as made:
        yield made


@pytest.fixture
def finished(ages: Ages, contract: bytes) -> Grown:
    """Let two parties approve at the beginning of the ages."""
    sealer = ages.sealer()
    first = approve(sealer, contract, approval(0), final=False)
    city = sealer.approve(first.sealed.standing, approval(1, "市長 花子", "keiyaku@city.example.jp"), final=True)
    return Grown(first.pdf + city.tail, city)


@pytest.fixture
def offline(monkeypatch: pytest.MonkeyPatch) -> Callable[[], None]:
    """Cut the network when called."""

    def cut() -> None:
        def refuse(*_arguments: object) -> None:
            raise AssertionError("nobody may ask the network")

        monkeypatch.setattr(socket.socket, "connect", refuse)

    return cut


def renewed(ages: Ages, source: Standing | bytes) -> Sealed:
    return renew(source, authorities=ages.authorities(), at=network.now())


def test_it_lasts_twenty_years_and_its_twin_that_nobody_renews_does_not(
    ages: Ages, finished: Grown, offline: Callable[[], None], tmp_path: Path
):
    whole, standing = finished.pdf, finished.sealed.standing
    for age in (10, 19):
        with time_machine.travel(years(age), tick=False):
            sealed = renewed(ages, standing)
            whole, standing = whole + sealed.tail, sealed.standing
    offline()

    def said(pdf: bytes, age: float) -> tuple[str, str]:
        report = verify(pdf, trust=ages.trust, at=years(age))
        return report.verdict, report.level

    assert whole.startswith(finished.pdf)
    assert [said(finished.pdf, age) for age in (3, 10)] == [("VALID", "PAdES-B-LTA")] * 2
    assert [said(whole, age) for age in (19.1, 20, 28)] == [("VALID", "PAdES-B-LTA")] * 3
    assert said(finished.pdf, 20)[0] == "INDETERMINATE"
    assert said(whole, 31)[0] == "INDETERMINATE"
    assert verify(whole, trust=ages.trust, at=years(20)).lasts_until == ages.generations[2].x509.not_valid_after_utc
    assert witnesses.openssl(whole, ages, tmp_path, "-no_check_time") == ["cms", "cms", "ts", "ts", "ts"]


def test_other_programs_accept_what_was_renewed(ages: Ages, finished: Grown, tmp_path: Path):
    path = tmp_path / "renewed.pdf"
    with time_machine.travel(years(10), tick=False):
        path.write_bytes(finished.pdf + renewed(ages, finished.sealed.standing).tail)
    shown = witnesses.pdfsig(path)

    assert witnesses.pyhanko_later(path.read_bytes(), ages.trust, years(15)) == ["AdESPassed.OK"] * 2
    assert shown.count("Signature Validation: Signature is Valid.") == 2
    assert shown.count("Signature has not yet been verified") == 2  # poppler は文書タイムスタンプを確かめない
    witnesses.qpdf(path)


def test_a_renewal_is_one_more_revision_and_needs_the_standing_only(ages: Ages, finished: Grown):
    standing = Standing.load(finished.sealed.standing.dump())
    assert standing is not None
    with time_machine.travel(years(10), tick=False):
        sealed = renewed(ages, standing)
        whole = finished.pdf + sealed.tail
        report = verify(whole, trust=ages.trust)

    assert [each.verdict for each in report.timestamps] == ["VALID", "VALID"]
    assert len(report.revisions) == 5
    assert report.revisions[-2].size == len(finished.pdf)
    assert (sealed.size, sealed.sha256) == (len(whole), hashlib.sha256(whole).hexdigest())
    assert sealed.archived_at == sealed.timestamped_at == report.timestamps[-1].at == years(10)
    assert sealable.sealable(whole).stamp == sealed.standing.stamp


def test_a_document_that_comes_without_its_standing_is_read(ages: Ages, finished: Grown):
    with time_machine.travel(years(10), tick=False):
        whole = finished.pdf + renewed(ages, finished.pdf).tail

        assert verify(whole, trust=ages.trust).level == "PAdES-B-LTA"


def test_the_renewal_proves_the_authority_before_it_too(ages: Ages, contract: bytes, monkeypatch: pytest.MonkeyPatch):
    with monkeypatch.context() as patch:
        patch.setattr("signing.growth._entries", lambda _evidence: {})
        bare = approve(ages.sealer(), contract, approval(), final=True)

    with time_machine.travel(years(10), tick=False):
        whole = bare.pdf + renewed(ages, bare.sealed.standing).tail

    with pikepdf.open(BytesIO(whole)) as pdf:
        embedded = {each.read_bytes() for each in pdf.Root.DSS.Certs}
    assert {each.der for each in ages.generations[:2]} < embedded
    assert [each.ltv for each in verify(whole, trust=ages.trust, at=years(10)).timestamps] == [True, True]


def test_a_renewal_that_would_not_last_longer_is_not_made(ages: Ages, finished: Grown):
    with time_machine.travel(years(1), tick=False), pytest.raises(SealingUnavailable, match="先まで続きません"):
        renewed(ages, finished.sealed.standing)


def test_the_next_authority_is_asked_when_the_first_would_not_last_longer(ages: Ages, finished: Grown):
    with time_machine.travel(years(10), tick=False):
        both = ages.authorities(ages.url("elder"), ages.tsa_url)
        sealed = renew(finished.sealed.standing, authorities=both, at=network.now())

    assert sealed.tsa == "時刻認証局 第2世代"


def test_a_document_is_renewed_though_nobody_answers_for_the_authority_before_it_any_more(
    ages: Ages, finished: Grown, monkeypatch: pytest.MonkeyPatch
):
    with time_machine.travel(years(10), tick=False):
        authorities = ages.authorities()
        for each in authorities.in_order():
            each.evidence()
        monkeypatch.setattr("signing.responders.ask", _nobody)
        whole = finished.pdf + renew(finished.sealed.standing, authorities=authorities, at=network.now()).tail

    assert verify(whole, trust=ages.trust, at=years(15)).verdict == "VALID"


def _nobody(*_arguments: object, **_options: object) -> None:
    from signing import responders

    raise responders.NoAnswer("もう誰もいません")


@pytest.mark.parametrize("reason", [ReasonFlags.superseded, ReasonFlags.cessation_of_operation])
def test_an_authority_that_ended_in_order_does_not_stop_the_renewal(ages: Ages, finished: Grown, reason: ReasonFlags):
    with time_machine.travel(years(9.5), tick=False):
        ages.revoke(ages.generations[0], reason)
    with time_machine.travel(years(10), tick=False):
        whole = finished.pdf + renewed(ages, finished.sealed.standing).tail

    assert verify(whole, trust=ages.trust, at=years(15)).verdict == "VALID"


@pytest.mark.parametrize("reason", [ReasonFlags.key_compromise, ReasonFlags.ca_compromise, None])
def test_an_authority_that_was_compromised_stops_the_renewal(ages: Ages, finished: Grown, reason: ReasonFlags | None):
    with time_machine.travel(years(9.5), tick=False):
        ages.revoke(ages.generations[0], reason)

    with time_machine.travel(years(10), tick=False), pytest.raises(SealingRefused, match="失効"):
        renewed(ages, finished.sealed.standing)


def test_a_renewal_that_comes_too_late_proves_nothing(ages: Ages, finished: Grown):
    with time_machine.travel(years(12), tick=False):
        whole = finished.pdf + renewed(ages, finished.sealed.standing).tail

        assert verify(whole, trust=ages.trust).verdict == "INDETERMINATE"


def test_the_same_moment_is_not_stamped_twice(ages: Ages, finished: Grown):
    with time_machine.travel(years(10), tick=False):
        sealed = renewed(ages, finished.sealed.standing)

        with pytest.raises(SealingRefused):
            renewed(ages, sealed.standing)


def test_a_document_without_a_document_timestamp_has_nothing_to_renew(ages: Ages, contract: bytes):
    approved = approve(ages.sealer(), contract, approval(0), final=False)

    for source in (approved.pdf, approved.sealed.standing):
        with pytest.raises(SealingRefused, match="文書タイムスタンプがない"):
            renewed(ages, source)


def test_a_broken_document_is_not_renewed(ages: Ages, finished: Grown):
    broken = bytearray(finished.pdf)
    broken[len(broken) // 3] ^= 1
    ages.asked.clear()

    with pytest.raises(SealingRefused):
        renewed(ages, bytes(broken))
    assert not ages.asked


def test_a_worker_that_knew_the_old_certificate_asks_once_more_before_giving_up(ages: Ages, finished: Grown):
    authorities = ages.authorities()
    (authority,) = authorities.in_order()
    authority.evidence()

    with time_machine.travel(years(10), tick=False):
        sealed = renew(finished.sealed.standing, authorities=authorities, at=network.now())

    assert sealed.tsa == "時刻認証局 第2世代"


def test_nobody_asks_for_tokens_again_and_again_to_see_whether_a_certificate_has_changed(ages: Ages, finished: Grown):
    authorities = ages.authorities()
    for _again in range(5):
        with time_machine.travel(years(1), tick=False), pytest.raises(SealingUnavailable):
            renew(finished.sealed.standing, authorities=authorities, at=network.now())

    asked = [each for each in ages.asked if each == "tsa"]
    assert len(asked) == 5  # 締結までに四つ、知るために一つ


def test_an_authority_whose_certificate_has_ended_is_learnt_anew(ages: Ages, finished: Grown):
    authorities = ages.authorities()
    (authority,) = authorities.in_order()
    authority.evidence()

    with time_machine.travel(years(12), tick=False):
        with pytest.raises(TimestampUnusable, match="期限"):
            authority.evidence()
        certificate, _evidence = authority.evidence()

    assert certificate.sha256 == ages.generations[1].certificate.sha256
