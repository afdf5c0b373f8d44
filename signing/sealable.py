# mypy: disable-error-code="no-untyped-call"
"""署名を付けてよい文書かを確かめ、その立ち位置を読む。"""

import mmap
from typing import Any, TypeAlias

from asn1crypto import cms, x509
from pyhanko.sign.validation.generic_cms import extract_certs_for_validation

from signing.cms import length_of
from signing.pdf.file import File
from signing.pdf.syntax import Dictionary, Name
from signing.refusals import SealingRefused
from signing.standing import Standing, standing_of
from signing.verification import integrity

Body: TypeAlias = bytes | mmap.mmap

UNREADABLE = "文書を読み取れないため、署名できません。文書を作り直してください。"
ENCRYPTED = "暗号化された文書には署名できません。保護を外した文書を用意してください。"
LOCKED = "変更を禁じられた文書のため、署名を加えられません。"
BROKEN = "既にある署名が壊れているため、署名を加えられません。"
NO_STAMP = "延長する文書タイムスタンプがない文書です。"
LOCKING_ACTIONS = {Name("All"), Name("Exclude")}


def sealable(body: Body) -> Standing:
    """Return the standing of a document that may be signed; raises SealingRefused for any other."""
    try:
        file = File(body)
        refusal = _refusal(file, body)
        standing = standing_of(file) if not refusal else None
    except Exception as error:  # 壊れた文書は何種類もの例外になる。どれも「署名できない」
        raise SealingRefused(UNREADABLE) from error
    if standing is None:
        raise SealingRefused(refusal)
    return standing


def _refusal(file: File, body: Body) -> str:
    if file.encrypted:
        return ENCRYPTED
    if _is_locked(file):
        return LOCKED
    return BROKEN if _has_signatures(file) and integrity.Document(bytes(body)).tampering() else ""


def last_stamp(body: Body) -> tuple[x509.Certificate, list[x509.Certificate]]:
    """Return the certificate that made the newest document timestamp, and those that came with it.

    Raises SealingRefused when there is no document timestamp.
    """
    file = File(body)
    values = [file.resolve(each.value) for each in file.fields() if each.kind == "Sig"]
    stamps = [each for each in values if isinstance(each, dict) and each.get("Type") == "DocTimeStamp"]
    if not stamps:
        raise SealingRefused(NO_STAMP)
    content: Any = max(stamps, key=_end)["Contents"]
    signed = cms.ContentInfo.load(content[: length_of(content)])["content"]
    certificates = extract_certs_for_validation(signed)
    return certificates.signer_cert, list(certificates.other_certs)


def _end(signature: Any) -> int:
    _zero, _before, after, length = signature["ByteRange"]
    return int(after) + int(length)


def _has_signatures(file: File) -> bool:
    return any(each.kind == "Sig" and each.value is not None for each in file.fields()) or (
        file.data.find(b"/ByteRange") >= 0
    )


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
