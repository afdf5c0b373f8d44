"""手で一行ずつ書く PDF。目次や版や参照が、行儀よくないもの。"""

import zlib

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


def metadata_bomb() -> bytes:
    bomb = packed(b"", 1024)
    stream = b"<</Type/Metadata/Subtype/XML/Filter/FlateDecode/Length %d>>stream\n%s\nendstream" % (len(bomb), bomb)
    catalog = LETTERS[0].replace(b"/Pages", b"/Metadata 5 0 R/Pages")
    return written(dict(enumerate([catalog, *LETTERS[1:], content(b""), stream], 1)))
