"""PDFium から、一頁ずつ字と罫線を取り出す。"""

import ctypes
import math
import unicodedata
from collections import Counter
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from typing import Any, NamedTuple

import pypdfium2
import pypdfium2.raw as pdfium

from guarantees.reading import letters, ruling
from guarantees.reading.page import Glyph, Page, Point, runs_down, turned

MOST_PAGES = 20
MOST_GLYPHS = 12_000  # 一頁あたり。お知らせも証書も、これよりずっと少ない
ABOVE, BELOW = 0.88, 0.12  # 字の升は、並び線の上と下にこれだけ出る
UNSEEN = 3  # 描かない文字（ISO 32000-1 表106）。走査の下に敷いた読み取りの文字
ASKEW = 0.05  # 直角からのずれ（直角を1として）。斜めの字は透かしで、紙の記載ではない


class Locked(Exception):
    """Say that the file does not open without its password."""


class Broken(Exception):
    """Say that the file does not open."""


class _Written(NamedTuple):
    """A character as it was written: turned by so many quarters, drawn or not."""

    quarter: int
    seen: bool
    glyph: Glyph


def pages(pdf: bytes) -> list[Page]:
    """Take glyphs and rules out of the first pages; raises Locked, Broken."""
    try:
        with closing(pypdfium2.PdfDocument(pdf)) as document:
            document.init_forms()
            return [_page(document, index) for index in range(min(len(document), MOST_PAGES))]
    except pypdfium2.PdfiumError as error:
        raise (Locked if "password" in str(error).lower() else Broken) from error


def _page(document: Any, index: int) -> Page:
    _flatten(document, index)
    with closing(document[index]) as leaf:
        written = list(_written(leaf))
        quarter = Counter(each.quarter for each in written).most_common(1)[0][0] if written else 0
        level, plumb = ruling.rules(leaf, quarter)
    down = runs_down([each.glyph for each in written if each.quarter == quarter])
    straight = [_straight(each, quarter) for each in written if each.quarter in _read(quarter, down=down)]
    return Page(
        glyphs=[each.glyph for each in straight if each.seen],
        hidden=[each.glyph for each in straight if not each.seen],
        level=level,
        plumb=plumb,
    )


def _read(quarter: int, *, down: bool) -> set[int]:
    """Return how the text that belongs to a page is turned: in vertical writing, Latin letters lie on their side."""
    return {quarter, (quarter + 1) % 4} if down else {quarter}


def _straight(written: _Written, quarter: int) -> _Written:
    """Measure a character as if it had been written with the others."""
    glyph = written.glyph
    corners = [(glyph.left, glyph.top), (glyph.right, glyph.bottom)]
    (left, top), (right, bottom) = (turned(turned(each, written.quarter), quarter) for each in corners)
    across, down = sorted((left, right)), sorted((top, bottom))
    return written._replace(glyph=replace(glyph, left=across[0], right=across[1], top=down[0], bottom=down[1]))


def _flatten(document: Any, index: int) -> None:
    """Make what stands in form fields part of the page; it is read after the page is opened anew."""
    with closing(document[index]) as leaf:
        if pdfium.FPDFPage_GetAnnotCount(leaf) > 0:
            pdfium.FPDFPage_Flatten(leaf, pdfium.FLAT_NORMALDISPLAY)


def _written(leaf: Any) -> Iterator[_Written]:
    """Yield the characters in the order they were written, each with the white space before it on its line."""
    with closing(leaf.get_textpage()) as text:
        space: tuple[str, Point] | None = None
        for index, char in _characters(text):
            if char.isspace():
                space = (char, _origin(text, index))
                continue
            turn = pdfium.FPDFText_GetCharAngle(text, index) / (math.pi / 2)
            if abs(turn - round(turn)) <= ASKEW:
                yield _measured(text, index, char, round(turn) % 4, space)
            space = None


def _characters(text: Any) -> Iterator[tuple[int, str]]:
    """Yield what was written, not what PDFium puts between; characters outside the plane come in two halves."""
    high = 0
    for index in range(min(pdfium.FPDFText_CountChars(text), MOST_GLYPHS)):
        unit = pdfium.FPDFText_GetUnicode(text, index)
        if 0xD800 <= unit < 0xDC00:
            high = unit
            continue
        if 0xDC00 <= unit < 0xE000:
            unit = 0x10000 + ((high - 0xD800) << 10) + (unit - 0xDC00) if high else 0xFFFD
        high, char = 0, letters.mended(chr(unit))
        written = pdfium.FPDFText_IsGenerated(text, index) != 1
        if written and (char.isspace() or unicodedata.category(char) not in {"Cc", "Cf"}):
            yield index, char


def _measured(text: Any, index: int, char: str, quarter: int, space: tuple[str, Point] | None) -> _Written:
    matrix, box = pdfium.FS_MATRIX(), pdfium.FS_RECTF()
    pdfium.FPDFText_GetMatrix(text, index, matrix)
    pdfium.FPDFText_GetLooseCharBox(text, index, box)
    size = pdfium.FPDFText_GetFontSize(text, index) * math.hypot(matrix.c, matrix.d)
    left, base = turned(_origin(text, index), quarter)
    right = max(turned((box.left, box.bottom), quarter)[0], turned((box.right, box.top), quarter)[0])
    if letters.is_full_width(char):
        right = max(right, left + size)  # 字の形だけの箱は、升より小さい
    near = space is not None and abs(turned(space[1], quarter)[1] - base) < size / 2
    piece = pdfium.FPDFText_GetTextObject(text, index)
    return _Written(
        quarter,
        pdfium.FPDFTextObj_GetTextRenderMode(piece) != UNSEEN,
        Glyph(char, left, base - ABOVE * size, right, base + BELOW * size, size, space[0] if space and near else ""),
    )


def _origin(text: Any, index: int) -> Point:
    x, y = ctypes.c_double(), ctypes.c_double()
    pdfium.FPDFText_GetCharOrigin(text, index, x, y)
    return x.value, y.value
