"""受け取る側を止めようとするファイルと、二通りに読めるファイル。次の文書は、いつも受け取れる。"""

import io
import subprocess
import sys
import zipfile
import zlib

import pikepdf
import pytest

from signing import intake
from signing.sealing import Sealer
from signing.trust import Trust
from signing.verification import verify

from . import handwritten, hostile
from .conftest import ROOT, approval, approve
from .intake_help import admitted, refusal

BOMBS = {
    "content": lambda: hostile.pdf(hostile.inflated, **hostile.PLAIN),
    "stacked filters": lambda: hostile.pdf(hostile.stacked, **hostile.PLAIN),
    "behind digits": lambda: hostile.pdf(hostile.behind_text, **hostile.PLAIN),
    "image": lambda: hostile.pdf(hostile.huge_image),
    "metadata": handwritten.metadata_bomb,
    "object stream": handwritten.object_stream_bomb,
    "nested arrays": handwritten.nested,
    "objects": handwritten.many_objects,
    "annotations": handwritten.many_direct_annotations,
    "size": handwritten.absurd_size,
    "loop": handwritten.loop,
    "page loop": handwritten.page_loop,
}
CODES = {"bomb", "damaged", "too_many_objects", "too_many_annotations"}


@pytest.mark.parametrize("kind", BOMBS)
def test_a_bomb_is_refused_and_the_next_document_is_taken(kind: str):
    assert refusal(BOMBS[kind]()) in CODES
    assert admitted(handwritten.letter()).accepted.changes == ()


def test_many_small_streams_that_are_large_together_are_refused():
    block = zlib.compress(bytes(60 << 20))
    streams = [b"<</Length %d/Filter/FlateDecode>>stream\n%s\nendstream" % (len(block), block)] * 20

    assert refusal(handwritten.letter(b"", *streams)) == "bomb"


def test_a_compressed_scan_of_many_pages_is_no_bomb():
    """Raster pages shrink twentyfold; together they may be far larger than one page may be."""
    row = bytes(range(256)) * 4
    block = zlib.compress(b"".join(bytes([n % 251]) * 24 + row for n in range(20_000)), 1)
    stream = b"<</Length %d/Filter/FlateDecode>>stream\n%s\nendstream" % (len(block), block)

    assert admitted(handwritten.letter(b"", *([stream] * 20))).accepted.pages == 1


def test_a_child_that_takes_too_long_is_stopped(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(intake, "WALL_SECONDS", 0.001)

    assert refusal(handwritten.letter()) == "too_slow"


def _zip() -> bytes:
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w") as archive:
        archive.writestr("a.txt", "1")
    return made.getvalue()


def _of_tomorrow(packed: bytes) -> bytes:
    """Say in the directory of an archive that it needs an unpacker of version 9.9 (APPNOTE.TXT 4.4.3)."""
    at = packed.rindex(b"PK\x01\x02") + 6
    return packed[:at] + b"\x63\0" + packed[at + 2 :]


def _archive_inside(packed: bytes) -> bytes:
    """Hold an archive in the last stream, so that an unpacker opens the file as well."""
    return handwritten.letter(b"", b"<</Length %d>>stream\n%s\nendstream" % (len(packed), packed))


@pytest.mark.parametrize(
    "data",
    [
        b"MZ\x90\0" + handwritten.letter(),
        b"<html><body>" + handwritten.letter(),
        handwritten.letter().replace(b"%\xe2\xe3\xcf\xd3\n", b"%<html><script>alert(1)</script>\n"),
        handwritten.letter() + b"<!-- served by -->",
        handwritten.letter() + _zip(),
        handwritten.letter() + bytes(5000),
        handwritten.letter().replace(b"%%EOF", b"%%EOF\njunk\n%%EOF"),
        _archive_inside(_zip()),
        _archive_inside(_of_tomorrow(_zip())),
    ],
    ids=[
        *("program", "page before", "page within", "remark", "archive"),
        *("much padding", "second end", "archive within", "archive of tomorrow within"),
    ],
)
def test_a_file_that_is_something_else_too_is_refused(data: bytes):
    assert refusal(data) == "foreign"


def test_no_hostile_file_spoils_a_later_signature(contract: bytes, sealer: Sealer, trust: Trust):
    """One encrypted upload once made every later signature of its process fail."""
    encrypted = hostile.pdf(encryption=pikepdf.Encryption(owner="owner", user="", R=6))
    for data in (
        encrypted,
        handwritten.nested(),
        handwritten.loop(),
        handwritten.object_stream_bomb(),
        handwritten.letter()[:-200],
    ):
        refusal(data)

    signed = approve(sealer, admitted(contract).content, approval(), final=True)

    assert verify(signed.pdf, trust=trust).verdict == "VALID"


PEAK = """
import re, sys
from signing import intake
with open(sys.argv[1], "rb") as file, intake.admit(file, max_bytes=250 * 2**20) as accepted:
    assert accepted.changes, accepted
print(re.search(r"VmHWM:\\s+(\\d+)", open("/proc/self/status").read())[1])
"""


def test_a_large_file_is_never_held_in_memory(tmp_path):
    """Put 120 MB in order in a process of its own, and read off what it needed at most."""
    size = 120 * 2**20
    large = tmp_path / "large.pdf"
    large.write_bytes(handwritten.letter(b"", b"<</Length %d>>stream\n%s\nendstream" % (size, bytes(size))))

    command = [sys.executable, "-c", PEAK, str(large)]
    peak = subprocess.run(command, capture_output=True, text=True, cwd=ROOT, check=True)

    assert int(peak.stdout) < 80 * 1024
