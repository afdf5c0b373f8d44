"""Look inside an uploaded PDF, alone in a child process whose memory and time are limited.

Reads the file from stdin and writes one JSON object: {"pages", "warnings"} or {"refused", "detail"}.
"""

import io
import json
import resource
import sys
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pikepdf

MEMORY_BYTES = 768 * 1024 * 1024
CPU_SECONDS = 20
MOST_PAGES = 5000
MOST_OBJECTS = 100_000  # verification が調べきれる大きさ
MOST_ANNOTATIONS = 2000  # 一頁あたり。これを超えると署名に数十秒かかる
MOST_DECODED_BYTES = 400 * 1024 * 1024
STEP = 64 * 1024
DEEPEST = 50
WARN_FONTS = 5

ACTIONS = {
    "/JavaScript", "/Launch", "/SubmitForm", "/ImportData", "/ResetForm", "/GoToE", "/GoToR", "/Hide", "/Movie",
    "/Sound", "/Rendition", "/RichMediaExecute", "/GoTo3DView", "/SetOCGState", "/Trans", "/Named",
}  # fmt: skip
HARMLESS_OPENINGS = {"/GoTo"}
ANNOTATIONS = {"/RichMedia", "/Movie", "/Sound", "/Screen", "/3D", "/FileAttachment"}


class Refused(Exception):
    """Carry the code of a refusal; the words are chosen by the parent."""

    def __init__(self, code: str, detail: str = "") -> None:
        super().__init__(code)
        self.code = code
        self.detail = detail


def inspect(data: bytes) -> dict[str, Any]:
    """Return the page count and warnings; raises Refused."""
    try:
        pdf = pikepdf.open(io.BytesIO(data), attempt_recovery=False, inherit_page_attributes=False)
    except pikepdf.PasswordError as error:
        raise Refused("encrypted") from error
    except pikepdf.PdfError as error:
        raise Refused("damaged") from error
    with pdf:
        if pdf.is_encrypted:
            raise Refused("encrypted")
        _check_size(pdf)
        _check_catalog(pdf)
        fonts = _check_objects(pdf)
        _check_pages(pdf)
        _check_signable(data)
        return {"pages": len(pdf.pages), "warnings": _warnings(data, fonts)}


def _check_size(pdf: pikepdf.Pdf) -> None:
    if int(pdf.trailer.get("/Size", 0)) > MOST_OBJECTS:
        raise Refused("too_many_objects")
    if len(pdf.pages) == 0:
        raise Refused("no_pages")
    if len(pdf.pages) > MOST_PAGES:
        raise Refused("too_many_pages", str(MOST_PAGES))


def _check_catalog(pdf: pikepdf.Pdf) -> None:
    root = pdf.Root
    if "/Perms" in root:
        raise Refused("certified")
    _check_form(root.get("/AcroForm"))
    if "/OCProperties" in root:
        raise Refused("layers")
    if "/Collection" in root:
        raise Refused("attachments")
    if "/AA" in root or not _opens_quietly(root.get("/OpenAction")):
        raise Refused("active")
    names = root.get("/Names")
    if isinstance(names, pikepdf.Dictionary):
        if "/JavaScript" in names:
            raise Refused("active")
        if "/EmbeddedFiles" in names:
            raise Refused("attachments")


def _check_form(form: Any) -> None:
    if not isinstance(form, pikepdf.Dictionary):
        return
    if "/XFA" in form:
        raise Refused("xfa")
    if int(form.get("/SigFlags", 0)) & 1:
        raise Refused("signed")
    if len(form.get("/Fields", [])):
        signed = any(str(each.get("/FT", "")) == "/Sig" and "/V" in each for each in _dictionaries(form["/Fields"]))
        raise Refused("signed" if signed else "form")


def _dictionaries(values: Any) -> Iterator[Any]:
    return (each for each in values if isinstance(each, pikepdf.Dictionary))


def _opens_quietly(action: Any) -> bool:
    if action is None or isinstance(action, pikepdf.Array):
        return True
    return isinstance(action, pikepdf.Dictionary) and str(action.get("/S", "")) in HARMLESS_OPENINGS


def _check_objects(pdf: pikepdf.Pdf) -> set[str]:
    """Visit every object once; return the names of fonts that are not embedded."""
    total, fonts = 0, set()
    for each in pdf.objects:
        if isinstance(each, pikepdf.Stream):
            total += _decoded_size(each, MOST_DECODED_BYTES - total)
        if isinstance(each, pikepdf.Dictionary | pikepdf.Stream | pikepdf.Array):
            _check_acts(each)
        if isinstance(each, pikepdf.Dictionary):
            fonts |= _missing_font(each)
    return fonts


def _check_acts(each: Any, depth: int = 0) -> None:
    """Refuse what acts by itself, in this object or in the direct ones inside it."""
    if depth > DEEPEST:
        raise Refused("damaged")
    if isinstance(each, pikepdf.Dictionary | pikepdf.Stream):
        _check_dictionary(each)
        inner = [each[key] for key in each.keys()]  # noqa: SIM118 - pikepdf の辞書は .keys() でだけ鍵を返す
    else:
        inner = list(each)
    for value in inner:
        if isinstance(value, pikepdf.Dictionary | pikepdf.Array) and not value.is_indirect:
            _check_acts(value, depth + 1)


def _check_dictionary(each: Any) -> None:
    kind, action = str(each.get("/Type", "")), str(each.get("/S", ""))
    if kind in {"/Sig", "/DocTimeStamp"} or "/ByteRange" in each:
        raise Refused("signed")
    if "/EF" in each or kind == "/EmbeddedFile":
        raise Refused("attachments")
    if "/JS" in each or "/AA" in each or (action in ACTIONS and kind in {"", "/Action"} and _is_action(each)):
        raise Refused("active")


def _is_action(each: Any) -> bool:
    """Tell an action from a structure element or page transition, which have /S too."""
    return "/P" not in each and "/K" not in each and "/Pg" not in each


def _missing_font(each: Any) -> set[str]:
    if str(each.get("/Type", "")) != "/Font" or str(each.get("/Subtype", "")) in {"/Type0", "/Type3"}:
        return set()
    description = each.get("/FontDescriptor", {})
    if any(key in description for key in ("/FontFile", "/FontFile2", "/FontFile3")):
        return set()
    return {str(each.get("/BaseFont", "/名称なし"))[1:]}


def _check_signable(data: bytes) -> None:
    """Read it once more the way signing will, so that what is accepted here can be signed and verified later."""
    sys.path.insert(0, str(Path(__file__).parents[1]))
    from signing.changes import TooLarge, leads_nowhere
    from signing.reading import open_reader

    try:
        if leads_nowhere(open_reader(data)):
            raise Refused("dangling")
    except TooLarge as error:
        raise Refused("too_many_objects") from error


def _decoded_size(stream: Any, allowance: int) -> int:
    """Measure a stream in small steps, never holding it decoded."""
    filters = stream.get("/Filter")
    names = [str(each) for each in filters] if isinstance(filters, pikepdf.Array) else [str(filters)] if filters else []
    raw = stream.read_raw_bytes()
    if "/FlateDecode" not in names:
        return len(raw)
    if names.count("/FlateDecode") > 1 or names[0] != "/FlateDecode":
        raise Refused("bomb")
    return _inflated_size(raw, allowance)


def _inflated_size(raw: bytes, allowance: int) -> int:
    inflater, total, rest = zlib.decompressobj(), 0, raw
    try:
        while rest and not inflater.eof:
            total += len(inflater.decompress(rest, STEP))
            rest = inflater.unconsumed_tail
            if total > allowance:
                raise Refused("bomb")
    except zlib.error as error:
        raise Refused("damaged") from error
    return total


def _check_pages(pdf: pikepdf.Pdf) -> None:
    for page in pdf.pages:
        annotations = page.obj.get("/Annots")
        if annotations is None:
            continue
        if len(annotations) > MOST_ANNOTATIONS:
            raise Refused("too_many_annotations")
        for each in _dictionaries(annotations):
            _check_annotation(str(each.get("/Subtype", "")))


def _check_annotation(subtype: str) -> None:
    if subtype == "/Widget":
        raise Refused("form")
    if subtype == "/FileAttachment":
        raise Refused("attachments")
    if subtype in ANNOTATIONS:
        raise Refused("active")


def _warnings(data: bytes, fonts: set[str]) -> list[list[str]]:
    found = []
    if fonts:
        names = sorted(fonts)
        found.append(["fonts", "、".join(names[:WARN_FONTS]) + ("ほか" if len(names) > WARN_FONTS else "")])
    if data.count(b"%%EOF") > 1 and b"/Linearized" not in data[:2048] and b"/XRefStm" not in data[-4096:]:
        found.append(["revisions", ""])
    return found


def _limit() -> None:
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY_BYTES, MEMORY_BYTES))
    resource.setrlimit(resource.RLIMIT_CPU, (CPU_SECONDS, CPU_SECONDS))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


def main() -> None:
    """Inspect stdin under limits."""
    _limit()
    try:
        answer = inspect(sys.stdin.buffer.read())
    except Refused as refused:
        answer = {"refused": refused.code, "detail": refused.detail}
    except MemoryError:
        answer = {"refused": "bomb", "detail": ""}
    except Exception:  # noqa: BLE001 - 壊れたPDFは何種類もの例外になる。どれも受け取らない理由になる
        answer = {"refused": "damaged", "detail": ""}
    sys.stdout.write(json.dumps(answer))


if __name__ == "__main__":
    main()
