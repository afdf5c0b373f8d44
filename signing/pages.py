"""受け取った PDF の頁を、画面に出す画像と文字にする。"""

import threading
from collections.abc import Iterator
from contextlib import closing, contextmanager
from io import BytesIO
from math import inf
from pathlib import Path

import pypdfium2

from signing import strips

MOST_PIXELS = 20_000_000
TALLEST = 16_383  # 画素。WebP の一辺に収まる長さ
# PDFium は一度に一つのスレッドからしか使えない。
_alone = threading.Lock()


class PageMissing(Exception):
    """Say that there is no such page, or that it cannot be shown."""


def count(pdf: bytes) -> int:
    """Return the number of pages; raises PageMissing when the file cannot be opened."""
    with opened(pdf) as document:
        return len(document)


def render(pdf: bytes | Path, *, page: int, width: int, seconds: float = inf) -> bytes:
    """Return a page (from 1) as lossless WebP of the given width in pixels; raises PageMissing.

    A drawing of so many lines that it would take longer than so many seconds comes at half the width, or less.
    """
    with _opened_page(pdf, page) as leaf:
        across, down = leaf.get_size()
        if across <= 0 or down <= 0 or width <= 0:
            raise PageMissing("このページは表示できません。")
        width = min(width, int((MOST_PIXELS * across / down) ** 0.5), max(1, int(TALLEST * across / down)))
        bitmap = strips.painted(leaf, width=width, seconds=seconds)
        try:
            output = BytesIO()
            # 契約の文字なので画素は失わない。PNG の 2 割ほどの大きさになる。
            # 線の多い A1 の図面で、詰める時間は四分の一、大きさは 3 % 増えるだけ
            bitmap.to_pil().save(output, "WEBP", lossless=True, method=1, quality=20)
            return output.getvalue()
        finally:
            bitmap.close()


def text(pdf: bytes, *, page: int) -> str:
    """Return the text of a page (from 1), for screen readers and search; raises PageMissing."""
    with _opened_page(pdf, page) as leaf:
        return _text(leaf)


def texts(pdf: bytes | Path) -> list[str]:
    """Return the text of every page, the file being opened once; raises PageMissing when it cannot be."""
    with opened(pdf) as document:
        return [_text(document[index]) for index in range(len(document))]


def _text(leaf: pypdfium2.PdfPage) -> str:
    with closing(leaf.get_textpage()) as words:
        return str(words.get_text_bounded()).replace("\r\n", "\n")


@contextmanager
def opened(pdf: bytes | Path) -> Iterator[pypdfium2.PdfDocument]:
    """Open a PDF for as long as nobody else in this process has one open; raises PageMissing."""
    with _alone:
        try:
            document = pypdfium2.PdfDocument(pdf)
        except pypdfium2.PdfiumError as error:
            raise PageMissing("この文書は表示できません。") from error
        try:
            yield document
        finally:
            document.close()


@contextmanager
def _opened_page(pdf: bytes | Path, page: int) -> Iterator[pypdfium2.PdfPage]:
    with opened(pdf) as document:
        if not 1 <= page <= len(document):
            raise PageMissing("そのページはありません。")
        try:
            leaf = document[page - 1]
        except pypdfium2.PdfiumError as error:
            raise PageMissing("このページは表示できません。") from error
        try:
            yield leaf
        finally:
            leaf.close()
