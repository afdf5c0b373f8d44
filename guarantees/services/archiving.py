"""A guarantee in the archive: filed when it is accepted or received on paper, and as it stands afterwards (R23)."""

from typing import Any

from django.utils import timezone

from contracts.archive import entries
from contracts.archive.entries import Filing
from contracts.archive.texts import queueing
from contracts.archive.texts.queueing import Paper
from contracts.models import Archived, EntryState
from contracts.services.cases import forming
from guarantees.models import Completion, Guarantee, PaperSlot
from guarantees.states import GuaranteeState

STANDS = {
    GuaranteeState.DEEMED_DEPOSITED: EntryState.IN_FORCE,
    GuaranteeState.PAPER: EntryState.IN_FORCE,
    GuaranteeState.CHANGED: EntryState.CHANGED,
    GuaranteeState.RELEASED: EntryState.ENDED,
}


def rows() -> Any:
    """Return the guarantees of the municipality in view that belong in the archive, for its backfill."""
    return Guarantee.unscoped.filter(state__in=sorted(STANDS))


def completions() -> Any:
    """Return the completions of the municipality in view, for the archive's backfill."""
    return Completion.unscoped.all()


def follow(guarantee: Guarantee) -> None:
    """Bring the archive up to date with a guarantee, which is locked; one that was never accepted is not filed.

    Its counterparty is the contractor, for whom one looks; the guarantor stands in the title.
    """
    state = STANDS.get(GuaranteeState(guarantee.state))
    if state is None:
        return
    case, facts = guarantee.case, guarantee.certificate_facts
    guarantor = guarantee.institution.name if guarantee.institution else facts.guarantor or ""
    kind = "・".join(filter(None, [guarantee.get_type_display(), guarantor]))
    assert guarantee.decided_at is not None  # noqa: S101 - 受理の行に必ずある（制約 decision_has_its_record）
    entries.refile(
        Filing(
            what=Archived.GUARANTEE,
            subject=f"guarantee:{guarantee.pk}",
            state=state,
            day=facts.issued_date or timezone.localdate(guarantee.decided_at),
            amount=guarantee.guaranteed_amount or 0,
            title=f"{case.title}（{kind}）",
            party=case.contractor.name,
            case=case,
            also=(guarantee.number,),
        )
    )
    # 認証キーの書かれた書類は、理由を問わずに開けるところへ写さない（R124）
    screens = guarantee.papers.filter(slot=PaperSlot.CERTIFICATE, file__isnull=False).select_related("file")
    papers = [Paper(title=PaperSlot.CERTIFICATE.label, file=screen.file) for screen in screens if screen.file]
    queueing.read_later(f"guarantee:{guarantee.pk}", papers, tenant_id=guarantee.tenant_id, at=guarantee.decided_at)


def end(completion: Completion) -> None:
    """Let the archive say that the contracts of a completed case have ended."""
    forming.end(completion.case)
