"""写し: a derived print of a document, marked on every page and without its signatures (R83)."""

import io
from datetime import date

import pikepdf

from contracts.documents.printing import print_pdf

WATERMARK_SHARE = 0.75  # 頁の短い辺に対する透かしの一辺
NOTE_HEIGHT, NOTE_MARGIN = 14.0, 7.0  # ポイント
# 署名と、その検証のための情報。写しに残すと、写しが「署名された文書」に見える。
OF_THE_ORIGINAL = ("/AcroForm", "/DSS", "/Perms", "/Extensions")


def mark_copy(pdf: bytes, *, made_date: date, text: str = "写し") -> bytes:
    """Make a copy for reading: a watermark and one line on every page, no signatures, no claim to be PDF/A.

    The original bytes are left alone; the same original and day give the same bytes. Raises Unprintable for a text the
    fonts lack, pikepdf.PdfError for bytes that are no PDF.
    """
    with pikepdf.open(io.BytesIO(pdf)) as copy, _marks(text, made_date) as marks:
        watermark, note = (copy.copy_foreign(page.as_form_xobject()) for page in marks.pages)
        _flatten(copy)
        for page in copy.pages:
            _stamp(page, watermark, note)
        _entitle(copy, text, made_date)
        output = io.BytesIO()
        copy.save(output, deterministic_id=True)
    return output.getvalue()


def _marks(text: str, made_date: date) -> pikepdf.Pdf:
    context = {"text": text, "made_date": made_date, "title": text}
    printed = print_pdf("contracts/pdf/copy.html", context, styles=["copy.css"], is_tagged=False)
    return pikepdf.open(io.BytesIO(printed))


def _flatten(copy: pikepdf.Pdf) -> None:
    """Draw what fields and notes show into the pages, then drop the fields with their signatures."""
    copy.flatten_annotations("all")
    for page in copy.pages:
        if "/Annots" in page:
            kept = [one for one in page.Annots if one.get("/Subtype") != "/Widget"]
            page.Annots = pikepdf.Array(kept)
    for key in OF_THE_ORIGINAL:
        if key in copy.Root:
            del copy.Root[key]


def _stamp(page: pikepdf.Page, watermark: pikepdf.Object, note: pikepdf.Object) -> None:
    left, bottom, right, top = (float(side) for side in page.cropbox)
    half = min(right - left, top - bottom) * WATERMARK_SHARE / 2
    across, up = (left + right) / 2, (bottom + top) / 2
    middle = pikepdf.Rectangle(across - half, up - half, across + half, up + half)
    page.contents_add(b"q\n", prepend=True)
    page.contents_add(b"Q\n/Artifact BMC\n")
    _place(page, watermark, pikepdf.Name.CopyWatermark, middle)
    _place(page, note, pikepdf.Name.CopyNote, _foot(page))
    page.contents_add(b"\nEMC\n")


def _place(page: pikepdf.Page, mark: pikepdf.Object, name: pikepdf.Name, box: pikepdf.Rectangle) -> None:
    # 名を決めておく。任せると乱数になり、同じ原本から同じ写しができない。
    page.add_resource(mark, pikepdf.Name.XObject, name)
    placed = page.calc_form_xobject_placement(
        mark, name, box, invert_transformations=True, allow_shrink=True, allow_expand=True
    )
    page.contents_add(placed)


def _foot(page: pikepdf.Page) -> pikepdf.Rectangle:
    """Find the strip that is shown at the foot of the page, however the page is turned."""
    left, bottom, right, top = (float(side) for side in page.cropbox)
    near, far = NOTE_MARGIN, NOTE_MARGIN + NOTE_HEIGHT
    strips = {
        0: (left, bottom + near, right, bottom + far),
        90: (right - far, bottom, right - near, top),
        180: (left, top - far, right, top - near),
        270: (left + near, bottom, left + far, top),
    }
    return pikepdf.Rectangle(*strips[int(page.obj.get("/Rotate", 0)) % 360])


def _entitle(copy: pikepdf.Pdf, text: str, made_date: date) -> None:
    title = f"{copy.docinfo.get('/Title', '')}（{text}）"
    about = f"{made_date.isoformat()}に作成した{text}。電子署名の検証には使えない。"
    with copy.open_metadata(set_pikepdf_as_editor=False) as meta:
        meta["dc:title"] = title
        meta["dc:description"] = about
        for claim in ("pdfaid:part", "pdfaid:conformance", "pdfaid:rev"):
            if claim in meta:
                del meta[claim]
