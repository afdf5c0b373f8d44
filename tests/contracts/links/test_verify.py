"""Anyone may verify any PDF; nothing is kept."""

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from contracts.forms.contractor import VerifyForm
from contracts.reading import content_of
from tests import factories
from tests.stories import written

pytestmark = pytest.mark.django_db


def drop(browser, content: bytes):
    return browser.post("/verify/", {"file": SimpleUploadedFile("契約書.pdf", content, "application/pdf")})


def test_a_concluded_contract_gets_the_sentence_of_acrobat_and_leaves_no_trace(tosu, browser):
    content = content_of(tosu.concluded().version.documents.first())
    before = written()

    html = drop(browser, content).content.decode()

    for words in (
        "署名済みであり、すべての署名が有効です。",
        "PAdES-B-LTA",
        "署名は LTV 対応です",
        "日本",
        "JSTに承認しました",
    ):
        assert words in html
    assert html.count("により署名済み") == 3
    assert written() == before


def test_an_altered_contract_is_refused(tosu, browser):
    content = bytearray(content_of(tosu.signed().version.documents.first()) + b"\n%changed")

    html = drop(browser, bytes(content)).content.decode()

    assert "すべての署名が有効です" not in html


def test_an_unsigned_pdf_is_called_unsigned(browser):
    assert "署名がありません" in drop(browser, factories.pdf()).content.decode()


@pytest.mark.parametrize(
    ("content", "words"),
    [(b"", "空"), (b"<html>", "PDF ではありません"), (b"%PDF-1.7 broken", "")],
    ids=["empty", "html", "broken"],
)
def test_bad_files_get_a_clear_answer(browser, content, words):
    answer = drop(browser, content)

    assert answer.status_code in {200, 422}
    assert words in answer.content.decode()
    assert "すべての署名が有効です" not in answer.content.decode()


def test_no_file_and_a_file_that_is_too_big_are_refused(browser, monkeypatch):
    assert "PDF ファイルを選んでください" in browser.post("/verify/").content.decode()
    monkeypatch.setattr(VerifyForm, "max_bytes", 100)

    assert "大きすぎます" in drop(browser, factories.pdf()).content.decode()
