"""写し: a marked print that nobody can take for the original, of any page a contract may hold."""

import io
import re
from datetime import date

import pikepdf
import pypdfium2
import pytest
from django.utils import timezone

from contracts.documents import Unprintable, mark_copy, render_contract
from signing import setup
from signing.results import Verdict
from signing.sealing import Approval
from signing.verification import verify
from tests.contracts.paperwork import CONTRACT, fonts_of, pages_of

MADE = date(2026, 3, 20)
A4, A3_LANDSCAPE, ODD = (595.276, 841.89), (1190.55, 841.89), (200.0, 2000.0)


def blank(*pages: tuple[tuple[float, float], int]) -> bytes:
    """Make white pages of given sizes and turns."""
    with pikepdf.new() as pdf:
        for size, turn in pages:
            pdf.add_blank_page(page_size=size).rotate(turn, relative=False)
        output = io.BytesIO()
        pdf.save(output)
    return output.getvalue()


@pytest.fixture(scope="module")
def signed() -> bytes:
    """Sign the printed contract twice and timestamp it, as the product does."""
    pdf = render_contract(CONTRACT)
    for step in range(2):
        approval = Approval(document="1", step=step, name="髙﨑　𠮷郎", email="a@example.jp", at=timezone.now())
        pdf += setup.sealer().approve(pdf, approval, final=step == 1).tail
    return pdf


def where_the_note_is(pdf: bytes) -> list[tuple[float, float, float]]:
    """Give, page by page as shown, the left and right ends and the height of the note, as shares of the page."""
    found = []
    document = pypdfium2.PdfDocument(pdf)
    for page in document:
        drawn = page.render(scale=2).to_pil().convert("L")
        width, height = drawn.size
        strip = drawn.crop((0, int(height * 0.9), width, height)).point(lambda tone: 255 if tone < 120 else 0)
        left, top, right, bottom = strip.getbbox()
        found.append((left / width, right / width, 0.9 + (top + bottom) / 2 / height))
    document.close()
    return found


def test_every_page_says_that_it_is_a_copy_and_of_which_day(signed: bytes) -> None:
    original, copy = pages_of(signed), pages_of(mark_copy(signed, made_date=MADE))

    assert len(copy) == len(original)
    for page, before in zip(copy, original, strict=True):
        said = re.sub(r"\s", "", page)
        assert said.startswith(re.sub(r"\s", "", before)[:200])
        assert "写し" in said
        assert "この写しは電子署名の検証に使えません。原本は、" in said
        assert "令和8年3月20日作成" in said


def test_a_copy_is_unsigned_rather_than_tampered_and_leaves_the_original_alone(signed: bytes) -> None:
    before = bytes(signed)

    copy = mark_copy(signed, made_date=MADE)

    assert signed == before
    assert verify(signed, trust=setup.trust()).verdict == Verdict.VALID
    report = verify(copy, trust=setup.trust())
    assert report.verdict == Verdict.UNSIGNED
    assert not report.signatures
    assert not [word for word in (b"/ByteRange", b"/AcroForm", b"/DSS", b"ETSI.CAdES") if word in copy]
    with pikepdf.open(io.BytesIO(copy)) as opened:
        assert not any("/Annots" in page and len(page.Annots) for page in opened.pages)


def test_a_copy_calls_itself_one_and_does_not_claim_to_be_the_kept_file(signed: bytes) -> None:
    with pikepdf.open(io.BytesIO(mark_copy(signed, made_date=MADE))) as opened:
        xmp = opened.open_metadata()
        assert str(opened.docinfo.Title) == xmp["dc:title"] == "工事請負契約書 市道轟木線道路改良工事（写し）"
        assert str(opened.docinfo.Subject) == xmp["dc:description"]
        assert "2026-03-20に作成した写し" in xmp["dc:description"]
        assert "pdfaid:part" not in xmp


def test_a_copy_embeds_its_fonts_and_is_the_same_each_time(signed: bytes) -> None:
    copy = mark_copy(signed, made_date=MADE)

    assert all(fonts_of(copy).values())
    assert copy == mark_copy(signed, made_date=MADE)
    assert copy != mark_copy(signed, made_date=date(2026, 3, 21))


@pytest.mark.parametrize("turn", [0, 90, 180, 270])
@pytest.mark.parametrize("size", [A4, A3_LANDSCAPE], ids=["portrait", "landscape"])
def test_the_note_stands_at_the_foot_of_the_page_as_it_is_shown(size: tuple[float, float], turn: int) -> None:
    [(left, right, height)] = where_the_note_is(mark_copy(blank((size, turn)), made_date=MADE))

    assert left > 0
    assert right < 1
    assert abs((left + right) / 2 - 0.5) < 0.02
    assert height > 0.96


def test_pages_of_mixed_sizes_keep_them() -> None:
    original = blank((A4, 0), (A3_LANDSCAPE, 90), (ODD, 0), (A4, 270))

    copy = mark_copy(original, made_date=MADE)

    with pikepdf.open(io.BytesIO(original)) as before, pikepdf.open(io.BytesIO(copy)) as after:
        assert [list(page.mediabox) for page in after.pages] == [list(page.mediabox) for page in before.pages]
    assert all(left > 0 and right < 1 for left, right, _ in where_the_note_is(copy))


def test_a_cropped_page_is_marked_where_it_is_seen() -> None:
    with pikepdf.open(io.BytesIO(blank((A4, 0)))) as pdf:
        pdf.pages[0].cropbox = pikepdf.Array([100, 300, 500, 700])
        output = io.BytesIO()
        pdf.save(output)

    [(left, right, height)] = where_the_note_is(mark_copy(output.getvalue(), made_date=MADE))

    assert 0 < left < right < 1
    assert height > 0.92


def test_the_watermark_lies_over_scanned_pages_and_lets_them_be_read() -> None:
    with pikepdf.open(io.BytesIO(blank((A4, 0)))) as pdf:
        pdf.pages[0].contents_add(b"0.8 g 0 0 596 842 re f")
        output = io.BytesIO()
        pdf.save(output)

    page = pypdfium2.PdfDocument(mark_copy(output.getvalue(), made_date=MADE))[0]

    tones = page.render(scale=1).to_pil().convert("L").crop((100, 250, 500, 600)).getextrema()
    assert 150 < tones[0] < tones[1] == 204


def test_two_hundred_pages_share_one_mark() -> None:
    original = blank(*[(A4, 0)] * 200)

    copy = mark_copy(original, made_date=MADE)

    assert len(pages_of(copy)) == 200
    assert len(copy) < len(original) + 300_000


def test_what_a_field_shows_stays_in_the_copy_but_the_field_does_not() -> None:
    copy = mark_copy(with_field("記入済みの欄"), made_date=MADE)

    with pikepdf.open(io.BytesIO(copy)) as opened:
        assert "/AcroForm" not in opened.Root
        assert not any("/Annots" in page and len(page.Annots) for page in opened.pages)
    drawn = pypdfium2.PdfDocument(copy)[0].render(scale=1).to_pil().convert("RGB")
    assert drawn.getpixel((150, 842 - 150)) == (255, 0, 0)


def with_field(name: str) -> bytes:
    """Make a page with one text field that shows a red box."""
    with pikepdf.open(io.BytesIO(blank((A4, 0)))) as pdf:
        shown = pdf.make_stream(b"1 0 0 rg 0 0 100 100 re f")
        shown.Type, shown.Subtype, shown.BBox = pikepdf.Name.XObject, pikepdf.Name.Form, [0, 0, 100, 100]
        field = pikepdf.Dictionary(
            Type=pikepdf.Name.Annot,
            Subtype=pikepdf.Name.Widget,
            FT=pikepdf.Name.Tx,
            T=pikepdf.String(name),
            Rect=[100, 100, 200, 200],
            F=4,
            AP=pikepdf.Dictionary(N=shown),
        )
        placed = pdf.make_indirect(field)
        pdf.pages[0].Annots = pikepdf.Array([placed])
        pdf.Root.AcroForm = pikepdf.Dictionary(Fields=pikepdf.Array([placed]))
        output = io.BytesIO()
        pdf.save(output)
    return output.getvalue()


def test_a_mark_the_fonts_lack_is_refused() -> None:
    with pytest.raises(Unprintable):
        mark_copy(blank((A4, 0)), made_date=MADE, text="写😀")
