"""A file that lost its signatures tells who keeps the original, and a stranger nothing more."""

from importlib import import_module
from io import BytesIO

import pikepdf
import pypdfium2
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client
from django.utils import timezone

from accounts.models import Role
from contracts.models import Document, DocumentKind
from contracts.originals import original_of
from contracts.reading import content_of
from tests.stories import Story
from vault import files

pytestmark = pytest.mark.django_db

SENTENCE = "この契約の原本は、"


def written_anew(pdf: bytes) -> bytes:
    output = BytesIO()
    with pikepdf.open(BytesIO(pdf)) as file:
        file.save(output)
    return output.getvalue()


def saved_by_a_viewer(pdf: bytes) -> bytes:
    output = BytesIO()
    document = pypdfium2.PdfDocument(pdf)
    document.save(output)
    document.close()
    return output.getvalue()


def drop(client: Client, content: bytes) -> str:
    paper = SimpleUploadedFile("無害化.pdf", content, "application/pdf")
    return client.post("/verify/", {"file": paper}).content.decode()


def contract_of(story: Story) -> Document:
    found: Document = story.version.documents.get(kind=DocumentKind.CONTRACT)
    return found


@pytest.fixture
def concluded(tosu: Story) -> bytes:
    return content_of(contract_of(tosu.concluded()))


def test_a_stranger_learns_who_keeps_the_original_and_nothing_of_the_contract(tosu, concluded):
    html = drop(Client(), written_anew(concluded))

    assert f"{SENTENCE}{tosu.tenant.name}にあります" in html
    assert "内容が原本と同じだとは言えません" in html
    assert f"/{tosu.tenant.slug}/inbox/" in html
    assert not [word for word in (tosu.case.title, tosu.case.number, tosu.case.contractor.name) if word in html]


def test_whatever_program_wrote_it_anew_it_is_known_and_while_its_signatures_stand_it_needs_no_other(concluded):
    for lost in (written_anew(concluded), saved_by_a_viewer(concluded), concluded + b"\n%changed"):
        assert original_of(lost, actor=None)
    assert SENTENCE not in drop(Client(), concluded)


def test_the_city_that_keeps_it_is_led_to_the_document_and_another_is_a_stranger(tosu, concluded, desk, stranger):
    kept = f'href="/documents/{contract_of(tosu).pk}/"'
    own, other = (drop(sitting, written_anew(concluded)) for sitting in (desk(tosu.tenant, Role.AUDITOR), stranger))

    assert kept in own
    assert tosu.case.title in own
    assert SENTENCE in other
    assert tosu.case.title not in other


def test_nothing_is_told_before_the_contract_is_concluded_nor_of_papers_from_outside(tosu):
    tosu.signed()
    uploads = Document.unscoped.exclude(kind=DocumentKind.CONTRACT)

    assert original_of(written_anew(content_of(contract_of(tosu))), actor=None) is None
    assert set(uploads.values_list("mark", flat=True)) == {""}


def test_documents_of_before_get_their_marks_and_what_was_disposed_of_is_kept_by_nobody(tosu, concluded):
    mark = contract_of(tosu).mark
    filled = import_module("contracts.migrations.0046_marks_filled")
    Document.unscoped.update(mark="")
    with connection.cursor() as cursor:
        last = filled.fill_after(0, cursor)
        assert filled.fill_after(last, cursor) is None

    assert contract_of(tosu).mark == mark != ""
    assert original_of(written_anew(concluded), actor=None)
    files.destroy(contract_of(tosu).revisions.get(number=0).tail, at=timezone.now())
    assert original_of(written_anew(concluded), actor=None) is None


@pytest.mark.parametrize("content", [b"%PDF-1.7 broken", b"%PDF-1.7\n" + b"9" * 100])
def test_a_broken_file_is_nobodys(content):
    assert original_of(content, actor=None) is None
