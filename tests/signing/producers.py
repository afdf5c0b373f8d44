"""PDF を作る道具ごとのファイル。

本物で作るもの: WeasyPrint、Chrome（Debian の Chromium）、LibreOffice、画像だけの走査（JPEG と白黒）。
本物の中身を、その道具の書き方に並べ替えるもの: Word（二重の目次）、Acrobat（線形化、増分保存）、CAD（層）、古い複合機。
"""

import subprocess
import tempfile
import warnings
from io import BytesIO
from pathlib import Path
from shutil import which
from typing import Any

import pikepdf
import weasyprint
from pikepdf import Array, Dictionary, Name, ObjectStreamMode, String
from PIL import Image, ImageDraw

A4_AT_100_DPI = (827, 1169)
HTML = (
    '<html lang="ja"><meta charset="utf-8"><title>特記仕様書</title><body><h1>特記仕様書</h1>'
    "<p>市道改良工事（第三工区）　請負代金額　金 12,345,600 円</p>"
    '<table border="1"><tr><th>工種</th><td>舗装工</td></tr></table><a href="https://example.jp/">規則</a></body></html>'
)


def weasyprint_made(html: str = HTML, **options: Any) -> bytes:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ResourceWarning)  # WeasyPrint 70 は sRGB2014.icc を閉じ忘れる
        return bytes(weasyprint.HTML(string=html).write_pdf(**options))


def chrome_made(html: str = HTML) -> bytes:
    """Print with a real headless Chromium."""
    browser = which("chromium") or which("chromium-browser") or which("google-chrome")
    assert browser, "scripts/bootstrap --tests installs chromium"
    with tempfile.TemporaryDirectory() as name:
        page, made = Path(name, "page.html"), Path(name, "made.pdf")
        page.write_text(html)
        flags = [
            "--headless",
            "--no-sandbox",
            "--disable-gpu",
            f"--user-data-dir={name}/profile",
            "--no-pdf-header-footer",
        ]
        _run([browser, *flags, f"--print-to-pdf={made}", page.as_uri()])
        return made.read_bytes()


def libreoffice_made(html: str = HTML) -> bytes:
    """Convert with a real LibreOffice Writer."""
    office = which("soffice")
    assert office, "scripts/bootstrap --tests installs libreoffice-writer-nogui"
    with tempfile.TemporaryDirectory() as name:
        page = Path(name, "page.html")
        page.write_text(html)
        profile = f"-env:UserInstallation=file://{name}/profile"
        _run([office, profile, "--headless", "--writer", "--convert-to", "pdf", "--outdir", name, str(page)])
        return page.with_suffix(".pdf").read_bytes()


def _run(command: list[str]) -> None:
    done = subprocess.run(command, capture_output=True, timeout=120, check=False)
    assert done.returncode == 0, done.stderr.decode()


def drawing(size: tuple[int, int] = A4_AT_100_DPI, mode: str = "RGB") -> Image.Image:
    """Draw something like a plan."""
    image = Image.new(mode, size, "white")
    pen = ImageDraw.Draw(image)
    for step in range(0, min(size), 40):
        pen.line((step, 0, size[0] - step, size[1]), fill="black", width=2)
    return image


def scanned_in_colour(pages: int = 2) -> bytes:
    """Put JPEG pages into a PDF with Pillow, as image-to-PDF tools do."""
    made = BytesIO()
    drawing().save(made, "PDF", save_all=True, append_images=[drawing()] * (pages - 1), resolution=100)
    return made.getvalue()


def scanned_in_black() -> bytes:
    """Put a bilevel page into a PDF 1.4 with a classic table, as a multifunction printer does."""
    image = drawing(mode="1")
    with pikepdf.new() as made:
        page = made.add_blank_page(page_size=(595, 842))
        stream = made.make_stream(image.tobytes(), Type=Name.XObject, Subtype=Name.Image, BitsPerComponent=1)
        stream.update(Dictionary(Width=image.width, Height=image.height, ColorSpace=Name.DeviceGray))
        page.obj.Resources = Dictionary(XObject=Dictionary(Im0=stream))
        page.obj.Contents = made.make_stream(b"q 595 0 0 842 0 0 cm /Im0 Do Q")
        return _saved(made, force_version="1.4", object_stream_mode=ObjectStreamMode.disable)


def acrobat_optimised() -> bytes:
    """Linearize with object streams, as Acrobat saves for fast web view."""
    with pikepdf.open(BytesIO(weasyprint_made())) as made:
        return _saved(made, linearize=True, object_stream_mode=ObjectStreamMode.generate, force_version="1.6")


def acrobat_edited() -> bytes:
    """Replace the page's dictionary in an appended revision with a cross-reference stream, as Acrobat's "save" does."""
    before = acrobat_optimised()
    with pikepdf.open(BytesIO(before)) as read:
        page, root, info = read.pages[0].obj, read.Root.objgen[0], read.trailer.Info.objgen[0]
        number, size = page.objgen[0], int(read.trailer.Size)
        page.Rotate = 90
        body = before + b"%d 0 obj\n%s\nendobj\n" % (number, page.unparse(resolved=True))
    rows = b"\1" + len(before).to_bytes(4, "big") + b"\0" + b"\1" + len(body).to_bytes(4, "big") + b"\0"
    previous = int(before[before.rindex(b"startxref") :].split()[1])
    head = b"<</Type/XRef/Size %d/Index[%d 1 %d 1]/W[1 4 1]/Root %d 0 R/Info %d 0 R/Prev %d/Length %d>>" % (
        size + 1,
        number,
        size,
        root,
        info,
        previous,
        len(rows),
    )
    return body + b"%d 0 obj\n%s\nstream\n%s\nendstream\nendobj\nstartxref\n%d\n%%%%EOF\n" % (
        size,
        head,
        rows,
        len(body),
    )


def word_laid_out() -> bytes:
    """Lay a tagged document out as Word does: structure in an object stream that only new readers see (hybrid)."""
    with pikepdf.open(BytesIO(weasyprint_made(pdf_tags=True))) as made:
        hidden = [each for each in made.objects if _is_structure(each)]
        plain = [each for each in made.objects if isinstance(each, pikepdf.Object) and each not in hidden]
        assert hidden
        size = max(each.objgen[0] for each in (*hidden, *plain)) + 1
        body, places = _plainly(plain)
        pack, rows = _packed(hidden, size)
        heads = b"/Root %d 0 R/Info %d 0 R" % (made.Root.objgen[0], made.trailer.Info.objgen[0])
    places[size] = len(body)
    body += b"%d 0 obj\r\n%s\r\nendobj\r\n" % (size, pack)
    stream_at = len(body)
    rows[size + 1] = b"\1" + stream_at.to_bytes(4, "big") + b"\0\0"
    for number, place in places.items():
        rows[number] = b"\1" + place.to_bytes(4, "big") + b"\0\0"
    table = b"".join(rows.get(number, bytes(7)) for number in range(size + 2))
    head = b"<</Type/XRef/Size %d/W[1 4 2]%s/Length %d>>" % (size + 2, heads, len(table))
    body += b"%d 0 obj\r\n%s\r\nstream\r\n%s\r\nendstream\r\nendobj\r\n" % (size + 1, head, table)
    first = len(body)
    body += b"xref\r\n0 %d\r\n" % (size + 1)
    body += b"".join(
        b"%010d 00000 n\r\n" % places[number] if number in places else b"0000000000 65535 f\r\n"
        for number in range(size + 1)
    )
    trailer = b"trailer\r\n<</Size %d%s%s>>\r\nstartxref\r\n%d\r\n%%%%EOF\r\n"
    body += trailer % (size + 1, heads, b"", first)
    second = b"/Prev %d/XRefStm %d" % (first, stream_at)
    return body + b"xref\r\n0 0\r\n" + trailer % (size + 2, heads, second, len(body))


def _is_structure(each: Any) -> bool:
    return isinstance(each, pikepdf.Dictionary) and str(each.get("/Type", "")) in {"/StructElem", "/StructTreeRoot"}


def _plainly(objects: list[Any]) -> tuple[bytes, dict[int, int]]:
    body, places = b"%PDF-1.7\r\n%\xb5\xb5\xb5\xb5\r\n", {}
    for each in objects:
        places[each.objgen[0]] = len(body)
        value = each.unparse(resolved=True)
        if isinstance(each, pikepdf.Stream):
            raw = each.read_raw_bytes()
            entries = {**dict(each.items()), "/Length": len(raw)}
            value = Dictionary(entries).unparse(resolved=True)
            value += b"\r\nstream\r\n" + raw + b"\r\nendstream"
        body += b"%d 0 obj\r\n%s\r\nendobj\r\n" % (each.objgen[0], value)
    return body, places


def _packed(objects: list[Any], number: int) -> tuple[bytes, dict[int, bytes]]:
    values = [each.unparse(resolved=True) for each in objects]
    starts = [sum(len(value) + 1 for value in values[:index]) for index in range(len(values))]
    head = b" ".join(b"%d %d" % (each.objgen[0], start) for each, start in zip(objects, starts, strict=True)) + b" "
    content = head + b"\n".join(values)
    rows = {
        each.objgen[0]: b"\2" + number.to_bytes(4, "big") + index.to_bytes(2, "big")
        for index, each in enumerate(objects)
    }
    return (
        b"<</Type/ObjStm/N %d/First %d/Length %d>>\r\nstream\r\n%s\r\nendstream"
        % (len(objects), len(head), len(content), content),
        rows,
    )


def cad_layered() -> bytes:
    """Draw on layers that are all shown, as CAD programs print."""
    with pikepdf.open(BytesIO(weasyprint_made())) as made:
        groups = [made.make_indirect(Dictionary(Type=Name.OCG, Name=String(name))) for name in ("寸法", "外形")]
        made.Root.OCProperties = Dictionary(OCGs=Array(groups), D=Dictionary(Order=Array(groups), ON=Array(groups)))
        page = made.pages[0].obj
        page.Resources.Properties = Dictionary(MC0=groups[0], MC1=groups[1])
        drawn = b"/OC /MC0 BDC 100 100 200 3 re f EMC /OC /MC1 BDC 100 200 200 3 re f EMC"
        page.Contents = Array([page.Contents, made.make_stream(drawn)])
        return _saved(made)


def acrobat_form() -> bytes:
    """Fill in a form field of which the value is drawn, a check box and a radio button, as Acrobat saves."""
    with pikepdf.open(BytesIO(weasyprint_made())) as made:
        page = made.pages[0].obj

        def look(drawing: bytes) -> pikepdf.Object:
            return made.make_stream(drawing, Type=Name.XObject, Subtype=Name.Form, BBox=[0, 0, 100, 20])

        text = Dictionary(FT=Name.Tx, T=String("金額"), V=String("100"), AP=Dictionary(N=look(b"5 5 60 8 re f")))
        states = Dictionary(Yes=look(b"0 0 20 20 re f"), Off=look(b"0 0 20 20 re S"))
        box = Dictionary(FT=Name.Btn, T=String("同意"), V=Name.Yes, AS=Name.Yes, AP=Dictionary(N=states))
        fields = []
        for place, field in enumerate((text, box)):
            field.update(Dictionary(Type=Name.Annot, Subtype=Name.Widget, F=4))
            field.Rect = [100, 300 + 40 * place, 200, 320 + 40 * place]
            fields.append(made.make_indirect(field))
        page.Annots = Array([*page.get("/Annots", []), *fields])
        made.Root.AcroForm = Dictionary(Fields=Array(fields))
        return _saved(made)


def with_fonts_of_the_reader() -> bytes:
    """Name a Japanese font without embedding it, as business systems of the nineties do."""
    with pikepdf.new() as made:
        page = made.add_blank_page(page_size=(595, 842))
        metrics = Dictionary(
            Type=Name.FontDescriptor, FontName=Name("/MS-Mincho"), Flags=4, FontBBox=[0, -137, 1000, 859]
        )
        metrics.update(Dictionary(ItalicAngle=0, Ascent=859, Descent=-137, CapHeight=709, StemV=90))
        family = Dictionary(Type=Name.Font, Subtype=Name.CIDFontType2, BaseFont=Name("/MS-Mincho"), DW=1000)
        family.CIDSystemInfo = Dictionary(Registry=String("Adobe"), Ordering=String("Japan1"), Supplement=2)
        family.FontDescriptor = made.make_indirect(metrics)
        font = Dictionary(Type=Name.Font, Subtype=Name.Type0, BaseFont=Name("/MS-Mincho-90ms-RKSJ-H"))
        font.update(Dictionary(Encoding=Name("/90ms-RKSJ-H"), DescendantFonts=Array([made.make_indirect(family)])))
        page.obj.Resources = Dictionary(Font=Dictionary(F1=made.make_indirect(font)))
        page.obj.Contents = made.make_stream(b"BT /F1 12 Tf 72 700 Td <8c5f96f1> Tj ET")
        return _saved(made, force_version="1.4", object_stream_mode=ObjectStreamMode.disable)


def _saved(made: pikepdf.Pdf, **options: Any) -> bytes:
    output = BytesIO()
    made.save(output, **options)
    return output.getvalue()


MADE = {
    "WeasyPrint": weasyprint_made,
    "Chrome": chrome_made,
    "LibreOffice": libreoffice_made,
    "走査（カラー）": scanned_in_colour,
    "走査（白黒）": scanned_in_black,
    "Acrobat（最適化）の構造": acrobat_optimised,
    "Acrobat（増分保存）の構造": acrobat_edited,
    "Acrobat（入力欄）の構造": acrobat_form,
    "Word の構造": word_laid_out,
    "CAD の構造": cad_layered,
    "字体を埋め込まない帳票の構造": with_fonts_of_the_reader,
}
