"""Paint a page in strips: a drawing of thousands of lines takes half the time, and can be given up in good time.

PDFium takes every line through all the pixels of its bitmap, so that its time grows faster than the width.
"""

import ctypes
import math
from time import monotonic
from typing import Any

from pypdfium2 import PdfBitmap, raw

STRIP = 620  # ピクセル
# これより線の少ないページは、一度に描く。画像のページを、何度も開かない
MANY = 2000
LEAST_WIDTH = 620
WHITE = 0xFFFFFFFF
BYTES_OF_PIXEL = 3


def painted(leaf: Any, *, width: int, seconds: float) -> Any:
    """Return a page as a bitmap of a width in pixels, or of half of it, and so on, where the seconds would run out."""
    until = monotonic() + seconds
    while (bitmap := _painted(leaf, width, until=until)) is None:
        width = max(width // 2, LEAST_WIDTH)
    return bitmap


def _painted(leaf: Any, width: int, *, until: float) -> Any:
    """Paint the strip in the middle, and then the others; None where they would not be done in time at its pace."""
    across, down = leaf.get_size()
    bitmap = PdfBitmap.new_native(width, math.ceil(down * width / across), raw.FPDFBitmap_BGR)
    count = math.ceil(width / STRIP) if raw.FPDFPage_CountObjects(leaf) > MANY else 1
    edges = [(width * number // count, width * (number + 1) // count) for number in range(count)]
    middle, begun = edges.pop(count // 2), monotonic()
    _paint(leaf, bitmap, *middle)
    now = monotonic()
    if width > LEAST_WIDTH and edges and now + (now - begun) * len(edges) > until:
        bitmap.close()
        return None
    for left, right in edges:
        _paint(leaf, bitmap, left, right)
    return bitmap


def _paint(leaf: Any, bitmap: Any, left: int, right: int) -> None:
    """Paint what lies between two columns of pixels, into the memory of the whole."""
    place = ctypes.c_void_p(ctypes.addressof(bitmap.buffer) + BYTES_OF_PIXEL * left)
    strip = raw.FPDFBitmap_CreateEx(right - left, bitmap.height, bitmap.format, place, bitmap.stride)
    try:
        raw.FPDFBitmap_FillRect(strip, 0, 0, right - left, bitmap.height, WHITE)
        raw.FPDF_RenderPageBitmap(strip, leaf, -left, 0, bitmap.width, bitmap.height, 0, raw.FPDF_ANNOT)
    finally:
        raw.FPDFBitmap_Destroy(strip)
