"""すでにある電子署名。市が認めたときだけ、有効なものの上に署名を重ねる。"""

from pathlib import Path
from typing import Any

import pikepdf

from signing.intake.findings import Findings, Unfit
from signing.intake.words import NAMES

# 署名より後の版と、版の間で使われなくなったものは、検証が一つずつ調べる。
OF_SIGNED_FILES = {"history", "hidden"}
LOCKING = {"/All", "/Exclude"}


def is_signature(each: Any) -> bool:
    """Tell whether a dictionary is a signature or a document timestamp."""
    return str(each.get("/Type", "")) in {"/Sig", "/DocTimeStamp"} or "/ByteRange" in each


def check(received: Path, pdf: pikepdf.Pdf, signatures: list[Any], trust: Path, found: Findings) -> None:
    """Accept a signed file byte for byte, or raise Unfit."""
    if not trust.exists():
        raise Unfit("signed")
    if any(map(_is_locking, signatures)) or any(map(_is_locked, pdf.objects)):
        raise Unfit("signed_locked")
    if wrong := found.changes.keys() - OF_SIGNED_FILES:
        raise Unfit("signed_unfit", "、".join(sorted(NAMES[code] for code in wrong)))
    found.changes.clear()
    for field, signer in _valid(received, trust):
        found.signed_fields.append(field)
        found.warn("signed", signer)


def _is_locking(signature: Any) -> bool:
    """Tell whether a signature forbids further ones (DocMDP level 1, FieldMDP over all fields)."""
    for reference in signature.get("/Reference", []):
        method, parameters = str(reference.get("/TransformMethod", "")), reference.get("/TransformParams", {})
        if method == "/DocMDP" and int(parameters.get("/P", 2)) == 1:
            return True
        if method == "/FieldMDP" and str(parameters.get("/Action", "")) in LOCKING:
            return True
    return False


def _is_locked(each: Any) -> bool:
    """Tell whether a signature field locks what signing would add."""
    lock = each.get("/Lock") if isinstance(each, pikepdf.Dictionary) else None
    if not isinstance(lock, pikepdf.Dictionary):
        return False
    return str(lock.get("/Action", "")) in LOCKING or int(lock.get("/P", 2)) == 1


def _valid(received: Path, trust: Path) -> list[tuple[str, str]]:
    """List the fields and their signers; raises Unfit unless our own verification passes the file offline."""
    from signing.results import Verdict
    from signing.trust import Trust
    from signing.verification import verify

    report = verify(received.read_bytes(), trust=Trust.load([trust]))
    if report.verdict is not Verdict.VALID:
        raise Unfit("signed_broken", next(iter(report.problems), report.headline).rstrip("。"))
    return [(each.field, each.signer) for each in report.signatures]
