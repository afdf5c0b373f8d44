"""大きなファイルは少しずつ見て、見終えたところの記憶を残さない。"""

import mmap
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from signing.pdf.pieces import PIECE_BYTES, matches, pieces
from signing.sealing import Sealer
from signing.trust import Trust
from signing.verification import verify

from .conftest import approval
from .test_update import plain

LARGE = 48 * 1024 * 1024
MARK = re.compile(rb"mark(?!s)")


@pytest.fixture
def scattered() -> bytes:
    """Write marks in the middle of a piece, across two, and at the very end."""
    body = bytearray(3 * PIECE_BYTES)
    for at in (100, PIECE_BYTES - 4, PIECE_BYTES + 50, 2 * PIECE_BYTES - 2, 3 * PIECE_BYTES - 4):
        body[at : at + 4] = b"mark"
    body[PIECE_BYTES + 50 : PIECE_BYTES + 55] = b"marks"
    return bytes(body)


@pytest.fixture
def mapped(tmp_path: Path, scattered: bytes) -> Iterator[mmap.mmap]:
    path = tmp_path / "大きなファイル"
    path.write_bytes(scattered)
    with path.open("rb") as opened:
        yield mmap.mmap(opened.fileno(), 0, access=mmap.ACCESS_READ)


@pytest.mark.parametrize(("start", "end"), [(0, None), (5, None), (PIECE_BYTES, 2 * PIECE_BYTES), (7, 9), (3, 3)])
def test_the_pieces_are_the_whole(scattered: bytes, mapped: mmap.mmap, start: int, end: int | None):
    for data in (scattered, mapped):
        assert b"".join(pieces(data, start, end)) == scattered[start:end]


def test_what_stands_across_two_pieces_is_found_once(scattered: bytes, mapped: mmap.mmap):
    for data in (scattered, mapped):
        found = [each.start() for each in matches(MARK, data, longest=5)]
        assert found == [each.start() for each in MARK.finditer(scattered)]
        assert len(found) == 4


def test_a_large_file_leaves_nothing_in_memory(sealer: Sealer, trust: Trust, tmp_path: Path):
    path = tmp_path / "図面.pdf"
    path.write_bytes(plain(b"", b"", b"<</Length %d>>\nstream\n%s\nendstream" % (LARGE, bytes(LARGE))))
    before = _resident()
    with path.open("rb") as opened:
        sealed = sealer.approve(mmap.mmap(opened.fileno(), 0, access=mmap.ACCESS_READ), approval(), final=True)
    with path.open("ab") as opened:
        opened.write(sealed.tail)
    with path.open("rb") as opened:
        report = verify(mmap.mmap(opened.fileno(), 0, access=mmap.ACCESS_READ), trust=trust)

    assert report.level == "PAdES-B-LTA"
    assert _resident() - before < LARGE / 4


def _resident() -> int:
    """Return how much of mapped files this process holds in memory now, in bytes."""
    status = Path("/proc/self/status").read_text()
    return int(re.findall(r"RssFile:\s+(\d+) kB", status)[0]) * 1024
