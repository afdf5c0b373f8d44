"""The documents of the archive are read in the worker, once; what cannot be read says why, and is left alone."""

import importlib
from datetime import UTC, datetime, timedelta

import pytest
from django.core.files.storage import storages
from django.core.management import call_command
from django.db import connection
from django.db.models import QuerySet

from accounts import rounds
from accounts.models import Role
from contracts import tasks
from contracts.archive.texts import keeping, queueing
from contracts.archive.texts.queueing import Paper
from contracts.models import DocumentText, PageText, Reading, TextPlace
from contracts.services.upkeep import chores, texts
from signing.texts import Recogniser
from tests import factories, stories
from tests.contracts.archive.test_inside import enter, found
from tests.signing.test_texts import composite, locked, scan, shown, written
from vault import files

AT = datetime(2026, 4, 1, tzinfo=UTC)
PAGES = [shown(words, "utf-16-be") for words in ("橋梁補修工事", "かし担保責任")]
PDF = written(*PAGES, F=composite("UniJIS-UTF16-H"))


@pytest.fixture
def city(db):
    tenant = factories.city("tosu")
    for number in (1, 2):
        enter(tenant.pk, number)
    return tenant


def queue(city, pdf: bytes, *, number: int = 1) -> DocumentText:
    stored, subject = files.store(tenant_id=city.pk, content=pdf), f"version:{number}"
    queueing.read_later(subject, [Paper("契約書", stored)] * 2, tenant_id=city.pk, at=AT)
    return DocumentText.unscoped.get(subject=subject, file=stored)


def read(city, *, at: datetime = AT, recogniser: Recogniser | None = None) -> bool:
    return texts.read_next(tenant_id=city.pk, at=at, recogniser=recogniser)


def rows(document: DocumentText) -> list[tuple]:
    document.refresh_from_db()
    told = (document.state, document.pages, document.characters, document.is_cut, document.last_error)
    places = TextPlace.unscoped.filter(document=document).order_by("number")
    return [told, *places.values_list("number", "page__text", "page__key")]


def test_what_was_agreed_and_signed_waits_to_be_read_from_its_conclusion_on_and_so_does_what_was_there_before(db):
    story = stories.story().concluded()
    version, consent = (f"{name}:{row.pk}" for name, row in (("version", story.version), ("consent", story.consent)))
    waiting = [(consent, "電子契約利用承諾書"), (version, "工事請負契約書"), (version, "特記仕様書")]
    asked = DocumentText.unscoped.order_by("subject", "pk")
    assert list(asked.values_list("subject", "title")) == waiting
    keeping.erase(asked)

    with connection.cursor() as cursor:
        cursor.execute(importlib.import_module("contracts.migrations.0032_text_inside_documents").FILL)

    assert sorted(asked.values_list("subject", "title")) == sorted(waiting)
    while turns := [turn for turn in tasks._left() if turn.work == "read"]:
        assert tasks._keep_up(turns[0])
    auditor = factories.staff(story.tenant, Role.AUDITOR)
    assert found("不可抗力", actor=auditor) == {version}
    assert found("契約締結権限者", actor=auditor) == {consent}
    assert found(story.case.title, "現場代理人", actor=auditor) == {version}


def test_a_document_is_read_once(city):
    document = queue(city, PDF)
    assert [turn.work for turn in rounds.waiting("contracts_what_is_unread", at=AT)] == ["read"]

    assert read(city)

    assert rows(document)[0] == (Reading.READ, 2, 12, False, "")
    assert [row[1] for row in rows(document)[1:]] == ["橋梁補修工事", "かし担保責任"]
    assert rounds.waiting("contracts_what_is_unread", at=AT + timedelta(days=365)) == []
    assert not read(city, at=AT + timedelta(days=365))
    assert found("橋梁", actor=factories.staff(city, Role.AUDITOR)) == {"version:1"}


@pytest.mark.parametrize(
    ("pdf", "why"), [(locked(user="u", owner="o"), "パスワード"), (b"%PDF-1.7", "開けない")], ids=["locked", "broken"]
)
def test_a_document_that_cannot_be_read_says_why_and_is_not_tried_again(city, pdf, why):
    document = queue(city, pdf)

    assert read(city)

    assert rows(document)[0][0] == Reading.UNREADABLE
    assert why in document.last_error
    assert not read(city, at=AT + timedelta(days=365))


def test_a_document_whose_bytes_are_gone_says_so(city):
    document = queue(city, PDF)
    storages["vault"].delete(document.file.path)

    assert read(city)

    assert "見つかりません" in rows(document)[0][-1]
    assert document.state == Reading.UNREADABLE


def test_a_store_that_does_not_answer_is_waited_for_and_not_for_ever(city, monkeypatch):
    def away(_stored):
        raise ConnectionError

    document, at = queue(city, PDF), AT
    monkeypatch.setattr(files, "stream", away)
    for _ in range(texts.MOST_TRIES - 1):
        assert read(city, at=at)
        at += chores.BACK_OFF[-1]
    assert rows(document)[0] == (Reading.WAITING, 0, 0, False, texts.TROUBLE)
    read(city, at=at)

    assert rows(document)[0][0] == Reading.UNREADABLE
    assert not read(city, at=at + timedelta(days=365))


@pytest.mark.parametrize("step", [PageText, TextPlace])
def test_a_worker_that_dies_in_the_middle_leaves_what_the_next_one_finishes_alike(city, monkeypatch, step):
    undisturbed, document = queue(city, PDF), queue(city, PDF, number=2)
    read(city)
    DocumentText.unscoped.filter(pk=undisturbed.pk).update(due_at=AT)
    with monkeypatch.context() as patch:
        die_after_writing(patch, step)
        with pytest.raises(SystemExit):
            read(city)
    assert rows(document)[0][0] == Reading.WAITING
    assert not read(city), "the one that died still holds it"

    assert read(city, at=AT + chores.LEASE)

    assert rows(document) == rows(undisturbed)
    assert PageText.unscoped.count() == 2


def die_after_writing(patch, model: type) -> None:
    write = QuerySet.bulk_create

    def dying(self, *given, **options):
        written = write(self, *given, **options)
        if self.model is model:
            raise SystemExit
        return written

    patch.setattr(QuerySet, "bulk_create", dying)


def test_a_picture_is_said_to_be_unread_until_there_is_a_program_for_it(city, tmp_path):
    document = queue(city, scan())
    read(city)
    assert rows(document)[0] == (Reading.SCANNED, 1, 0, False, "")
    assert not read(city, at=AT + timedelta(days=365))
    command = tmp_path / "tesseract"
    command.write_text("#!/bin/sh\necho 手書きの 覚 書\n")
    command.chmod(0o755)

    assert queueing.read_again(at=AT) == 1
    assert read(city, recogniser=Recogniser(str(command)))

    assert rows(document)[0] == (Reading.READ, 1, 6, False, "")
    assert (document.scans, document.recognised) == (1, 1)
    assert found("覚書", actor=factories.staff(city, Role.AUDITOR)) == {"version:1"}


def test_a_command_tells_which_documents_gave_no_text_and_has_them_read_again(city, capsys):
    document, other = queue(city, locked(user="u", owner="o")), queue(city, scan(), number=2)
    while read(city):
        pass

    call_command("read_texts")
    told = capsys.readouterr().out
    call_command("read_texts", again=True)

    assert told.splitlines() == [
        "tosu: 読み取り済み 0、読み取り待ち 0、画像のまま 1、読み取れない 1、途中まで 0",
        "  version:1 契約書: パスワードなどの保護がかかっているため、本文を読み取れません。",
    ]
    assert {rows(each)[0][0] for each in (document, other)} == {Reading.WAITING}
    assert "2件を読み直します。" in capsys.readouterr().out
