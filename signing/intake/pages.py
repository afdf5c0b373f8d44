"""頁の数と大きさ、注釈、フォント。"""

import math
from typing import Any

import pikepdf

from signing.intake.findings import Findings, Unfit

MOST_PAGES = 5000
MOST_ANNOTATIONS = 2000  # 一頁あたり
SHORTEST_SIDE = 3  # ISO 32000-1 附属書 C の用紙の大きさ（ポイント）
LONGEST_SIDE = 14_400
MOST_ENLARGED = 100
UNSEEN = 2 | 32 | 256  # Hidden、NoView、ToggleNoView（ISO 32000-2 表167）
SILENT = {"/Link", "/Popup", "/Widget"}
PRINTED_OTHERWISE = {"/Watermark", "/PrinterMark", "/TrapNet"}
EMBEDDED = ("/FontFile", "/FontFile2", "/FontFile3")


def check(pdf: pikepdf.Pdf, found: Findings) -> None:
    """Check every page; raises Unfit for what cannot be shown or is shown differently on paper."""
    if len(pdf.pages) == 0:
        raise Unfit("no_pages")
    if len(pdf.pages) > MOST_PAGES:
        raise Unfit("too_many_pages", str(MOST_PAGES))
    for number, page in enumerate(pdf.pages, 1):
        if not _has_a_size(page):
            raise Unfit("page_size", str(number))
        _check_annotations(page.obj.get("/Annots"), found)


def _has_a_size(page: Any) -> bool:
    try:
        left, bottom, right, top = (float(each) for each in page.mediabox)
        enlarged = float(page.obj.get("/UserUnit", 1))
        turned = int(page.rotation)
    except (TypeError, ValueError, AttributeError, KeyError):
        return False
    sides = (abs(right - left), abs(top - bottom))
    sound = all(math.isfinite(side) and SHORTEST_SIDE <= side <= LONGEST_SIDE for side in sides)
    return sound and 0 < enlarged <= MOST_ENLARGED and turned % 90 == 0


def _check_annotations(annotations: Any, found: Findings) -> None:
    if annotations is None:
        return
    if not isinstance(annotations, pikepdf.Array):
        raise Unfit("damaged")
    if len(annotations) > MOST_ANNOTATIONS:
        raise Unfit("too_many_annotations")
    for each in annotations:
        if isinstance(each, pikepdf.Dictionary):
            _check_annotation(each, found)


def _check_annotation(each: Any, found: Findings) -> None:
    kind = str(each.get("/Subtype", ""))
    if kind in SILENT:
        return
    if kind in PRINTED_OTHERWISE or int(each.get("/F", 0)) & UNSEEN:
        raise Unfit("unlike_print")
    found.warn("annotations")


def missing_font(each: Any) -> str:
    """Name the font that a dictionary describes when its glyphs are not in the file."""
    if str(each.get("/Type", "")) != "/Font" or str(each.get("/Subtype", "")) in {"/Type0", "/Type3"}:
        return ""
    description = each.get("/FontDescriptor", {})
    if any(key in description for key in EMBEDDED):
        return ""
    return str(each.get("/BaseFont", "/名称なし"))[1:]
