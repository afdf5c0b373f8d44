"""署名が失われた跡を探す。判定ではなく、判定の説明。無害化や別名での保存は、全体を書き直し、署名を残さない。

改ざんは跡を隠し、書き直しは跡を残す。どちらとも言えないときは、言わない。書き直されたファイルの内容が元と同じかどうかは、
そのファイルからはだれにも分からない。
"""

import re
from dataclasses import dataclass
from enum import StrEnum

from signing.pdf.file import Field, File
from signing.pdf.pieces import matches
from signing.pdf.syntax import Broken, Buffer, Value, text
from signing.results import Problem, Report, Verdict
from signing.verification.integrity import BYTE_RANGE, HEX_STRING, LONGEST_RANGE, Document
from signing.verification.problems import HIDDEN, MALFORMED, OUTSIDE

SIGNATURES_EXIST = 1  # /SigFlags（ISO 32000-2 表225）
LONGEST_NAME = 200
# 無害化の製品が /Producer・/Creator に残す名。手掛かりの一つで、名のないことは何も示さない。
SANITISERS = re.compile(
    r"votiro|opswat|metadefender|glasswall|gatescanner|shieldex|threat extraction|resec|odix|deep secure"
    r"|intersafe|sanitiz|saniti[sz]er|disarm|無害化|サニタイ",
    re.IGNORECASE,
)
# 署名の欄そのものではないが、署名なしに書かれることのないもの。
EVIDENCE = "検証情報（DSS）だけが残っています。"
FLAGGED = "署名があると書かれていますが、署名の欄は空です。"
OWN_FIELD = "署名と同時に作られる欄が、空になっています。"
LEFTOVER = "署名の値だけが、どの欄にもつながらずに残っています。"
MOVED = "署名はありますが、署名された範囲がファイルのどこにも合いません。"
OWN_NAME = re.compile(r"FIELD_\d+_\d+")


class Loss(StrEnum):
    """What became of the signatures of a file that has none that can be checked."""

    SANITISED = "SANITISED"
    REWRITTEN = "REWRITTEN"
    PASSED = "PASSED"
    PREPARED = "PREPARED"


@dataclass(frozen=True)
class Remains:
    """What tells that a file was signed once: `signs` in sentences, `writer` as the file names its last program.

    SANITISED and REWRITTEN: signatures were lost, in the first by a product that disarms files. PASSED: such a product
    wrote the file, and whether it was signed cannot be told. PREPARED: a place for a signature, which nobody signed.
    """

    loss: Loss
    signs: tuple[str, ...]
    writer: str


def remains(pdf: bytes, report: Report) -> Remains | None:
    """Say how the signatures of a judged file were lost; None where they stand, or where nothing tells of any."""
    if report.verdict not in {Verdict.UNSIGNED, Verdict.INVALID}:
        return None
    try:
        document = Document(pdf)
        signs = _signs(document, report)
        writer = _writer(document.file)
        is_empty = not signs and report.verdict is Verdict.UNSIGNED and bool(_empty(document.file))
    except (Broken, RecursionError, ValueError):
        return None
    return _said(signs, writer, is_empty=is_empty, is_unsigned=report.verdict is Verdict.UNSIGNED)


def _said(signs: list[str], writer: str, *, is_empty: bool, is_unsigned: bool) -> Remains | None:
    is_sanitised = SANITISERS.search(writer) is not None
    if signs:
        return Remains(Loss.SANITISED if is_sanitised else Loss.REWRITTEN, tuple(signs), writer)
    if is_unsigned and is_sanitised:
        return Remains(Loss.PASSED, (), writer)
    return Remains(Loss.PREPARED, (), writer) if is_empty else None


def _signs(document: Document, report: Report) -> list[str]:
    if report.verdict is Verdict.INVALID:
        return [MOVED] if _is_rewritten(document, report) else []
    file = document.file
    form = file.acroform() or {}
    flags = form.get("SigFlags")
    empty = _empty(file)
    found = {
        EVIDENCE: "DSS" in file.catalog(),
        FLAGGED: bool(empty) and isinstance(flags, int) and bool(flags & SIGNATURES_EXIST),
        OWN_FIELD: any(OWN_NAME.fullmatch(each.name) for each in empty),
        LEFTOVER: _leftover(file),
    }
    return [sign for sign, is_there in found.items() if is_there]


def _empty(file: File) -> list[Field]:
    return [each for each in file.fields() if each.kind == "Sig" and each.value is None]


def _leftover(file: File) -> bool:
    """Tell whether a live object is the value of a signature that no field shows."""
    numbers = {number for each in file.revisions for section in each.sections for number in section.numbers()}
    return any(_is_signature(file.object(number)) for number in numbers)


def _is_signature(value: Value) -> bool:
    return isinstance(value, dict) and "ByteRange" in value and isinstance(value.get("Contents"), bytes)


def _is_rewritten(document: Document, report: Report) -> bool:
    """Tell whether the whole file was written anew around its signatures: each is out of place, in one version.

    Bytes changed in place keep the ranges as they were, and whatever was added makes a version more.
    """
    if len(document.file.revisions) > 1:
        return False
    told = _told(report)
    if not document.signed:
        return told == {HIDDEN} and not _stands(document.pdf)
    return all(each.problem in {MALFORMED, OUTSIDE} for each in document.signed) and not _stands(document.pdf)


def _told(report: Report) -> set[Problem]:
    return {each for each in report.problems if each.verdict is Verdict.INVALID}


def _stands(pdf: Buffer) -> bool:
    """Tell whether some range of bytes that is written in the file leaves out exactly a string, as signatures do."""
    for found in matches(BYTE_RANGE, pdf, longest=LONGEST_RANGE):
        _first, before, after, _length = map(int, found.groups())
        if before < after <= len(pdf) and HEX_STRING.fullmatch(pdf, before, after):
            return True
    return False


def _writer(file: File) -> str:
    """Return the program that wrote the file last, as its document information names it."""
    told = file.resolve(file.trailer().get("Info"))
    if not isinstance(told, dict):
        return ""
    names = [file.resolve(told.get(key)) for key in ("Producer", "Creator")]
    known = [text(each).strip() for each in names if isinstance(each, bytes)]
    return " / ".join(dict.fromkeys(filter(None, known)))[:LONGEST_NAME]
