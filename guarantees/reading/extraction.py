"""PDFium から、一頁ずつ字と罫線を取り出す。"""

import ctypes
import math
import unicodedata
from collections import Counter
from collections.abc import Iterator
from contextlib import closing
from itertools import islice
from typing import Any, NamedTuple

import pypdfium2
import pypdfium2.raw as pdfium

from guarantees.reading import letters
from guarantees.reading.page import Edge, Glyph, Page, joined

MOST_PAGES = 20
MOST_GLYPHS = 12_000  # 一頁あたり。お知らせも証書も、これよりずっと少ない
MOST_OBJECTS = 20_000
MOST_EDGES = 3_000
DEEPEST = 8
ABOVE, BELOW = 0.88, 0.12  # 字の升は、並び線の上と下にこれだけ出る
UNSEEN = 3  # 描かない文字（ISO 32000-1 表106）。走査の下に敷いた読み取りの文字
SHORTEST_EDGE = 4.0
STRAIGHT = 0.8

Point = tuple[float, float]


class Locked(Exception):
    """Say that the file does not open without its password."""


class Broken(Exception):
    """Say that the file does not open."""


class _Written(NamedTuple):
    quarter: int
    seen: bool
    glyph: Glyph


def pages(pdf: bytes) -> list[Page]:
    """Take glyphs and rules out of the first pages; raises Locked, Broken."""
    with closing(_opened(pdf)) as document:
        document.init_forms()
        return [_page(document, index) for index in range(min(len(document), MOST_PAGES))]


def _opened(pdf: bytes) -> Any:
    try:
        return pypdfium2.PdfDocument(pdf)
    except pypdfium2.PdfiumError as error:
        raise (Locked if "password" in str(error).lower() else Broken) from error


def _page(document: Any, index: int) -> Page:
    try:
        with closing(document[index]) as leaf:
            written = list(_written(leaf))
            quarter = Counter(each.quarter for each in written).most_common(1)[0][0] if written else 0
            level, plumb = _rules(leaf, quarter)
    except pypdfium2.PdfiumError as error:
        raise Broken from error
    straight = [each for each in written if each.quarter == quarter]
    return Page(
        glyphs=[each.glyph for each in straight if each.seen],
        hidden=[each.glyph for each in straight if not each.seen],
        level=level,
        plumb=plumb,
    )


def _written(leaf: Any) -> Iterator[_Written]:
    """Yield the characters in the order they were written, each once."""
    with closing(leaf.get_textpage()) as text:
        before, high = "", 0
        for index in range(min(pdfium.FPDFText_CountChars(text), MOST_GLYPHS)):
            unit = pdfium.FPDFText_GetUnicode(text, index)
            if 0xD800 <= unit < 0xDC00:
                high = unit
                continue
            if 0xDC00 <= unit < 0xE000:
                unit = 0x10000 + ((high - 0xD800) << 10) + (unit - 0xDC00) if high else 0xFFFD
            char, high = letters.mended(chr(unit)), 0
            if pdfium.FPDFText_IsGenerated(text, index) == 1:
                continue
            if char.isspace():
                before = char
            if char.isspace() or unicodedata.category(char) in {"Cc", "Cf"}:
                continue
            yield _measured(text, index, char, before)
            before = ""


def _measured(text: Any, index: int, char: str, before: str) -> _Written:
    matrix, box = pdfium.FS_MATRIX(), pdfium.FS_RECTF()
    x, y = ctypes.c_double(), ctypes.c_double()
    pdfium.FPDFText_GetMatrix(text, index, matrix)
    pdfium.FPDFText_GetLooseCharBox(text, index, box)
    pdfium.FPDFText_GetCharOrigin(text, index, x, y)
    size = pdfium.FPDFText_GetFontSize(text, index) * math.hypot(matrix.c, matrix.d)
    quarter = round(pdfium.FPDFText_GetCharAngle(text, index) / (math.pi / 2)) % 4
    left, base = _turned((x.value, y.value), quarter)
    corners = [_turned((box.left, box.bottom), quarter), _turned((box.right, box.top), quarter)]
    right = max(corners[0][0], corners[1][0])
    if letters.is_full_width(char):
        right = max(right, left + size)  # 字の形だけの箱は、升より小さい
    piece = pdfium.FPDFText_GetTextObject(text, index)
    seen = pdfium.FPDFTextObj_GetTextRenderMode(piece) != UNSEEN
    return _Written(quarter, seen, Glyph(char, left, base - ABOVE * size, right, base + BELOW * size, size, before))


def _turned(point: Point, quarter: int) -> Point:
    """Turn a place on the page so that text of that angle runs to the right and lines go down."""
    x, y = point
    return ((x, -y), (y, x), (-x, y), (-y, -x))[quarter]


def _rules(leaf: Any, quarter: int) -> tuple[list[Edge], list[Edge]]:
    """Find the straight lines drawn along and across the text, and the sides of drawn boxes."""
    level: list[Edge] = []
    plumb: list[Edge] = []
    for one, other in _strokes(leaf):
        (x, y), (u, v) = _turned(one, quarter), _turned(other, quarter)
        if len(level) + len(plumb) >= MOST_EDGES:
            break
        if abs(y - v) <= STRAIGHT and abs(x - u) >= SHORTEST_EDGE:
            level.append(Edge((y + v) / 2, min(x, u), max(x, u)))
        elif abs(x - u) <= STRAIGHT and abs(y - v) >= SHORTEST_EDGE:
            plumb.append(Edge((x + u) / 2, min(y, v), max(y, v)))
    return joined(level), joined(plumb)


def _strokes(leaf: Any) -> Iterator[tuple[Point, Point]]:
    paths = _drawn(leaf.raw, pdfium.FS_MATRIX(1, 0, 0, 1, 0, 0), 0)
    for drawn, matrix in islice(paths, MOST_OBJECTS):
        yield from _lines(drawn, matrix)


def _drawn(holder: Any, matrix: Any, depth: int) -> Iterator[tuple[Any, Any]]:
    """Yield each path of a page or a form in it, with the matrix that puts it onto the page."""
    within = depth > 0
    count = pdfium.FPDFFormObj_CountObjects(holder) if within else pdfium.FPDFPage_CountObjects(holder)
    for index in range(max(count, 0)):
        get = pdfium.FPDFFormObj_GetObject if within else pdfium.FPDFPage_GetObject
        each = get(holder, index)
        kind = pdfium.FPDFPageObj_GetType(each)
        if kind not in (pdfium.FPDF_PAGEOBJ_PATH, pdfium.FPDF_PAGEOBJ_FORM):
            continue
        own = pdfium.FS_MATRIX()
        pdfium.FPDFPageObj_GetMatrix(each, own)
        if kind == pdfium.FPDF_PAGEOBJ_PATH:
            yield each, _product(own, matrix)
        elif depth < DEEPEST:
            yield from _drawn(each, _product(own, matrix), depth + 1)


def _product(inner: Any, outer: Any) -> Any:
    return pdfium.FS_MATRIX(
        inner.a * outer.a + inner.b * outer.c,
        inner.a * outer.b + inner.b * outer.d,
        inner.c * outer.a + inner.d * outer.c,
        inner.c * outer.b + inner.d * outer.d,
        inner.e * outer.a + inner.f * outer.c + outer.e,
        inner.e * outer.b + inner.f * outer.d + outer.f,
    )


def _lines(path: Any, matrix: Any) -> Iterator[tuple[Point, Point]]:
    """Yield the straight pieces of a path, closed where it closes."""
    first: Point | None = None
    last: Point | None = None
    for index in range(min(pdfium.FPDFPath_CountSegments(path), MOST_OBJECTS)):
        segment = pdfium.FPDFPath_GetPathSegment(path, index)
        x, y = ctypes.c_float(), ctypes.c_float()
        pdfium.FPDFPathSegment_GetPoint(segment, x, y)
        here = (
            x.value * matrix.a + y.value * matrix.c + matrix.e,
            x.value * matrix.b + y.value * matrix.d + matrix.f,
        )
        kind = pdfium.FPDFPathSegment_GetType(segment)
        if kind == pdfium.FPDF_SEGMENT_MOVETO:
            first = here
        elif kind == pdfium.FPDF_SEGMENT_LINETO and last is not None:
            yield last, here
        if pdfium.FPDFPathSegment_GetClose(segment) and first is not None:
            yield here, first
        last = here
