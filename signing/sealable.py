"""署名を付けてよい文書かを確かめ、その立ち位置を読む。"""

import mmap
from typing import TypeAlias

from asn1crypto import x509

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
NO_STAMP = "延長する文書タイムスタンプがない文書です。"


def sealable(body: Body) -> Standing:
    """Return the standing of a document that may be signed, read once; raises SealingRefused for any other."""
    return _checked(body)[1]


def renewable(body: Body) -> tuple[Standing, x509.Certificate, list[x509.Certificate]]:
    """Return the standing, the certificate that made the newest document timestamp, and those that came with it.

    Raises SealingRefused when the document may not be signed or has no document timestamp.
    """
    document, standing = _checked(body)
    stamps = [each for each in document.signed if each.is_timestamp]
    if not stamps:
        raise SealingRefused(NO_STAMP)
    newest = stamps[-1]
    others = [x509.Certificate.load(each) for each in newest.cms.certificates]
    return standing, x509.Certificate.load(newest.certificate.der), others


def _checked(body: Body) -> tuple[Document, Standing]:
    try:
        document = Document(body)
        refusal = _refusal(document)
        if not refusal:
            return document, standing_of(document.file)
    except Broken as error:
        raise SealingRefused(UNREADABLE) from error
    raise SealingRefused(refusal)


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
