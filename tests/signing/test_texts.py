"""The text inside a PDF, as many programs write it, comes out page by page; what has none says why."""

import io

import pikepdf
import pytest
from django.core.exceptions import ImproperlyConfigured
from pikepdf import Array, Dictionary, Name
from PIL import Image, ImageDraw

from contracts.documents import render_contract
from signing import setup, texts
from signing.texts import Recogniser, Unreadable
from signing.texts.cleaning import clean, without_running_lines
from tests.contracts.paperwork import CONTRACT
from tests.signing import handwritten, hostile


def written(*streams: bytes, **fonts: Dictionary) -> bytes:
    """Make a PDF with a page for each content stream."""
    with pikepdf.new() as pdf:
        resources = Dictionary(Font=Dictionary({f"/{name}": pdf.make_indirect(font) for name, font in fonts.items()}))
        for stream in streams:
            page = pdf.add_blank_page(page_size=(595, 842))
            page.Resources, page.Contents = resources, pdf.make_stream(stream)
        output = io.BytesIO()
        pdf.save(output)
    return output.getvalue()


def composite(cmap: str) -> Dictionary:
    """Return a font of the Japanese collection that tells what its codes mean by the name of its CMap only."""
    about = Dictionary(Registry=pikepdf.String("Adobe"), Ordering=pikepdf.String("Japan1"), Supplement=6)
    descendant = Dictionary(
        Type=Name.Font, Subtype=Name.CIDFontType0, BaseFont=Name("/HeiseiMin-W3"), CIDSystemInfo=about, DW=1000
    )
    name = Name(f"/HeiseiMin-W3-{cmap}")
    return Dictionary(
        Type=Name.Font,
        Subtype=Name.Type0,
        BaseFont=name,
        Encoding=Name(f"/{cmap}"),
        DescendantFonts=Array([descendant]),
    )


def shown(text: str, encoding: str, *, at: str = "72 700") -> bytes:
    return f"BT /F 12 Tf {at} Td <{text.encode(encoding).hex()}> Tj ET\n".encode()


def scan(*, words: str = "") -> bytes:
    """Make a PDF of one page that is nothing but a picture."""
    picture = Image.new("L", (595, 842), 255)
    ImageDraw.Draw(picture).text((60, 60), words or "SCAN", fill=0, font_size=40)
    output = io.BytesIO()
    picture.save(output, "PDF")
    return output.getvalue()


def test_our_contract_is_read_page_by_page_and_its_standard_clauses_bear_nothing_of_their_contract():
    pdf = render_contract(CONTRACT)

    text = texts.read([pdf[:1000], pdf[1000:]])

    assert (text.count, text.is_cut, text.scans) == (len(text.pages), False, 0)
    assert (
        "鳥栖市（以下「発注者」という。）と㈱髙﨑𠮷建設（以下「受注者」という。）は、次の工事について、各々の"
        in text.pages[0]
    )
    assert "（総則）第１条" in text.pages[1]
    assert "設計図書（図面、仕様書、現場説明書" in text.pages[1]
    assert all(CONTRACT.number not in page for page in text.pages[1:])


@pytest.mark.parametrize(
    ("cmap", "encoding"),
    [("UniJIS-UTF16-H", "utf-16-be"), ("90ms-RKSJ-H", "cp932"), ("EUC-H", "euc-jp"), ("UniJIS-UTF16-V", "utf-16-be")],
)
def test_composite_fonts_are_read_by_the_name_of_their_encoding_level_and_upright(cmap, encoding):
    pdf = written(shown("橋梁補修工事の請負代金", encoding), F=composite(cmap))

    assert texts.read([pdf]).pages == ("橋梁補修工事の請負代金",)


def test_upright_lines_are_read_from_right_to_left_and_tier_by_tier():
    tiers = [
        ("市は受注者に", 500, 800),
        ("対し通知する", 470, 800),
        ("受注者は従", 500, 400),
        ("うものとする", 470, 400),
    ]
    lines = [shown(line, "utf-16-be", at=f"{across} {up}") for line, across, up in tiers]

    [page] = texts.read([written(b"".join(lines), F=composite("UniJIS-UTF16-V"))]).pages

    assert page == "市は受注者に対し通知する受注者は従うものとする"


def test_words_that_are_set_letter_by_letter_upright_are_whole():
    letters = [shown(letter, "utf-16-be", at=f"300 {700 - 20 * row}") for row, letter in enumerate("契約保証金免除")]

    assert texts.read([written(b"".join(letters), F=composite("UniJIS-UTF16-H"))]).pages == ("契約保証金免除",)


def test_words_over_line_ends_are_whole():
    font = Dictionary(Type=Name.Font, Subtype=Name.Type1, BaseFont=Name.Helvetica)
    stream = b"BT /F 12 Tf 72 700 Td (A guaran-) Tj 0 -14 Td (tee bond) Tj ET"

    [page] = texts.read([written(stream, F=font)]).pages

    assert page.replace("-", "").replace(" ", "") == "Aguaranteebond"
    assert clean("請負代\n 金額 の\ufffe\n支払\x02\nい") == "請負代金額の支払い"
    assert clean("a b\x00c\ud800d \u3000e") == "a b c d e"


def test_a_line_that_runs_over_the_pages_stays_where_it_comes_first():
    pages = ["仕様書\n一\n甲 1 / 3", "仕様書\n二\n甲 2 / 3", "別紙1\n三\n甲 3 / 3", "別紙2\n四\n乙 4"]

    assert without_running_lines(pages) == ["仕様書\n一\n甲 1 / 3", "二", "別紙1\n三", "別紙2\n四\n乙 4"]


def test_no_more_than_the_limit_is_read_and_that_is_said():
    pages = [
        b"".join(shown(letter * 40, "utf-16-be", at=f"30 {800 - 12 * row}") for row in range(65))
        for letter in "契約書の全文を読む"
    ]

    text = texts.read([written(*pages, F=composite("UniJIS-UTF16-H"))])

    assert (sum(map(len, text.pages)), text.is_cut, text.count) == (texts.MOST_CHARACTERS, True, 9)


def test_a_picture_without_text_is_counted_and_an_empty_page_is_not():
    with pikepdf.open(io.BytesIO(scan())) as pdf:
        pdf.add_blank_page()
        output = io.BytesIO()
        pdf.save(output)

    text = texts.read([output.getvalue()])

    assert (text.pages, text.scans, text.recognised) == (("", ""), 1, 0)


def recogniser(tmp_path, script: str) -> Recogniser:
    """Put a program in Tesseract's place that follows its command line."""
    command = tmp_path / "recognise"
    command.write_text(f"#!/bin/sh\n{script}\n")
    command.chmod(0o755)
    return Recogniser(str(command), "jpn+jpn_vert")


def test_a_recogniser_is_handed_the_picture_of_a_page(tmp_path):
    script = 'head -c 8 | tail -c 7 | head -c 3; echo " 橋 梁"; echo "$*"'

    text = texts.read([scan()], recogniser=recogniser(tmp_path, script))

    assert text.pages == ("PNG 橋梁 stdin stdout -l jpn+jpn_vert --psm 3",)
    assert (text.scans, text.recognised) == (1, 1)


@pytest.mark.parametrize("script", ["exit 1", "cat > /dev/null; head -c 300000000 /dev/zero > big || exit 1"])
def test_a_recogniser_that_fails_or_asks_too_much_leaves_the_page_unread(tmp_path, script):
    text = texts.read([scan()], recogniser=recogniser(tmp_path, script))

    assert (text.pages, text.scans, text.recognised) == (("",), 1, 0)


def locked(**passwords) -> bytes:
    with pikepdf.open(io.BytesIO(scan())) as pdf:
        output = io.BytesIO()
        pdf.save(output, encryption=pikepdf.Encryption(**passwords))
    return output.getvalue()


@pytest.mark.parametrize(
    ("make", "code"),
    [
        (lambda: locked(user="u", owner="o"), "encrypted"),
        (lambda: b"%PDF-1.7 broken", "damaged"),
        (bytes, "damaged"),
        (handwritten.page_loop, "damaged"),
        (lambda: hostile.pdf(hostile.inflated, **hostile.PLAIN), "bomb"),
    ],
    ids=["encrypted", "broken", "empty", "page loop", "bomb"],
)
def test_what_cannot_be_opened_says_why(make, code):
    with pytest.raises(Unreadable) as refused:
        texts.read([make()])

    assert refused.value.code == code


def test_a_file_that_takes_too_long_or_too_much_is_given_up(monkeypatch):
    monkeypatch.setattr(texts, "WALL_SECONDS", 0.01)
    with pytest.raises(Unreadable) as slow:
        texts.read([scan()])

    monkeypatch.setattr(texts, "CHILD", texts.CHILD.with_name("missing.py"))
    monkeypatch.setattr(texts, "WALL_SECONDS", 30)
    with pytest.raises(Unreadable) as stopped:
        texts.read([scan()])

    assert (slow.value.code, stopped.value.code) == ("too_slow", "bomb")


@pytest.fixture
def configured(settings):
    """Configure a command and ask for the recogniser, as a process does once."""

    def configure(command: str, language: str = "jpn") -> Recogniser | None:
        settings.OCR_COMMAND, settings.OCR_LANGUAGE = command, language
        setup.recogniser.cache_clear()
        return setup.recogniser()

    yield configure
    setup.recogniser.cache_clear()


def test_a_recogniser_is_used_when_it_knows_the_language_and_a_wrong_one_is_not_taken_silently(tmp_path, configured):
    command = recogniser(tmp_path, 'echo "List of available languages:"; echo jpn; echo osd').command

    assert configured("") is None
    assert configured(command) == Recogniser(command, "jpn")
    for wrong, language in ((command, "jpn+jpn_vert"), (str(tmp_path / "missing"), "jpn"), ("/bin/false", "jpn")):
        with pytest.raises(ImproperlyConfigured, match=language.replace("+", r"\+")):
            configured(wrong, language)
