"""What was read from the papers, beside the contract, as both sides see it before a guarantee is handed in."""

from dataclasses import dataclass

from django.utils import timezone

from accounts.actors import Actor
from contracts.folding import search_key
from contracts.models import Case
from guarantees import guidance
from guarantees.facts import NoticeFacts
from guarantees.models import Arrival, GuaranteeType, PaperSlot
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
    return Reading(_rows(arrival, case, notice), doubts)


def _rows(arrival: Arrival, case: Case, notice: NoticeFacts) -> tuple[Row, ...]:
    certificate = arrival.certificate_facts
    title = notice.work_title or certificate.work_title or ""
    orderer = notice.orderer or certificate.beneficiary or ""
    type_ = notice.type or certificate.type
    same = search_key(title) == search_key(case.title) if title else None
    named = search_key(case.tenant.name) in search_key(orderer) if orderer else None
    return (
        Row("区分", GuaranteeType(type_).label if type_ else ""),
        Row("保証契約番号", notice.number or certificate.number or ""),
        Row("認証キー", arrival.masked_key, is_key=True),
        Row("工事名", title, case.title, same),
        Row("発注者", orderer, case.tenant.addressee, named),
        Row("保証機関", notice.guarantor or certificate.guarantor or ""),
    )


@dataclass(frozen=True)
class Slot:
    """A paper that is asked for, or one that came: its name, and its file if it is there."""

    label: str
    name: str = ""
    is_missing: bool = False


def papers_of(arrival: Arrival, case: Case) -> tuple[Slot, ...]:
    """List the papers that came, and those the city asks for that did not."""
    there = [Slot(paper.get_slot_display(), paper.name) for paper in arrival.papers.all()]
    slots = {paper.slot for paper in arrival.papers.all()}
    asked = [PaperSlot.NOTICE, *([PaperSlot.CERTIFICATE] if guidance.needs_certificate(case) else [])]
    return (*there, *(Slot(slot.label, is_missing=True) for slot in asked if slot not in slots))
