"""署名を付けてよい文書かを確かめ、その立ち位置を読む。"""

import mmap
from dataclasses import replace
from typing import TypeAlias

from signing.pdf.file import File
from signing.pdf.syntax import Broken
from signing.refusals import SealingRefused
from signing.standing import Standing, standing_of
from signing.verification.integrity import Document
from signing.verification.locks import forbids_more

Body: TypeAlias = bytes | mmap.mmap

UNREADABLE = "文書を読み取れないため、署名できません。文書を作り直してください。"
ENCRYPTED = "暗号化された文書には署名できません。保護を外した文書を用意してください。"
LOCKED = "変更を禁じられた文書のため、署名を加えられません。"
BROKEN = "既にある署名が壊れているため、署名を加えられません。"


def sealable(body: Body) -> Standing:
    """Return the standing of a document that may be signed, read once; raises SealingRefused for any other."""
    try:
        document = Document(body)
        refusal = _refusal(document)
        if not refusal:
            return replace(standing_of(document.file), stamp=_stamp(document))
    except Broken as error:
        raise SealingRefused(UNREADABLE) from error
    raise SealingRefused(refusal)


def _stamp(document: Document) -> tuple[bytes, ...]:
    """Return the certificate that made the newest document timestamp, and then those that came with it."""
    stamps = [each for each in document.signed if each.is_timestamp]
    if not stamps:
        return ()
    newest = stamps[-1]
    return tuple(dict.fromkeys((newest.certificate.der, *newest.cms.certificates)))


def _refusal(document: Document) -> str:
    if document.file.encrypted:
        return ENCRYPTED
    if _is_locked(document.file):
        return LOCKED
    return BROKEN if document.tampering() else ""


def _is_locked(file: File) -> bool:
    """Tell whether someone has forbidden further signatures: certification, usage rights, locked fields."""
    permissions = file.resolve(file.catalog().get("Perms"))
    if isinstance(permissions, dict) and permissions.keys() - {"DocMDP"}:
        return True
    return any(forbids_more(file, each.dictionary) for each in file.fields() if each.kind == "Sig")
