"""Anyone may verify any PDF; nothing is kept."""

import tempfile
from io import BytesIO

import pikepdf
import pytest
from asn1crypto import x509
from django.core.files.uploadedfile import SimpleUploadedFile

from contracts.forms.contractor import VerifyForm
from contracts.reading import content_of
from signing import setup
from signing.timestamps import Entry, TimestampAuthorities
from signing.trust import Trust
from signing.verification import verify
from tests import factories
from tests.stories import written

pytestmark = pytest.mark.django_db


def drop(browser, content: bytes, **more):
    paper = SimpleUploadedFile("契約書.pdf", content, "application/pdf")
    headers = more.pop("headers", None)
    return browser.post("/verify/", {"file": paper, **more}, headers=headers)


def contract_of(story) -> bytes:
    return content_of(story.concluded().version.documents.first())


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


def cut(browser, content: bytes, version: object):
    paper = SimpleUploadedFile("契約書.pdf", content, "application/pdf")
    return browser.post("/verify/version/", {"file": paper, "version": version})


def test_anyone_takes_a_version_out_of_a_pdf_and_it_verifies_as_it_stood(tosu, browser):
    document = tosu.concluded().version.documents.first()
    content, first = content_of(document), content_of(document, number=1)
    before = written()

    answer = cut(browser, content, 2)

    assert answer.content == first
    assert verify(answer.content, trust=setup.trust()).level == "PAdES-B-LT"
    assert written() == before


@pytest.mark.parametrize("version", [5, 0, -1, "二", ""])
def test_a_version_that_is_not_there_is_no_file(tosu, browser, version):
    answer = cut(browser, content_of(tosu.signed().version.documents.first()), version)

    assert answer.status_code == 422
    assert "版を取り出せませんでした" in answer.content.decode()


@pytest.mark.parametrize("content", [b"%PDF-1.7 broken", b"%PDF-1.7\n" + b"9" * 100, factories.pdf()[:-40]])
def test_a_broken_file_has_no_versions(browser, content):
    assert cut(browser, content, 1).status_code == 422


def test_the_report_shows_the_chains_and_that_the_certificate_is_for_trial(tosu, browser):
    html = drop(browser, content_of(tosu.concluded().version.documents.first())).content.decode()

    for words in (
        "証明書の詳細",
        "タイムスタンプの証明書の詳細",
        "Musubi Trial Root CA",
        "最終チェック日時",
        "今ある証拠で確かめられる期限",
        "自己署名の試験用証明書",
    ):
        assert words in html
    assert "総務大臣認定" not in html


def test_an_accredited_authority_is_named_so_by_its_pinned_certificate(tosu, browser, monkeypatch):
    content = content_of(tosu.concluded().version.documents.first())
    issuer = verify(content, trust=setup.trust()).timestamps[0].chain[1].sha256
    entry = Entry("http://tsa.example.jp/", issuers=frozenset({bytes.fromhex(issuer)}), accredited=True)
    monkeypatch.setattr(setup, "authorities", lambda: TimestampAuthorities([entry], trust=setup.trust()))

    assert drop(browser, content).content.decode().count("総務大臣認定のタイムスタンプ") == 3


def test_the_steps_in_acrobat_are_taught_and_the_trial_root_is_at_hand(browser, settings):
    page = browser.get("/verify/acrobat/").content.decode()
    root = browser.get("/verify/trial-root.cer")

    assert "署名パネル" in page
    assert "/verify/trial-root.cer" in page
    assert x509.Certificate.load(root.content).sha256 == setup.trust().roots[0].sha256
    settings.TEST_CERTIFICATE = False
    assert "trial-root.cer" not in browser.get("/verify/acrobat/").content.decode()
    assert browser.get("/verify/trial-root.cer").status_code == 404


def test_the_pages_of_a_version_are_shown_and_nothing_of_the_file_stays(tosu, browser, monkeypatch, tmp_path):
    content, before = contract_of(tosu), written()
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    monkeypatch.setattr("django.conf.settings.FILE_UPLOAD_MAX_MEMORY_SIZE", 1000)

    answer = drop(browser, content, show="2.1")

    html = answer.content.decode()
    assert "data:image/webp;base64," in html
    assert "バージョン 1 の 1 ページ目から" in html
    assert "1 ページ目を文字で読む" in html
    assert answer["Cache-Control"] == "no-store"
    assert written() == before
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("show", ["9.1", "1.999", "0.0"])
def test_a_page_that_is_not_there_is_said_to_be_missing_beside_the_verdict(tosu, browser, show):
    html = drop(browser, contract_of(tosu), show=show).content.decode()

    assert "その版やページはありません" in html
    assert "署名済みであり、すべての署名が有効です。" in html


def test_a_script_gets_the_answer_alone_so_that_the_file_stays_chosen(tosu, browser):
    html = drop(browser, contract_of(tosu), headers={"HX-Request": "true"}).content.decode()

    assert "すべての署名が有効です" in html
    assert "<html" not in html
    assert 'type="file"' not in html


def test_an_issuer_we_do_not_know_makes_no_signature_invalid(tosu, browser, monkeypatch):
    content = contract_of(tosu)
    monkeypatch.setattr(setup, "trust", lambda: Trust(()))

    html = drop(browser, content).content.decode()

    assert "発行者が、この画面の一覧にありません" in html
    assert "これだけで署名が無効になることはありません" in html
    assert "署名は無効です" not in html
    assert "すべての署名が有効です" not in html


def test_a_contract_that_was_sanitised_is_told_apart_from_a_tampered_one(tosu, browser):
    content, output = contract_of(tosu), BytesIO()
    with pikepdf.open(BytesIO(content)) as file:
        file.save(output)

    assert "ファイルが書き直され、署名が失われています" in drop(browser, output.getvalue()).content.decode()
    assert "署名が失われています" not in drop(browser, content + b"\n%changed").content.decode()


def test_the_page_and_its_answer_speak_english(tosu, browser):
    content = contract_of(tosu)
    browser.post("/language/", {"language": "en", "next": "/verify/"})

    html = drop(browser, content).content.decode()

    for words in (
        "Signed and all signatures are valid.",
        "The signature is LTV enabled",
        '<span lang="ja">日本</span>',
    ):
        assert words in html
    assert "Please choose a PDF file." in browser.post("/verify/").content.decode()
