"""Damage PDFs in the ways of a fuzzer: by bytes, by tokens, by whole objects; the same seed always makes the same."""

import io
import random
import re
import zipfile
import zlib
from collections.abc import Callable

import pikepdf

Mutation = Callable[[random.Random, bytes, bytes], bytes]

PACKED = re.compile(rb"(?s)/Type */(?:ObjStm|XRef)\b.{0,200}?stream\r?\n(.*?)\r?\nendstream")
STREAM = re.compile(rb"(?s)stream\r?\n(.*?)\r?\nendstream")
LETTER = re.compile(rb"(?<=/)[A-Za-z]")
ACTIONS = (
    b"/OpenAction<</S/JavaScript/JS(app.alert\\(1\\))>>",
    b"/OpenAction<</S/J#61vaScript/J#53(app.alert\\(1\\))>>",
    b"/AA<</O<</S/#4c#61unch/F(cmd.exe)>>>>",
    b"/A<</S/URI/URI(https://example.jp/)/Next[<</S/JavaScript/JS(1)>>]>>",
    b"/Names<</JavaScript<</Names[(a)<</S/JavaScript/JS(1)>>]>>>>",
    b"/AcroForm<</XFA(<xdp/>)/Fields[]>>",
    b"/AF[<</Type/Filespec/EF<</F 4 0 R>>>>]",
)
NUMBER = re.compile(rb"(?<![\w.#])-?\d+(?:\.\d+)?(?![\w.#])")
NAME = re.compile(rb"/[A-Za-z][A-Za-z0-9]*")
OBJECT = re.compile(rb"(?ms)^(\d+) 0 obj\b(.*?)^endobj")
TOKENS = (b"<<", b">>", b"[", b"]", b"endobj", b"stream\n", b"endstream", b"null", b"R", b"(", b")", b"%%EOF", b"obj")
NUMBERS = (
    *(b"-1", b"0", b"65535", b"2147483647", b"2147483648", b"4294967296", b"-2147483649"),
    *(b"99999999999999999999", b"1e309", b"0.00000000000000000001", b"00000000000001"),
)
NAMES = (
    *(b"/JavaScript", b"/JS", b"/OpenAction", b"/AA", b"/Launch", b"/EmbeddedFiles", b"/XFA", b"/AcroForm", b"/Prev"),
    *(b"/ByteRange", b"/Kids", b"/Parent", b"/Length", b"/Filter", b"/Encrypt", b"/ObjStm", b"/Type", b"/Perms"),
)


def bytes_flipped(rng: random.Random, data: bytes, _other: bytes) -> bytes:
    made = bytearray(data)
    for _each in range(rng.choice((1, 1, 2, 8, 40))):
        made[rng.randrange(len(made))] = rng.randrange(256)
    return bytes(made)


def cut_off(rng: random.Random, data: bytes, _other: bytes) -> bytes:
    return data[: rng.randrange(1, len(data))]


def cut_out(rng: random.Random, data: bytes, _other: bytes) -> bytes:
    start = rng.randrange(len(data))
    return data[:start] + data[start + rng.choice((1, 7, 64, 1024)) :]


def spliced(rng: random.Random, data: bytes, other: bytes) -> bytes:
    start, at = rng.randrange(len(other)), rng.randrange(len(data))
    return data[:at] + other[start : start + rng.choice((8, 64, 512, 4096))] + data[at:]


def appended(_rng: random.Random, data: bytes, other: bytes) -> bytes:
    return data + other


def number_changed(rng: random.Random, data: bytes, _other: bytes) -> bytes:
    return _replaced(rng, data, NUMBER, rng.choice(NUMBERS))


def reference_turned(rng: random.Random, data: bytes, _other: bytes) -> bytes:
    return _replaced(rng, data, re.compile(rb"\d+(?= 0 R)"), b"%d" % rng.randrange(40))


def name_changed(rng: random.Random, data: bytes, _other: bytes) -> bytes:
    return _replaced(rng, data, NAME, rng.choice(NAMES))


def token_put(rng: random.Random, data: bytes, _other: bytes) -> bytes:
    at = rng.randrange(len(data))
    return data[:at] + b" " + rng.choice(TOKENS) * rng.choice((1, 1, 3)) + b" " + data[at:]


def nested(rng: random.Random, data: bytes, _other: bytes) -> bytes:
    opened = rng.choice((b"[", b"<</A "))
    return _replaced(rng, data, NUMBER, opened * rng.choice((50, 500, 50_000)))


def hidden_name(rng: random.Random, data: bytes, _other: bytes) -> bytes:
    """Write one letter of a name as a number, which readers must read as the same letter."""
    found = list(LETTER.finditer(data))
    if not found:
        return data
    start, end = rng.choice(found).span()
    return data[:start] + b"#%02x" % data[start] + data[end:]


def action_put(rng: random.Random, data: bytes, _other: bytes) -> bytes:
    """Put something that runs into a dictionary, and have the file put in order again."""
    opened = [each.end() for each in re.finditer(rb"<<", data)]
    at = rng.choice(opened or [0])
    return _put_in_order(data[:at] + rng.choice(ACTIONS) + data[at:])


def section_damaged(rng: random.Random, data: bytes, _other: bytes) -> bytes:
    """Change digits of the cross-reference table or of what says where it is."""
    begins = max(data.rfind(b"\nxref"), data.rfind(b"startxref") - 40, 0)
    digits = [each.start() for each in re.finditer(rb"\d", data[begins:])]
    made = bytearray(data)
    for _each in range(rng.choice((1, 2, 6))):
        made[begins + rng.choice(digits or [0])] = rng.choice(b"0123456789")
    return bytes(made)


def pack_damaged(rng: random.Random, data: bytes, other: bytes) -> bytes:
    """Change what is inside an object stream or a cross-reference stream, and compress it again."""
    found = [each for each in PACKED.finditer(data) if each[1][:1] == b"\x78"]
    if not found:
        return section_damaged(rng, data, other)
    place = rng.choice(found)
    try:
        inside = zlib.decompress(place[1])
    except zlib.error:
        return data
    damaged = rng.choice((bytes_flipped, number_changed, reference_turned, cut_out))(rng, inside or b"0", b"")
    packed = zlib.compress(damaged)
    return _lengths_right(data[: place.start(1)] + packed + data[place.end(1) :], len(place[1]), len(packed))


def bomb_put(rng: random.Random, data: bytes, _other: bytes) -> bytes:
    """Put megabytes of nothing in the place of a stream."""
    found = list(STREAM.finditer(data))
    if not found:
        return data
    place, packed = rng.choice(found), zlib.compress(bytes(rng.choice((1, 30, 120)) << 20), 9)
    return _lengths_right(data[: place.start(1)] + packed + data[place.end(1) :], len(place[1]), len(packed))


def something_else_too(rng: random.Random, data: bytes, _other: bytes) -> bytes:
    """Make a file that is a page, a program or an archive as well."""
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w") as made:
        made.writestr(zipfile.ZipInfo("a.txt"), b"1")
    before = rng.choice((b"", b"MZ\x90\0", b"<html><script>1</script>", b"#!/bin/sh\n", b"\x89PNG\r\n\x1a\n"))
    return before + data + rng.choice((b"", archive.getvalue(), b"<script>1</script>", b"\0" * 900, data))


def locked(rng: random.Random, data: bytes, _other: bytes) -> bytes:
    """Have the file encrypted, with a password to open it or with none."""
    strength = rng.choice(({"R": 2}, {"R": 3}, {"R": 4, "aes": True}, {"R": 6}))
    weak = {"aes": False, "metadata": False} if strength["R"] < 4 else {}
    opened = rng.choice(("", "user"))
    made = io.BytesIO()
    try:
        with pikepdf.open(io.BytesIO(data), suppress_warnings=True) as pdf:
            pdf.save(made, encryption=pikepdf.Encryption(owner="owner", user=opened, **strength | weak))
    except Exception:  # noqa: BLE001 - 開けないほど壊れていれば、壊れたまま渡す
        return data
    return made.getvalue()


def objects_swapped(rng: random.Random, data: bytes, _other: bytes) -> bytes:
    """Exchange the bodies of two objects, and have the file put in order again."""
    found = list(OBJECT.finditer(data))
    if len(found) < 2:
        return cut_out(rng, data, b"")
    first, second = sorted(rng.sample(found, 2), key=lambda each: each.start())
    middle = data[first.end(2) : second.start(2)]
    swapped = data[: first.start(2)] + second[2] + middle + first[2] + data[second.end(2) :]
    return _put_in_order(swapped)


def put_in_order(rng: random.Random, data: bytes, other: bytes) -> bytes:
    """Change some tokens, and have the file put in order again: sound from outside, wrong within."""
    for _each in range(rng.choice((1, 2, 4))):
        data = rng.choice((number_changed, reference_turned, name_changed))(rng, data, other)
    return _put_in_order(data)


MUTATIONS: tuple[Mutation, ...] = (
    *(bytes_flipped, cut_off, cut_out, spliced, appended, number_changed, reference_turned, name_changed, token_put),
    *(nested, hidden_name, section_damaged, pack_damaged, bomb_put, something_else_too, locked, objects_swapped),
    *(action_put, action_put, put_in_order, put_in_order, put_in_order),
)


def mutant(seed: int, corpus: list[bytes]) -> tuple[str, bytes]:
    """Make one damaged file; tells what was done to it."""
    rng = random.Random(seed)
    data, other = rng.choice(corpus), rng.choice(corpus)
    done = []
    for _each in range(rng.choice((1, 1, 1, 2, 3))):
        mutation = rng.choice(MUTATIONS)
        data = mutation(rng, data, other) or b"%"
        done.append(mutation.__name__)
    return "+".join(done), data


def plain(data: bytes) -> bytes:
    """Write a PDF so that its tokens can be read, and so be changed."""
    made = io.BytesIO()
    with pikepdf.open(io.BytesIO(data)) as pdf:
        pdf.save(made, qdf=True, object_stream_mode=pikepdf.ObjectStreamMode.disable, static_id=True)
    return made.getvalue()


def packed(data: bytes) -> bytes:
    """Write a PDF with its objects in object streams."""
    made = io.BytesIO()
    with pikepdf.open(io.BytesIO(data)) as pdf:
        pdf.save(made, object_stream_mode=pikepdf.ObjectStreamMode.generate, static_id=True)
    return made.getvalue()


def _replaced(rng: random.Random, data: bytes, pattern: re.Pattern[bytes], by: bytes) -> bytes:
    found = list(pattern.finditer(data))
    if not found:
        return data
    start, end = rng.choice(found).span()
    return data[:start] + by + data[end:]


def _lengths_right(data: bytes, before: int, now: int) -> bytes:
    return data.replace(b"/Length %d" % before, b"/Length %d" % now, 1)


def _put_in_order(data: bytes) -> bytes:
    made = io.BytesIO()
    try:
        with pikepdf.open(io.BytesIO(data), suppress_warnings=True) as pdf:
            pdf.save(made, static_id=True)
    except Exception:  # noqa: BLE001 - 直せないほど壊れていれば、壊れたまま渡す
        return data
    return made.getvalue()
