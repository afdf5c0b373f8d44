"""署名のたびに本体を読まないで済むように、版の立ち位置を残す。"""

from collections.abc import Iterable, Iterator

import pytest
from django.utils import timezone

from contracts import reading
from contracts.models import DocumentKind, Revision
from contracts.services.signatures import concluding, signing
from contracts.services.versions import freezing
from contracts.states import VersionState
from signing import setup
from signing.standing import Standing
from tests import factories
from vault import files
from vault.models import StoredFile

pytestmark = pytest.mark.django_db


def test_every_revision_keeps_a_standing_that_speaks_of_it(tosu):
    tosu.concluded()

    for revision in Revision.unscoped.all():
        standing = Standing.load(bytes(revision.standing))
        assert (standing.size, standing.sha256) == (revision.size, revision.sha256)
        assert len(revision.standing) < (4500 if revision.archived_at else 2500)


def test_sealing_reads_no_stored_file(tosu, monkeypatch: pytest.MonkeyPatch):
    tosu.signed()

    def read(stored: StoredFile) -> Iterator[bytes]:
        raise AssertionError("read a stored file")

    with monkeypatch.context() as patch:
        patch.setattr(files, "stream", read)
        tosu.seal()

    assert Revision.unscoped.filter(number=1).count() == 2


def test_without_a_standing_the_stored_bytes_are_read(tosu, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(Standing, "dump", lambda _self: b"")

    tosu.concluded()

    assert not Revision.unscoped.exclude(standing=b"").exists()
    assert tosu.version.state == VersionState.CONCLUDED


def test_a_standing_of_other_bytes_is_not_gone_on_from(tosu, monkeypatch: pytest.MonkeyPatch):
    """Whatever a standing says, a document grows from the bytes whose hash the row holds."""
    tosu.sent()
    document = tosu.version.documents.first()
    other = Standing.load(bytes(Revision.unscoped.exclude(document=document).filter(number=0).first().standing))

    with monkeypatch.context() as patch:
        patch.setattr(Standing, "load", lambda _saved: other)
        source = reading.source_of(document)

    assert bytes(source) == reading.content_of(document)
    assert isinstance(reading.source_of(document), Standing)


def test_a_damaged_file_is_neither_read_nor_mapped(tosu, monkeypatch: pytest.MonkeyPatch):
    tosu.sent()
    document = tosu.version.documents.first()
    monkeypatch.setattr(files, "chain", lambda _rows: iter([b"%PDF-1.7 something else"]))

    for read in (reading.content_of, reading.mapped):
        with pytest.raises(reading.RevisionDamaged):
            read(document)


def test_what_could_never_be_sealed_is_refused_when_it_is_frozen(tosu, monkeypatch: pytest.MonkeyPatch):
    tosu.sent()
    version = tosu.version
    monkeypatch.setattr("signing.sealable._refusal", lambda *_arguments: "封印できない文書です。")

    with pytest.raises(freezing.FreezingRefused, match="封印できない"):
        freezing.freeze(version, kind=DocumentKind.APPENDIX, title="図面", content=factories.pdf(), at=timezone.now())


def test_the_conclusion_reads_every_document_once(tosu, monkeypatch: pytest.MonkeyPatch):
    tosu.signed().seal()
    signatory = factories.actor(tosu.signatory, tosu.tenant)
    signing.instruct(tosu.step(2), actor=signatory, at=timezone.now(), authentication="パスワードとTOTP")
    tosu.seal()
    read: list[int] = []
    chain = files.chain

    def counted(rows: Iterable[StoredFile]) -> Iterator[bytes]:
        asked = list(rows)
        read.extend(stored.pk for stored in asked)
        return chain(asked)

    monkeypatch.setattr(files, "chain", counted)

    assert concluding.conclude(tosu.version, at=timezone.now(), trust=setup.trust())
    signed = set(Revision.unscoped.values_list("tail", flat=True))
    assert sorted(each for each in read if each in signed) == sorted(signed)
