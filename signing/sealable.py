"""署名を付けてよい文書かを確かめ、その立ち位置を読む。"""

import mmap
from typing import TypeAlias

from asn1crypto import x509

from signing.pdf.file import File
from signing.pdf.syntax import Broken, Dictionary, Name
from signing.refusals import SealingRefused
from signing.standing import Standing, standing_of
from signing.verification.integrity import Document

Body: TypeAlias = bytes | mmap.mmap

UNREADABLE = "文書を読み取れないため、署名できません。文書を作り直してください。"
ENCRYPTED = "暗号化された文書には署名できません。保護を外した文書を用意してください。"
LOCKED = "変更を禁じられた文書のため、署名を加えられません。"
BROKEN = "既にある署名が壊れているため、署名を加えられません。"
NO_STAMP = "延長する文書タイムスタンプがない文書です。"
LOCKING_ACTIONS = {Name("All"), Name("Exclude")}


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
    return any(_locks(file, each.dictionary) for each in file.fields() if each.kind == "Sig")


def _locks(file: File, field: Dictionary) -> bool:
    """ISO 32000-2 12.7.5.5 (/Lock) and 12.8.2 (transform methods)."""
    lock, signature = file.resolve(field.get("Lock")), file.resolve(field.get("V"))
    if isinstance(lock, dict) and (lock.get("Action") in LOCKING_ACTIONS or lock.get("P") == 1):
        return True
    references = file.resolve(signature.get("Reference")) if isinstance(signature, dict) else None
    listed = [file.dictionary(each) for each in references] if isinstance(references, list) else []
    return any(_forbids(each, file.resolve(each.get("TransformParams"))) for each in listed)


def _forbids(reference: Dictionary, parameters: object) -> bool:
    method = reference.get("TransformMethod")
    if not isinstance(parameters, dict):
        return True
    if method == "DocMDP":
        return bool(parameters.get("P", 2) == 1)
    return method != "FieldMDP" or parameters.get("Action") in LOCKING_ACTIONS
