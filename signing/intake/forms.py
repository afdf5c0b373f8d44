"""入力欄を、いま見えているまま頁の内容にする。"""

from typing import Any

import pikepdf

from signing.intake.findings import Findings, Unfit

UNSEEN = 2 | 32  # Hidden と NoView（ISO 32000-2 表167）
PRINTED = 4


def clean(pdf: pikepdf.Pdf, found: Findings, *, signed: bool = False) -> None:
    """Flatten the fields, but none of a signed file; whether they look the same is judged by the renderings."""
    form = pdf.Root.get("/AcroForm")
    if not isinstance(form, pikepdf.Dictionary):
        form = pikepdf.Dictionary()
    if "/XFA" in form or "/NeedsRendering" in pdf.Root:
        raise Unfit("xfa")
    widgets = [each for page in pdf.pages for each in _widgets(page)]
    if signed:
        if not all(map(_signs, widgets)):
            found.change("form")
        return
    redraws = bool(form.get("/NeedAppearances", False))
    if widgets or len(form.get("/Fields", [])):
        if redraws:
            raise Unfit("form")  # 欄の見た目は閲覧ソフトが描く。日本語の値は、ここでは同じには描けない
        _flatten(pdf, widgets)
        found.change("form")
    elif redraws:
        del form["/NeedAppearances"]
        found.change("redraw")


def _flatten(pdf: pikepdf.Pdf, widgets: list[Any]) -> None:
    for each in widgets:
        flags = int(each.get("/F", 0))
        if bool(flags & UNSEEN) == bool(flags & PRINTED) and _is_drawn(each):
            raise Unfit("unlike_print")
    others = [(page, [each for each in _annotations(page) if not _is_widget(each)]) for page in pdf.pages]
    for page, rest in others:
        if rest:
            page.obj.Annots = pikepdf.Array(_widgets(page))
    pdf.flatten_annotations("all")
    for page, rest in others:
        page.obj.Annots = pikepdf.Array(rest)
    if "/AcroForm" in pdf.Root:
        del pdf.Root["/AcroForm"]


def _is_drawn(widget: Any) -> bool:
    return "/AP" in widget and any(
        abs(float(one) - float(other)) > 0 for one, other in zip(*_corners(widget), strict=True)
    )


def _corners(widget: Any) -> tuple[list[Any], list[Any]]:
    box = list(widget.get("/Rect", [0, 0, 0, 0]))
    return box[:2], box[2:]


def _annotations(page: Any) -> list[Any]:
    listed = page.obj.get("/Annots")
    return (
        [each for each in listed if isinstance(each, pikepdf.Dictionary)] if isinstance(listed, pikepdf.Array) else []
    )


def _widgets(page: Any) -> list[Any]:
    return [each for each in _annotations(page) if _is_widget(each)]


def _is_widget(annotation: Any) -> bool:
    return str(annotation.get("/Subtype", "")) == "/Widget"


def _signs(widget: Any) -> bool:
    return str(widget.get("/FT", "")) == "/Sig"
