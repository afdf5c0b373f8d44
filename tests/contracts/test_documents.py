"""The printed papers: what they say, with which fonts, and what they never fetch."""

import io
import re
import subprocess
from dataclasses import replace
from datetime import date
from pathlib import Path

import pikepdf
import pypdfium2
import pytest
from PIL import Image

from config.demo.specification import specification_pdf
from contracts.documents import (
    Method,
    Unprintable,
    render_consent,
    render_contract,
)
from contracts.documents.fonts import unprintable
from contracts.documents.renderer import BundledFetcher, ForbiddenReference, print_html
from tests.contracts.paperwork import (
    CONDITIONS,
    CONSENT,
    CONTRACT,
    FIRM,
    SERVICE,
    fonts_of,
    pages_of,
    pixels_of,
    text_of,
    with_terms,
)


@pytest.fixture(scope="module")
def contract() -> bytes:
    return render_contract(CONTRACT)


def test_the_consent_form_says_everything_of_form_1_on_one_page() -> None:
    pdf = render_consent(CONSENT)

    [page] = pages_of(pdf)
    said = re.sub(r"\s", "", page)
    for words in ("様式第1号", "電子契約利用承諾書", "令和8年3月5日", "鳥栖市長様", "住所", "商号又は名称", "代表者名"):
        assert words in said
    for words in (
        "案件名",
        "【契約締結権限者】",
        "請負（受注）者名",
        "【契約事務担当者】",
        "部署名",
        "電話番号",
        "備考",
    ):
        assert words in said
    for value in (
        CONSENT.statement,
        CONSENT.case_title,
        CONSENT.authority_email,
        CONSENT.contact_phone,
        *CONSENT.notes,
    ):
        assert value in said


def test_names_keep_their_characters_and_their_variants() -> None:
    pdf = render_consent(CONSENT)

    said = text_of(pdf)

    assert FIRM in said
    assert "渡邉\U000e0102" in said
    assert "葛\U000e0100" in said


def test_a_variant_looks_different_from_its_base() -> None:
    variant = replace(CONSENT, contact_name="渡邉\U000e0102")

    drawn = pixels_of(render_consent(variant))

    assert drawn != pixels_of(render_consent(replace(variant, contact_name="渡邉")))


def test_a_member_consents_by_name_and_role_under_the_citys_own_form() -> None:
    venture = replace(
        CONSENT,
        form_label="様式第3号",
        title="電子契約同意書",
        joint_venture="髙﨑・渡邉共同企業体",
        member_role="構成員",
    )

    [page] = pages_of(render_consent(venture))

    said = re.sub(r"\s", "", page)
    assert "様式第3号電子契約同意書" in said
    assert "共同企業体髙﨑・渡邉共同企業体商号又は名称㈱髙﨑𠮷建設（構成員）" in said


def test_the_methods_that_were_shown_stand_on_a_page_outside_the_form() -> None:
    shown = replace(CONSENT, methods=(Method(topic="措置の種類", text="画面で閲覧し、電子署名を行う方法"),))

    form, methods = pages_of(render_consent(shown))

    assert "措置の種類" not in form
    assert form.replace("1 / 2", "1 / 1") == pages_of(render_consent(CONSENT))[0]
    assert "電子契約の方法（建設業法施行令第5条の5による提示）措置の種類画面で閲覧" in re.sub(r"\s", "", methods)


def test_the_file_is_titled_after_the_contract(contract: bytes) -> None:
    with pikepdf.open(io.BytesIO(contract)) as opened:
        assert str(opened.docinfo.Title) == "工事請負契約書 市道轟木線道路改良工事"


def test_every_page_carries_its_number_and_the_case_number(contract: bytes) -> None:
    pages = pages_of(contract)

    assert len(pages) >= 8
    for number, page in enumerate(pages, 1):
        assert f"{number} / {len(pages)}" in page
        assert CONTRACT.number in page


@pytest.mark.parametrize("draw", [lambda: render_consent(CONSENT), lambda: render_contract(SERVICE)])
def test_papers_are_a4_pdfa_3u_tagged_in_japanese_and_inert(draw) -> None:
    pdf = draw()

    with pikepdf.open(io.BytesIO(pdf)) as opened:
        xmp = opened.open_metadata()
        assert (xmp["pdfaid:part"], xmp["pdfaid:conformance"]) == ("3", "U")
        assert opened.Root.MarkInfo.Marked
        assert str(opened.Root.Lang) == "ja"
        assert {tuple(round(float(side)) for side in page.mediabox) for page in opened.pages} == {(0, 0, 595, 842)}
        assert not {"/OpenAction", "/AA", "/AcroForm", "/Names", "/AF"} & set(opened.Root.keys())
        assert not any("/Annots" in page for page in opened.pages)


def test_only_the_bundled_fonts_are_used_and_all_are_embedded(contract: bytes) -> None:
    assert fonts_of(contract) == {"Musubi-Serif": True, "Musubi-Sans": True}


def test_every_reader_draws_the_same_characters(contract: bytes, tmp_path: Path) -> None:
    path = tmp_path / "契約書.pdf"
    path.write_bytes(contract)

    drawn = subprocess.run(["mutool", "draw", "-r", "72", "-F", "png", "-o", "-", path, "1"], capture_output=True)

    assert b"cannot render glyph" not in drawn.stderr
    one, other = Image.open(io.BytesIO(drawn.stdout)), pypdfium2.PdfDocument(contract)[0].render().to_pil()
    assert max(map(abs, (a - b for a, b in zip(_shades(one), _shades(other), strict=True)))) < 30


def _shades(page: Image.Image) -> bytes:
    """Return how dark each part of a page is, a line high and four characters wide."""
    return page.convert("L").resize((15, 60), Image.Resampling.BOX).tobytes()


def test_footers_print_rare_characters_with_the_bundled_fonts() -> None:
    pdf = render_contract(replace(CONTRACT, number="髙﨑𠮷㈱ 葛\U000e0100第1号"))

    assert all("髙﨑𠮷㈱ 葛\U000e0100第1号" in page for page in pages_of(pdf))
    assert set(fonts_of(pdf)) == {"Musubi-Serif", "Musubi-Sans"}


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("山田😀", "U+1F600"),
        ("\u202e山田", "U+202E"),
        ("สวัสดี", "U+0E2A"),
        ("山\U000e0110田", "U+5C71 U+E0110"),
        ("山\x00田", "U+0000"),
    ],
    ids=["emoji", "bidi override", "thai", "unknown variant", "nul"],
)
def test_a_character_the_fonts_lack_is_refused_by_name(name: str, shown: str) -> None:
    with pytest.raises(Unprintable, match=re.escape(shown)):
        render_consent(replace(CONSENT, authority_name=name))


def test_a_name_of_known_characters_is_printable() -> None:
    assert unprintable(f"{FIRM}渡邉\U000e0102 ①～−－「」Abc 令和㋿") == []


def test_values_are_escaped() -> None:
    hostile = "<script>alert(1)</script><img src=http://127.0.0.1:1/a><link rel=attachment href=file:///etc/passwd>"

    said = text_of(render_contract(replace(CONTRACT, title=hostile, conditions=with_terms(special_terms=(hostile,)))))

    assert said.count("<script>alert(1)</script>") == 2
    assert "file:///etc/passwd" in said


def test_a_value_cannot_leave_its_attribute_or_write_a_style() -> None:
    hostile = "\"><style>@import 'http://127.0.0.1:1/a.css';</style>"

    pages = pages_of(render_contract(replace(CONTRACT, number=hostile, rules_version=hostile)))

    assert all("@import" in page for page in pages)


@pytest.mark.parametrize(
    "url",
    [
        "http://127.0.0.1:1/a.css",
        "https://example.jp/a.png",
        "ftp://example.jp/a",
        "file:///etc/passwd",
        "file:paper.css",
        "data:text/css,p{}",
        "bundled:../settings.py",
        "bundled:/etc/passwd",
        "bundled://example.jp/paper.css",
        "bundled:paper.css?x",
        "BUNDLED:paper.css",
        "",
    ],
)
def test_the_fetcher_serves_nothing_but_the_bundled_files(url: str) -> None:
    with pytest.raises(ForbiddenReference):
        BundledFetcher().fetch(url)


def test_the_fetcher_serves_a_style_sheet_and_a_font() -> None:
    assert b"@font-face" in BundledFetcher().fetch("bundled:paper.css").read()
    assert BundledFetcher().fetch("bundled:serif.otf").read(4) == b"OTTO"


@pytest.mark.parametrize(
    "markup",
    [
        "<img src='http://127.0.0.1:1/a.png'>",
        "<img src='file:///etc/passwd'>",
        "<img src='a.png'>",
        "<link rel=stylesheet href='http://127.0.0.1:1/a.css'>",
        "<link rel=attachment href='file:///etc/passwd'>",
        "<a rel=attachment href='file:///etc/passwd'>a</a>",
        "<style>@import 'http://127.0.0.1:1/a.css';</style>",
        "<style>p { background: url(file:///etc/passwd) }</style><p>a",
        "<style>@font-face { font-family: x; src: url(http://127.0.0.1:1/a.otf) }</style><p>a",
        "<object data='file:///etc/passwd'></object>",
        "<svg xmlns='http://www.w3.org/2000/svg'><image href='file:///etc/passwd' width='9' height='9'/></svg>",
    ],
)
def test_a_page_that_asks_for_anything_else_is_not_printed(markup: str) -> None:
    with pytest.raises(ForbiddenReference):
        print_html(f"<!doctype html><html lang='ja'><link rel=stylesheet href='bundled:paper.css'><body>{markup}")


def test_long_values_wrap_inside_the_page() -> None:
    long = "髙﨑𠮷" * 66 + "葛終"

    conditions = with_terms(place=long, special_terms=(long,))
    pdf = render_contract(replace(CONTRACT, title=long, number="A" * 60, conditions=conditions))

    document = pypdfium2.PdfDocument(pdf)
    for page in document:
        text = page.get_textpage()
        boxes = [text.get_rect(index) for index in range(text.count_rects())]
        assert all(left >= 60 and right <= 540 for left, _, right, _ in boxes)
    assert text_of(pdf).count(long) == 3


def test_the_same_paper_gives_the_same_bytes(contract: bytes) -> None:
    assert render_contract(CONTRACT) == contract


def test_a_contract_refuses_tax_beyond_its_price_and_a_term_that_ends_early() -> None:
    with pytest.raises(ValueError, match="消費税"):
        replace(CONDITIONS, tax=CONDITIONS.price)
    with pytest.raises(ValueError, match="工期"):
        replace(CONDITIONS, ends_date=date(2026, 3, 1))


def test_printing_leaves_no_files_behind(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))

    render_consent(CONSENT)

    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("pages", [1, 3, 40])
def test_a_specification_has_exactly_the_pages_asked_for(pages: int) -> None:
    assert len(pages_of(specification_pdf("特記仕様書", pages))) == pages
