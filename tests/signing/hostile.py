"""人を欺き、あるいは受け取る側を止めようとする PDF。どれも、ここで数行から作る。"""

import warnings
import zlib
from collections.abc import Callable
from io import BytesIO

import pikepdf
from pikepdf import Array, Dictionary, Name, Pdf, Stream, String

from .handwritten import packed

Change = Callable[[Pdf], None]
PLAIN = {"compress_streams": False, "stream_decode_level": pikepdf.StreamDecodeLevel.none}


def pdf(change: Change = lambda _pdf: None, **saving: object) -> bytes:
    """Make one A4 page with a line of text, changed in one way."""
    with pikepdf.new() as made:
        page = made.add_blank_page(page_size=(595, 842))
        page.obj.Contents = made.make_stream(b"BT /F1 24 Tf 72 700 Td (Contract) Tj ET 72 690 200 2 re f")
        page.obj.Resources = Dictionary(Font=Dictionary(F1=type3(made)))
        change(made)
        output = BytesIO()
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", pikepdf.PageCopyWarning)  # どのフォームも知らない欄も、わざと作る
            made.save(output, **saving)
        return output.getvalue()


def type3(made: Pdf) -> pikepdf.Object:
    """Make a font whose glyphs are in the file: each letter a box as wide as its code is high."""
    glyphs = {
        f"g{code}": made.make_stream(b"600 0 0 0 %d 700 d1 0 0 %d 700 re f" % (code * 4, code * 4)) for code in CODES
    }
    return made.make_indirect(
        Dictionary(
            Type=Name.Font,
            Subtype=Name.Type3,
            FontBBox=[0, 0, 600, 700],
            FontMatrix=[0.001, 0, 0, 0.001, 0, 0],
            FirstChar=CODES[0],
            LastChar=CODES[-1],
            Widths=[600] * len(CODES),
            CharProcs=Dictionary({f"/{name}": glyph for name, glyph in glyphs.items()}),
            Encoding=Dictionary(Differences=[CODES[0], *(Name(f"/{name}") for name in glyphs)]),
        )
    )


CODES = range(32, 127)


def action(**entries: object) -> Dictionary:
    return Dictionary(Type=Name.Action, **entries)


SCRIPT = {"S": Name.JavaScript, "JS": String("app.alert(1)")}


def annotate(made: Pdf, **entries: object) -> pikepdf.Object:
    """Put one annotation on the first page."""
    made_one = made.make_indirect(Dictionary(**{"Type": Name.Annot, "Rect": [72, 600, 272, 640]} | entries))
    made.pages[0].obj.Annots = Array([*made.pages[0].obj.get("/Annots", []), made_one])
    return made_one


def drawn(made: Pdf, text: bytes = b"100") -> Dictionary:
    """Draw an appearance of 200 by 40 points."""
    look = made.make_stream(b"0.9 g 0 0 200 40 re f 0 g BT /F1 20 Tf 4 8 Td (%s) Tj ET" % text)
    look.update(Dictionary(Type=Name.XObject, Subtype=Name.Form, BBox=[0, 0, 200, 40]))
    look.Resources = Dictionary(Font=Dictionary(F1=made.pages[0].obj.Resources.Font.F1))
    return Dictionary(N=look)


# ── 動くもの ──────────────────────────────────────────────
def opening_script(made: Pdf) -> None:
    made.Root.OpenAction = action(**SCRIPT)


def named_script(made: Pdf) -> None:
    made.Root.Names = Dictionary(
        JavaScript=Dictionary(Names=Array([String("a"), made.make_indirect(action(**SCRIPT))]))
    )


def launch(made: Pdf) -> None:
    annotate(made, Subtype=Name.Link, A=action(S=Name.Launch, F=String("calc.exe")))


def chained_script(made: Pdf) -> None:
    web = action(S=Name.URI, URI=String("https://example.jp/"), Next=Array([action(**SCRIPT)]))
    annotate(made, Subtype=Name.Link, A=web)


def page_action(made: Pdf) -> None:
    made.pages[0].obj.AA = Dictionary(O=action(S=Name.Named, N=Name.Print))


def submit(made: Pdf) -> None:
    made.Root.OpenAction = made.make_indirect(action(S=Name.SubmitForm, F=String("https://example.jp/")))


def remote(made: Pdf) -> None:
    annotate(made, Subtype=Name.Link, A=action(S=Name.GoToR, F=String("other.pdf"), D=Array([0, Name.Fit])))


def file_link(made: Pdf) -> None:
    annotate(made, Subtype=Name.Link, A=action(S=Name.URI, URI=String("file:///etc/passwd")))


def script_link(made: Pdf) -> None:
    annotate(made, Subtype=Name.Link, A=action(S=Name.URI, URI=String(" JavaScript:alert(1)")))


def bookmark_script(made: Pdf) -> None:
    item = made.make_indirect(Dictionary(Title=String("a"), A=made.make_indirect(action(**SCRIPT))))
    made.Root.Outlines = made.make_indirect(Dictionary(Type=Name.Outlines, First=item, Last=item, Count=1))


def spawned_page(made: Pdf) -> None:
    hidden = made.make_indirect(Dictionary(Type=Name.Template, MediaBox=[0, 0, 9, 9]))
    made.Root.Names = Dictionary(Templates=Dictionary(Names=Array([String("t"), hidden])))


def unheard_of_place(made: Pdf) -> None:
    """Keep a script where no rule of PDF looks for one, and nobody knows how to take it out."""
    made.Root.PieceInfo = Dictionary(Own=Dictionary(Private=action(**SCRIPT)))


# ── 中身を持つもの ────────────────────────────────────────
def attachment(made: Pdf) -> None:
    made.attachments["mitsumori.exe"] = b"MZ"


def attached_by_annotation(made: Pdf) -> None:
    annotate(made, Subtype=Name.FileAttachment)


def portfolio(made: Pdf) -> None:
    made.Root.Collection = Dictionary()


def movie(made: Pdf) -> None:
    annotate(made, Subtype=Name.Screen)


def rich_media(made: Pdf) -> None:
    annotate(made, Subtype=Name.RichMedia)


def xfa(made: Pdf) -> None:
    made.Root.AcroForm = Dictionary(Fields=Array([]), XFA=Array([]))


def external_stream(made: Pdf) -> None:
    made.pages[0].obj.Contents.F = String("elsewhere.txt")


def reference_page(made: Pdf) -> None:
    proxy = made.make_stream(b"0 0 9 9 re f", Type=Name.XObject, Subtype=Name.Form, BBox=[0, 0, 9, 9])
    proxy.Ref = Dictionary(F=String("other.pdf"), Page=0)
    made.pages[0].obj.Resources.XObject = Dictionary(X1=proxy)


# ── 画面と紙で違うもの、隠れたもの ────────────────────────
def layer(made: Pdf, **options: object) -> pikepdf.Object:
    """Draw a bar on a layer of its own."""
    group = made.make_indirect(Dictionary(Type=Name.OCG, Name=String("金額"), **options))
    made.Root.OCProperties = Dictionary(OCGs=Array([group]), D=Dictionary(Order=Array([group])))
    made.pages[0].obj.Resources.Properties = Dictionary(L1=group)
    old = made.pages[0].obj.Contents.read_bytes()
    made.pages[0].obj.Contents = made.make_stream(old + b" /OC /L1 BDC 72 500 300 20 re f EMC")
    return group


def hidden_layer(made: Pdf) -> None:
    group = layer(made)
    made.Root.OCProperties.D.OFF = Array([group])


def layers_off_at_first(made: Pdf) -> None:
    layer(made)
    made.Root.OCProperties.D.BaseState = Name.OFF


def layer_not_printed(made: Pdf) -> None:
    layer(made, Usage=Dictionary(Print=Dictionary(PrintState=Name.OFF)))


def layer_by_expression(made: Pdf) -> None:
    group = layer(made)
    made.pages[0].obj.Resources.Properties.L1 = made.make_indirect(
        Dictionary(Type=Name.OCMD, OCGs=group, VE=Array([Name.Not, group]))
    )


def layer_when_others_are_off(made: Pdf) -> None:
    group = layer(made)
    made.pages[0].obj.Resources.Properties.L1 = made.make_indirect(
        Dictionary(Type=Name.OCMD, OCGs=group, P=Name.AllOff)
    )


def hidden_annotation(made: Pdf) -> None:
    annotate(made, Subtype=Name.FreeText, F=2, AP=drawn(made))


def printed_only(made: Pdf) -> None:
    annotate(made, Subtype=Name.Stamp, F=4 | 32, AP=drawn(made))


def printed_field(made: Pdf) -> None:
    field(made, F=4 | 32)


def postscript(made: Pdf) -> None:
    other = made.make_stream(b"showpage", Type=Name.XObject, Subtype=Name.PS)
    made.pages[0].obj.Resources.XObject = Dictionary(X1=other)


def alternate_image(made: Pdf) -> None:
    def image(colour: bytes) -> pikepdf.Object:
        return made.make_stream(
            colour,
            Type=Name.XObject,
            Subtype=Name.Image,
            Width=1,
            Height=1,
            BitsPerComponent=8,
            ColorSpace=Name.DeviceGray,
        )

    shown = image(b"\0")
    shown.Alternates = Array([Dictionary(Image=image(b"\xff"), DefaultForPrinting=True)])
    made.pages[0].obj.Resources.XObject = Dictionary(X1=shown)
    made.pages[0].obj.Contents = made.make_stream(b"q 100 0 0 100 72 72 cm /X1 Do Q")


# ── 入力欄 ────────────────────────────────────────────────
def field(made: Pdf, text: bytes = b"100", **entries: object) -> None:
    """Put a filled and drawn text field on the page."""
    entries = {"F": 4, "FT": Name.Tx, "T": String("金額"), "V": String("100"), "AP": drawn(made, text)} | entries
    made_one = annotate(made, Subtype=Name.Widget, **entries)
    made.Root.AcroForm = Dictionary(Fields=Array([made_one]), DA=String("/Helv 12 Tf 0 g"))


def undrawn_field(made: Pdf) -> None:
    """Leave drawing the value to whoever opens the file."""
    field(made)
    del made.pages[0].obj.Annots[0]["/AP"]
    helvetica = Dictionary(Type=Name.Font, Subtype=Name.Type1, BaseFont=Name.Helvetica)
    made.Root.AcroForm.DR = Dictionary(Font=Dictionary(Helv=helvetica))
    made.pages[0].obj.Annots[0].DA = String("/Helv 24 Tf 0 g")


def redrawn_field(made: Pdf) -> None:
    field(made)
    made.Root.AcroForm.NeedAppearances = True


def redraw_without_fields(made: Pdf) -> None:
    made.Root.AcroForm = Dictionary(Fields=Array([]), NeedAppearances=True)


def orphaned_field(made: Pdf) -> None:
    """Leave a field on the page that no form knows of."""
    field(made)
    del made.Root["/AcroForm"]


def calculated_field(made: Pdf) -> None:
    field(made, AA=Dictionary(C=action(**SCRIPT)))


def empty_signature_field(made: Pdf) -> None:
    annotate(made, Subtype=Name.Widget, FT=Name.Sig, T=String("FIELD_2336416_0"), Rect=[0, 0, 0, 0], F=132)
    made.Root.AcroForm = Dictionary(Fields=Array([made.pages[0].obj.Annots[0]]), SigFlags=1)


def usage_rights(made: Pdf) -> None:
    rights = made.make_indirect(Dictionary(Type=Name.Sig, Filter=Name("/Adobe.PPKLite"), Contents=String("x")))
    made.Root.Perms = Dictionary(UR3=rights)


# ── 大きすぎるもの ────────────────────────────────────────
def no_pages(made: Pdf) -> None:
    del made.pages[0]


def many_annotations(made: Pdf) -> None:
    note = made.make_indirect(Dictionary(Subtype=Name.Link, Rect=[0, 0, 9, 9]))
    made.pages[0].obj.Annots = Array([note] * 2001)


def inflated(made: Pdf) -> None:
    bomb = Stream(made, b"")
    bomb.write(packed(b"", 1024), filter=Name.FlateDecode)
    made.pages[0].obj.Contents = bomb


def stacked(made: Pdf) -> None:
    bomb = Stream(made, b"")
    bomb.write(zlib.compress(zlib.compress(bytes(1 << 20))), filter=Array([Name.FlateDecode, Name.FlateDecode]))
    made.pages[0].obj.Contents = bomb


def behind_text(made: Pdf) -> None:
    """Wrap the bomb in hexadecimal digits, so that Flate is not the first filter."""
    bomb = Stream(made, b"")
    bomb.write(packed(b"", 1024).hex().encode() + b">", filter=Array([Name.ASCIIHexDecode, Name.FlateDecode]))
    made.pages[0].obj.Contents = bomb


def huge_image(made: Pdf) -> None:
    image = made.make_stream(b"", Type=Name.XObject, Subtype=Name.Image, Width=100_000, Height=100_000)
    image.update(Dictionary(BitsPerComponent=8, ColorSpace=Name.DeviceGray))
    made.pages[0].obj.Resources.XObject = Dictionary(X1=image)
