"""門の手順: 断るものを断り、直すものを直し、直したものはもう一度同じ門を通す。"""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pikepdf

from signing.intake import actions, earlier, envelope, forms, layers, pages, rendering, rewriting, structure
from signing.intake.findings import Findings, Unfit
from signing.intake.streams import Meter

MOST_OBJECTS = 100_000  # verification が調べきれる大きさ
HARMLESS = re.compile(
    "reported number of objects|extraneous whitespace|invalid xref table entry|has offset 0 - a common"
)
RIGHTS = {"/UR", "/UR3"}


def inspect(room: Path) -> dict[str, Any]:
    """Judge `received.pdf` in a directory, writing `kept.pdf` when it had to be put in order; raises Unfit."""
    received, kept, trust = room / "received.pdf", room / "kept.pdf", room / "trust.pem"
    found = Findings()
    with _examined(received, found) as (pdf, signatures):
        count = len(pdf.pages)
        if signatures:
            earlier.check(received, pdf, signatures, trust, found)
        elif found.changes:
            rewriting.save(pdf, kept)
    if found.changes and not signatures:
        _check_settled(kept)
        _check_look(received, kept, found)
    elif rendering.count(received) != count:
        raise Unfit("damaged")
    return {"pages": count, **found.plain()}


def _check_look(received: Path, kept: Path, found: Findings) -> None:
    try:
        rendering.compare(received, kept)
    except Unfit as unfit:
        if unfit.code == "looks_different" and "form" in found.changes:
            raise Unfit("form") from unfit  # 欄の見た目を閲覧ソフトが描いていた
        raise


def _check_settled(kept: Path) -> None:
    """Demand that what was put in order needs nothing more: whatever could not be taken out shows here."""
    again = Findings()
    with _examined(kept, again):
        left = sorted(again.changes.get("actions", ()))
    if left:
        raise Unfit("active", "、".join(left))
    if again.changes:
        raise Unfit("damaged")


@contextmanager
def _examined(path: Path, found: Findings) -> Iterator[tuple[pikepdf.Pdf, list[Any]]]:
    """Open a file, note and mend what is in it; yield it with the signatures it carries. Raises Unfit."""
    envelope.check(path, found)
    with _opened(path) as pdf:
        _check_size(pdf)
        pages.check(pdf, found)
        signatures = _look_at_objects(pdf, path.stat().st_size, found)
        actions.clean_catalog(pdf, found)
        forms.clean(pdf, found, signed=bool(signatures))
        layers.clean(pdf, found)
        structure.check(path, found, signed=bool(signatures))
        _check_repairs(pdf, found)
        yield pdf, signatures


def _check_repairs(pdf: pikepdf.Pdf, found: Findings) -> None:
    """Refuse what the reader had to guess; a wrong count of objects is put right by writing them anew."""
    for warning in pdf.get_warnings():
        if HARMLESS.search(str(warning)) is None:
            raise Unfit("damaged")
        found.change("structure")


@contextmanager
def _opened(path: Path) -> Iterator[pikepdf.Pdf]:
    try:
        pdf = pikepdf.open(
            path, attempt_recovery=False, inherit_page_attributes=False, access_mode=pikepdf.AccessMode.mmap
        )
    except pikepdf.PasswordError as error:
        raise Unfit("encrypted") from error
    except pikepdf.PdfError as error:
        # 公開鍵による暗号化は、qpdf には「知らない方式」としか読めない
        raise Unfit("encrypted" if "encrypt" in str(error) else "damaged") from error
    with pdf:
        if pdf.is_encrypted:
            raise Unfit("encrypted")
        yield pdf


def _check_size(pdf: pikepdf.Pdf) -> None:
    if int(pdf.trailer.get("/Size", 0)) > MOST_OBJECTS:
        raise Unfit("too_many_objects")
    if "/Collection" in pdf.Root:
        raise Unfit("attachments")


def _look_at_objects(pdf: pikepdf.Pdf, size: int, found: Findings) -> list[Any]:
    """Visit every object once; return the signatures of people or time authorities."""
    meter, signatures, rights = Meter(size), [], _rights(pdf, found)
    for each in pdf.objects:
        if isinstance(each, pikepdf.Stream):
            meter.check(each, found)
        if not isinstance(each, pikepdf.Dictionary | pikepdf.Stream | pikepdf.Array):
            continue
        actions.clean(each, found)
        if isinstance(each, pikepdf.Dictionary):
            if name := pages.missing_font(each):
                found.warn("fonts", name)
            if earlier.is_signature(each) and each.objgen not in rights:
                signatures.append(each)
    return signatures


def _rights(pdf: pikepdf.Pdf, found: Findings) -> set[tuple[int, int]]:
    """Take out what widens a reader's functions (usage rights); their signature binds nobody."""
    permissions = pdf.Root.get("/Perms")
    if not isinstance(permissions, pikepdf.Dictionary) or "/DocMDP" in permissions:
        return set()
    rights = {permissions[key].objgen for key in RIGHTS & set(permissions.keys())}
    del pdf.Root["/Perms"]
    found.change("usage_rights")
    return rights
