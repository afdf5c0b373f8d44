"""表示を切り替えられる層。すべてがいつも見えるものだけを、切り替えられない内容にする。"""

from typing import Any

import pikepdf

from signing.intake.findings import Findings, Unfit

KINDS = {"/OCG", "/OCMD"}
SHOWN_WHEN = {"", "/AnyOn", "/AllOn"}
STATES = {"/View": "/ViewState", "/Print": "/PrintState", "/Export": "/ExportState"}


def clean(pdf: pikepdf.Pdf, found: Findings) -> None:
    """Make every layer a plain part of the page; raises Unfit when one is hidden or shown at some times only."""
    properties = pdf.Root.get("/OCProperties")
    if properties is None:
        return
    members = [each for each in pdf.objects if isinstance(each, pikepdf.Dictionary) and _kind(each) in KINDS]
    if not isinstance(properties, pikepdf.Dictionary) or not _all_shown(properties) or not all(map(_is_shown, members)):
        raise Unfit("layers")
    for each in members:
        for key in list(each.keys()):
            del each[key]  # 空の辞書は層ではない。本文の BDC からの参照は残ってよい
    del pdf.Root["/OCProperties"]
    found.change("layers")


def _all_shown(properties: Any) -> bool:
    """Tell whether the default configuration shows every layer, on screen and on paper."""
    default = properties.get("/D", pikepdf.Dictionary())
    if not isinstance(default, pikepdf.Dictionary):
        return False
    return str(default.get("/BaseState", "/ON")) == "/ON" and not len(default.get("/OFF", []))


def _is_shown(member: Any) -> bool:
    if _kind(member) == "/OCMD":
        return "/VE" not in member and str(member.get("/P", "")) in SHOWN_WHEN
    usage = member.get("/Usage", pikepdf.Dictionary())
    return all(str(usage.get(use, {}).get(state, "/ON")) == "/ON" for use, state in STATES.items())


def _kind(each: Any) -> str:
    return str(each.get("/Type", ""))
