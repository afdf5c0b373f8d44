"""頁に引かれた罫線と、塗られた升の縁を取り出す。"""

import ctypes
from collections.abc import Iterator
from itertools import islice
from typing import Any

import pypdfium2.raw as pdfium

from guarantees.reading.page import Edge, Point, joined, turned

MOST_PATHS = 20_000
MOST_EDGES = 3_000
DEEPEST = 8
SHORTEST_EDGE = 4.0
STRAIGHT = 0.8


def rules(leaf: Any, quarter: int) -> tuple[list[Edge], list[Edge]]:
    """Find the straight lines drawn along and across the text, and the sides of drawn boxes."""
    level: list[Edge] = []
    plumb: list[Edge] = []
    for one, other in _strokes(leaf):
        (x, y), (u, v) = turned(one, quarter), turned(other, quarter)
        if len(level) + len(plumb) >= MOST_EDGES:
            break
        if abs(y - v) <= STRAIGHT and abs(x - u) >= SHORTEST_EDGE:
            level.append(Edge((y + v) / 2, min(x, u), max(x, u)))
        elif abs(x - u) <= STRAIGHT and abs(y - v) >= SHORTEST_EDGE:
            plumb.append(Edge((x + u) / 2, min(y, v), max(y, v)))
    return joined(level), joined(plumb)


def _strokes(leaf: Any) -> Iterator[tuple[Point, Point]]:
    paths = _drawn(leaf.raw, pdfium.FS_MATRIX(1, 0, 0, 1, 0, 0), 0)
    for drawn, matrix in islice(paths, MOST_PATHS):
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
    for index in range(min(pdfium.FPDFPath_CountSegments(path), MOST_PATHS)):
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
