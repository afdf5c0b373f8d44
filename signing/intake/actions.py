"""開いたときや押したときに動く仕掛け。頁を移ることと、ウェブのページを開くことだけを残す。"""

from collections.abc import Iterator
from typing import Any
from urllib.parse import urlsplit

import pikepdf

from signing.intake.findings import Findings, Unfit

SCHEMES = {"http", "https", "mailto", "tel", ""}
# 構造要素にも頁の切り替えにも /S がある。動作の名であるものだけを相手にする。
LOUD = {
    "/JavaScript": "スクリプト",
    "/Launch": "ほかのソフトの起動",
    "/SubmitForm": "入力内容の送信",
    "/ImportData": "データの読み込み",
    "/ResetForm": "入力内容の消去",
    "/GoToE": "添付ファイルへの移動",
    "/GoToR": "ほかのファイルへの移動",
    "/GoToDp": "文書の部分への移動",
    "/Hide": "表示の切り替え",
    "/SetOCGState": "表示の切り替え",
    "/Movie": "再生",
    "/Sound": "再生",
    "/Rendition": "再生",
    "/RichMediaExecute": "再生",
    "/GoTo3DView": "立体図の操作",
    "/Trans": "画面の切り替え",
    "/Named": "閲覧ソフトの操作",
}
MEDIA = {"/RichMedia", "/Movie", "/Sound", "/Screen", "/3D"}
SLOTS = {"/A", "/PA", "/OpenAction", "/Next"}
TELLING = SLOTS | {"/AA", "/JS", "/S", "/EF", "/Subtype", "/Type"}
NO_ACTION = {"/P", "/K", "/Pg"}
NESTING = {pikepdf.ObjectType.dictionary, pikepdf.ObjectType.array}
IN_NAMES = {"/JavaScript": "スクリプト", "/Templates": "隠れたページ", "/Pages": "隠れたページ", "/Renditions": "再生"}
IN_CATALOG = {"/Requirements": "閲覧ソフトへの要求", "/SpiderInfo": "ウェブからの取り込み"}
DEEPEST = 50


def clean(each: Any, found: Findings) -> None:
    """Take every action that does more than show a page out of one indirect object, however deep it sits."""
    for inner, keys in _dictionaries(each):
        if keys.isdisjoint(TELLING):
            continue
        _check_contents(inner, keys)
        if "/AA" in keys:
            found.change("actions", "操作に応じた動作")
            del inner["/AA"]
        for slot in SLOTS & keys:
            _clean_slot(inner, slot, found)
        # 名簿など、この表に無い置き場のもの。ここでは外せないので、整えた後にも残っていれば断る。
        if kind := _loud_kind(inner, keys):
            found.change("actions", kind)


def clean_catalog(pdf: pikepdf.Pdf, found: Findings) -> None:
    """Take out what the catalog lets run by name."""
    names = pdf.Root.get("/Names")
    if isinstance(names, pikepdf.Dictionary):
        for key in IN_NAMES.keys() & set(names.keys()):
            found.change("actions", IN_NAMES[key])
            del names[key]
    for key in IN_CATALOG.keys() & set(pdf.Root.keys()):
        found.change("actions", IN_CATALOG[key])
        del pdf.Root[key]


def _dictionaries(each: Any, depth: int = 0) -> Iterator[tuple[Any, set[str]]]:
    """Yield a dictionary (or a stream's) and the direct ones inside it, each with its keys."""
    if depth > DEEPEST:
        raise Unfit("damaged")
    if isinstance(each, pikepdf.Array):
        inner = list(each)
    else:
        keys = set(each.keys())
        yield each, keys
        inner = [each[key] for key in keys & set(each.keys())]
    for value in inner:
        if isinstance(value, pikepdf.Object) and value._type_code in NESTING and not value.is_indirect:  # noqa: SLF001
            yield from _dictionaries(value, depth + 1)


def _check_contents(each: Any, keys: set[str]) -> None:
    """Refuse what carries content that would be lost, or could not be shown, if it were taken out."""
    kind = str(each.get("/Subtype", ""))
    if "/EF" in keys or kind == "/FileAttachment" or str(each.get("/Type", "")) == "/EmbeddedFile":
        raise Unfit("attachments")
    if kind in MEDIA and "/Rect" in keys:
        raise Unfit("media")


def _clean_slot(holder: Any, slot: str, found: Findings) -> None:
    action = holder.get(slot)
    links = list(action) if isinstance(action, pikepdf.Array) else [action]
    kinds = {_loud_kind(each, set(each.keys())) for each in links if isinstance(each, pikepdf.Dictionary)} - {""}
    for kind in kinds:
        found.change("actions", kind)
    if kinds:
        del holder[slot]


def _loud_kind(each: Any, keys: set[str]) -> str:
    """Name the action a dictionary is, if it is one that must go."""
    if "/JS" in keys:
        return LOUD["/JavaScript"]
    kind = str(each.get("/S", "")) if "/S" in keys else ""
    if kind in LOUD and keys.isdisjoint(NO_ACTION):
        return LOUD[kind]
    if kind == "/URI" and not _is_web(each.get("/URI")):
        return "ウェブ以外へのリンク"
    return ""


def _is_web(address: Any) -> bool:
    try:
        return urlsplit(str(address).strip()).scheme.lower() in SCHEMES
    except ValueError:
        return False
