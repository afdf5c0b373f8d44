"""The job alone keeps contracts provable for twenty years; whatever stops it is told, and nothing is done twice."""

import hashlib
import socket
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import time_machine
from django.utils import timezone

from audit.models import Event
from contracts.models import Document, Renewal, Revision
from contracts.reading import content_of
from contracts.services.upkeep import renewing
from signing import setup
from signing.verification import verify
from tests.contracts.services.ages import configured, renew
from tests.signing.ages import Ages, years
from tests.stories import Story, story
from vault import files

pytestmark = pytest.mark.django_db


@pytest.fixture
def ages(settings, tmp_path: Path) -> Iterator[Ages]:
    with configured(settings, tmp_path) as made:
        yield made


@pytest.fixture
def tosu(ages: Ages) -> Story:
    """Conclude a contract of two documents at the beginning of the ages."""
    return story().concluded()


def verdict(pdf: bytes, ages: Ages, age: float) -> tuple[str, str]:
    report = verify(pdf, trust=ages.trust, at=years(age))
    return report.verdict, report.level


def documents() -> list[Document]:
    return list(Document.unscoped.order_by("pk"))


def cut_the_network(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_arguments: object) -> None:
        raise AssertionError("nobody may ask the network")

    monkeypatch.setattr(socket.socket, "connect", refuse)


def test_contracts_stay_provable_for_twenty_years_and_their_twins_do_not(
    tosu: Story, ages: Ages, monkeypatch: pytest.MonkeyPatch
):
    twins = [content_of(document) for document in documents()]
    done = {age: renew(tosu, age) for age in (1, 3, 9.9, 10.1, 11, 18, 19.1, 20)}
    cut_the_network(monkeypatch)

    assert done == {1: 0, 3: 0, 9.9: 0, 10.1: 2, 11: 0, 18: 0, 19.1: 2, 20: 0}
    for document, twin in zip(documents(), twins, strict=True):
        renewed = content_of(document)
        assert renewed.startswith(twin)
        assert [verdict(twin, ages, age) for age in (3, 10)] == [("VALID", "PAdES-B-LTA")] * 2
        assert [verdict(renewed, ages, age) for age in (19.2, 20, 28)] == [("VALID", "PAdES-B-LTA")] * 3
        assert verdict(twin, ages, 20)[0] == "INDETERMINATE"
        assert [revision.is_renewal for revision in document.revisions.order_by("number")] == [False] * 3 + [True] * 2


def test_a_renewal_is_written_down_with_what_it_gained(tosu: Story, ages: Ages):
    renew(tosu, 10.1)

    for row in Renewal.unscoped.all():
        last = row.document.revisions.latest("number")
        told = Event.objects.filter(action="document.renewed", subject=f"document:{row.document_id}").get()
        assert row.evidence_until == ages.generations[1].x509.not_valid_after_utc
        assert (row.renewed_at, row.failures, row.last_error) == (years(10.1), 0, "")
        assert row.due_at > years(18)
        assert (last.step, last.tsa, last.archived_at) == (None, "時刻認証局 第2世代", years(10.1))
        assert last.sha256 in told.data
        assert hashlib.sha256(content_of(row.document)).hexdigest() == last.sha256


def test_sealing_the_renewal_reads_no_stored_file_only_its_verification_does(
    tosu: Story, monkeypatch: pytest.MonkeyPatch
):
    read: list[str] = []
    chain, engine = files.chain, renewing.engine.renew

    def noted(rows):
        for stored in rows:
            read.append("file")
            yield from chain([stored])

    def noted_too(*arguments, **options):
        read.append("renew")
        return engine(*arguments, **options)

    monkeypatch.setattr("contracts.reading.files.chain", noted)
    monkeypatch.setattr(renewing.engine, "renew", noted_too)

    renew(tosu, 10.1)

    assert read == ["renew", "file", "file", "file"] * 2


def test_a_document_whose_end_is_not_known_is_looked_at_first(tosu: Story, ages: Ages):
    Renewal.unscoped.update(evidence_until=None, due_at=years(0))

    assert renew(tosu, 1) == 2

    ends = {row.evidence_until for row in Renewal.unscoped.all()}
    assert ends == {ages.generations[0].x509.not_valid_after_utc}
    assert Revision.unscoped.filter(number__gt=2).count() == 0
    assert renew(tosu, 1) == 0


def test_as_long_as_no_certificate_lasts_longer_the_reason_is_kept_and_nothing_is_added(
    tosu: Story, ages: Ages, settings
):
    settings.TSA_URLS = [ages.url("elder")]
    setup.authorities.cache_clear()

    assert renew(tosu, 10.1) == 2

    for row in Renewal.unscoped.all():
        assert "先まで続きません" in row.last_error
        assert (row.failures, row.renewed_at) == (1, None)
        assert row.due_at > years(10.1)
    assert Revision.unscoped.filter(number__gt=2).count() == 0
    renew(tosu, 10.2)
    assert Event.objects.filter(action="document.renewal_postponed").count() == 2
    assert {row.failures for row in Renewal.unscoped.all()} == {2}


def test_what_was_put_off_is_renewed_later(tosu: Story, ages: Ages):
    ages.silent = True
    renew(tosu, 10.1)
    ages.silent = False
    setup.authorities.cache_clear()  # 休ませた局を、また尋ねる

    assert renew(tosu, 10.2) == 2

    assert {(row.failures, row.last_error) for row in Renewal.unscoped.all()} == {(0, "")}


def test_what_would_not_prove_itself_is_not_kept(tosu: Story):
    setup.authorities.cache_clear()

    assert renew(tosu, 12) == 2

    assert Revision.unscoped.filter(number__gt=2).count() == 0
    assert all("検証に合格しません" in row.last_error for row in Renewal.unscoped.all())


def test_a_damaged_document_is_told_and_left_alone(tosu: Story, monkeypatch: pytest.MonkeyPatch):
    spoilt = documents()[0]
    first = spoilt.revisions.get(number=0).tail_id
    chain = files.chain

    def damaged(rows):
        for stored in rows:
            content = b"".join(chain([stored]))
            yield b"!" + content[1:] if stored.pk == first else content

    monkeypatch.setattr("contracts.reading.files.chain", damaged)

    renew(tosu, 10.1)

    assert "記録と一致しません" in spoilt.renewal.last_error
    assert spoilt.revisions.count() == 3
    assert Renewal.unscoped.exclude(document=spoilt).get().renewed_at is not None


Interrupt = Callable[[], None]


def interrupted(monkeypatch: pytest.MonkeyPatch, interrupt: Interrupt) -> None:
    """Let something happen between the stamping and the keeping of what came out."""
    engine = renewing.engine.renew

    def renew_then(*arguments, **options):
        sealed = engine(*arguments, **options)
        interrupt()
        return sealed

    monkeypatch.setattr(renewing.engine, "renew", renew_then)


class Killed(BaseException):
    pass


def test_a_worker_that_dies_leaves_nothing_and_the_next_one_starts_again(tosu: Story, monkeypatch: pytest.MonkeyPatch):
    def die() -> None:
        raise Killed

    with monkeypatch.context() as patch:
        interrupted(patch, die)
        for _document in documents():
            with pytest.raises(Killed):
                renew(tosu, 10.1)
    assert renew(tosu, 10.1) == 0

    assert renew(tosu, 10.1001) == 2

    assert [document.revisions.count() for document in documents()] == [4, 4]


def test_what_a_worker_brings_back_after_losing_its_lease_is_thrown_away(tosu: Story, monkeypatch: pytest.MonkeyPatch):
    interrupted(monkeypatch, lambda: Renewal.unscoped.update(fence=99))

    renew(tosu, 10.1)

    assert Revision.unscoped.filter(number__gt=2).count() == 0


def test_a_municipality_renews_only_its_own(tosu: Story):
    usuki = story("usuki")

    assert renew(usuki, 10.1) == 0
    assert renew(tosu, 10.1) == 2


def test_the_renewed_document_goes_on_being_renewed_where_standings_cannot_be_kept(
    tosu: Story, ages: Ages, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr("signing.midstate.RESUMABLE", False)

    assert renew(tosu, 10.1) == 2

    with time_machine.travel(years(12), tick=False):
        reports = [verify(content_of(document), trust=ages.trust) for document in documents()]
    assert {report.level for report in reports} == {"PAdES-B-LTA"}


def test_the_lead_decides_when(settings, tmp_path: Path):
    settings.RENEWAL_LEAD = timezone.timedelta(days=3 * 365)
    with configured(settings, tmp_path):
        told = story().concluded()

        assert renew(told, 7.9) == 0
        assert renew(told, 9.1) == 2
