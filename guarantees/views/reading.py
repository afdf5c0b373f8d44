"""What was read from the papers, beside the contract, as both sides see it before a guarantee is handed in."""

from dataclasses import dataclass
from typing import Any

from django.utils import timezone

from accounts.actors import Actor
from contracts.folding import search_key
from contracts.models import Case
from guarantees import guidance
from guarantees.forms.files import MoreForm
from guarantees.models import Arrival, GuaranteeType, Institution, PaperSlot
from guarantees.services import finding


@dataclass(frozen=True)
class Row:
    """One thing on the notice and on the contract; `fits` is None where there is nothing to compare."""

    label: str
    read: str
    contract: str = ""
    fits: bool | None = None
    is_key: bool = False


@dataclass(frozen=True)
class Reading:
    """What was read, and what does not fit."""

    rows: tuple[Row, ...]
    doubts: tuple[str, ...]


def reading_of(arrival: Arrival, case: Case, actor: Actor) -> Reading:
    """Set what was read beside the contract."""
    notice, certificate = arrival.notice_facts, arrival.certificate_facts
    known = finding.institution(actor, guarantor=notice.guarantor or certificate.guarantor, branch=certificate.branch)
    doubts = finding.doubts(case, notice=notice, certificate=certificate, bank=known, on=timezone.localdate())
    return Reading(_rows(arrival, case, known), doubts)


def _rows(arrival: Arrival, case: Case, known: Institution | None) -> tuple[Row, ...]:
    notice, certificate = arrival.notice_facts, arrival.certificate_facts
    title = notice.work_title or certificate.work_title or ""
    orderer = notice.orderer or certificate.beneficiary or ""
    guarantor = notice.guarantor or certificate.guarantor or ""
    type_ = notice.type or certificate.type
    same = search_key(title) == search_key(case.title) if title else None
    named = search_key(case.tenant.name) in search_key(orderer) if orderer else None
    return (
        Row("区分", GuaranteeType(type_).label if type_ else ""),
        Row("保証契約番号", notice.number or certificate.number or ""),
        Row("認証キー", arrival.masked_key, is_key=True),
        Row("工事名", title, case.title, same),
        Row("発注者", orderer, case.tenant.addressee, named),
        Row(
            "保証機関", guarantor, str(known) if known else "一覧にありません", known is not None if guarantor else None
        ),
    )


@dataclass(frozen=True)
class Slot:
    """A paper that is asked for, or one that came: its name, and its file if it is there."""

    label: str
    name: str = ""
    is_missing: bool = False


def papers_context(arrival: Arrival, case: Case | None, more: MoreForm) -> dict[str, Any]:
    """Give a page the papers that came, those the case asks for that did not, and the form for more of them."""
    papers = [Slot(paper.get_slot_display(), paper.name) for paper in arrival.papers.all()]
    there = {paper.slot for paper in arrival.papers.all()}
    asked = [PaperSlot.NOTICE, *([PaperSlot.CERTIFICATE] if case and guidance.needs_certificate(case) else [])]
    missing = [Slot(slot.label, is_missing=True) for slot in asked if slot not in there]
    return {
        "papers": [*papers, *missing],
        "missing": [slot.label for slot in missing],
        "more": more,
        "more_open": bool(missing or more.errors),
    }
