"""A concluded version gets its 合意締結証明書, sealed and provable, without the conclusion ever waiting for it."""

from collections.abc import Iterator
from datetime import timedelta
from io import BytesIO

import pikepdf
import pytest
from django.conf import settings
from django.utils import timezone

from contracts import tasks
from contracts.models import (
    ConclusionCertificate,
    Document,
    DocumentKind,
    SigningStep,
)
from contracts.reading import content_of
from contracts.services.signatures import certificates
from contracts.services.upkeep import certifying
from contracts.states import VersionState
from signing import pages, setup
from signing.keys import Pkcs12Key
from signing.sealing import Sealer
from signing.timestamps import TimestampAuthorities
from signing.trust import Trust
from tests import factories
from tests.passing import passing
from tests.stories import Story, story


@pytest.fixture(scope="module")
def tosu(django_db_setup: None, django_db_blocker) -> Iterator[Story]:
    """Conclude one contract for all."""
    with passing(django_db_blocker):
        yield story().concluded()


@pytest.fixture(autouse=True)
def taken_back(tosu: Story, django_db_blocker) -> Iterator[None]:
    with passing(django_db_blocker):
        yield


def certify(told, *, appoint=setup.appoint, at=None) -> bool:
    return certifying.certify_next(
        tenant_id=told.tenant.pk, at=at or timezone.now(), appoint=appoint, trust=setup.trust()
    )


def row() -> ConclusionCertificate:
    return ConclusionCertificate.unscoped.get()


def text_of(pdf: bytes) -> str:
    """Read the pages as a reader does, without the spaces between lines."""
    return "".join("".join(pages.text(pdf, page=number).split()) for number in range(1, pages.count(pdf) + 1))


def attached(pdf: bytes) -> str:
    with pikepdf.open(BytesIO(pdf)) as opened:
        return opened.attachments["journal.json"].get_file().read_bytes().decode()


def appointing_without_tsa():
    dead = TimestampAuthorities(["http://127.0.0.1:1024/"], trust=setup.trust())
    key = Pkcs12Key(settings.SIGNING_PKCS12, settings.SIGNING_PKCS12_PASSPHRASE)
    return factories.appointing(Sealer(key, dead))


def test_an_upload_that_was_put_in_order_is_told_as_it_came_in_too(tosu):
    upload = tosu.version.documents.get(kind=DocumentKind.SPECIFICATION)
    first = upload.revisions.get(number=0)
    Document.unscoped.filter(pk=upload.pk).update(received=first.tail, normalised=["添付ファイルを除きました"])

    assert certify(tosu)

    told = text_of(content_of(row().document))
    assert "受け取ったままのファイル" in told
    assert "添付ファイルを除きました" in told
    assert told.count(first.tail.sha256) == 2


def test_without_a_timestamp_the_contract_is_concluded_all_the_same_and_the_certificate_comes_later(tosu):
    assert certify(tosu, appoint=appointing_without_tsa())

    assert tosu.version.state == VersionState.CONCLUDED
    assert "タイムスタンプ" in row().last_error
    assert (row().document, row().failures) == (None, 1)
    assert not certify(tosu)
    assert certify(tosu, at=timezone.now() + timedelta(minutes=2))
    assert row().document is not None
    assert (row().failures, row().last_error) == (0, "")


def test_a_certificate_that_does_not_prove_itself_is_not_kept(tosu, monkeypatch):
    nobody = Trust(roots=(), intermediates=())

    certifying.certify_next(tenant_id=tosu.tenant.pk, at=timezone.now(), appoint=setup.appoint, trust=nobody)

    assert row().document is None
    assert "検証に合格しません" in row().last_error


def test_a_key_that_is_stopped_meanwhile_seals_no_certificate(tosu, monkeypatch):
    render = certifying.documents.render_certificate
    by = setup.appoint(tosu.tenant.slug, timezone.now(), stopped={}).key

    def stop_meanwhile(paper):
        certificates.note(by)
        certificates.stop(by.name, reason="漏えい", by="試験", at=timezone.now())
        return render(paper)

    def appoint(owner, at, *, stopped):
        return setup.appoint(owner, at, stopped={})

    monkeypatch.setattr(certifying.documents, "render_certificate", stop_meanwhile)
    certify(tosu, appoint=appoint)

    assert row().document is None
    assert "止められました" in row().last_error


def test_what_a_worker_brings_back_after_losing_its_lease_is_thrown_away(tosu, monkeypatch):
    render = certifying.documents.render_certificate

    def overtaken(paper):
        ConclusionCertificate.unscoped.update(fence=99)
        return render(paper)

    monkeypatch.setattr(certifying.documents, "render_certificate", overtaken)
    certify(tosu)

    assert row().document is None
    assert not Document.unscoped.filter(kind=DocumentKind.CERTIFICATE).exists()


def test_names_that_cannot_be_printed_do_not_stop_it(tosu):
    SigningStep.unscoped.filter(version=tosu.version, order=1).update(instructed_agent="Mozilla \N{GRINNING FACE}")

    assert certify(tosu)

    assert "〔U+1F600〕" in text_of(content_of(row().document))


def test_upkeep_waits_while_somebody_waits_for_a_seal(tosu, django_capture_on_commit_callbacks):
    assert [turn.work for turn in tasks._left()] == ["certify", "read"]

    other = tosu.__class__(tosu.tenant, tosu.drafter, tosu.approver, tosu.signatory, factories.case(tosu.tenant))
    other.signed()

    assert tasks._left() == []
    other.seal()
    assert [turn.work for turn in tasks._left()] == ["certify", "read"]
