"""大きな文書を、少しずつ見る。写像したファイルなら、見終えた頁の記憶をすぐに返す。"""

import mmap
import re
from collections.abc import Iterator

from signing.pdf.syntax import Buffer

PIECE_BYTES = 1 << 20


def pieces(data: Buffer, start: int = 0, end: int | None = None) -> Iterator[memoryview]:
    """Yield the bytes from start to end in their order, at most 1 MiB at a time."""
    view = memoryview(data)
    for first, last in _spans(data, start, end):
        yield view[first:last]


def matches(
    pattern: re.Pattern[bytes], data: Buffer, start: int = 0, end: int | None = None, *, longest: int
) -> Iterator[re.Match[bytes]]:
    """Yield the matches of a pattern that, with what it looks ahead at, spans at most `longest` bytes."""
    stop = len(data) if end is None else end
    for first, last in _spans(data, start, stop):
        for found in pattern.finditer(data, first, min(last + longest, stop)):
            if found.start() < last:
                yield found


def _spans(data: Buffer, start: int, end: int | None) -> Iterator[tuple[int, int]]:
    stop = len(data) if end is None else end
    for first in range(start, stop, PIECE_BYTES):
        last = min(first + PIECE_BYTES, stop)
        yield first, last
        if isinstance(data, mmap.mmap):
            page = first - first % mmap.PAGESIZE
            data.madvise(mmap.MADV_DONTNEED, page, last - page)
