"""A consent in the archive: filed when the city has accepted it, ended when it holds no more (R23)."""

from typing import Any

from django.utils import timezone

from contracts.archive import entries
from contracts.archive.entries import Filing
from contracts.archive.texts import queueing
from contracts.archive.texts.queueing import Paper
from contracts.models import Archived, Case, Consent, EntryState
from contracts.states import ConsentState


def follow_case(case: Case) -> None:
    """Bring the archive up to date with the consents of a case that was corrected, which is locked."""
    for consent in rows().filter(case=case).order_by("pk").select_for_update(of=("self",), no_key=True):
        consent.case = case
        follow(consent)


def rows() -> Any:
    """Return the accepted consents of the municipality in view, and those that were, for the archive's backfill."""
    return Consent.unscoped.filter(accepted_at__isnull=False)


def follow(consent: Consent) -> None:
    """Bring the archive up to date with a consent, which is locked; one that was never accepted is not filed."""
    if consent.accepted_at is None:
        return
    case, stands = consent.case, consent.state == ConsentState.ACCEPTED
    entries.refile(
        Filing(
            what=Archived.CONSENT,
            subject=f"consent:{consent.pk}",
            state=EntryState.IN_FORCE if stands else EntryState.ENDED,
            day=timezone.localdate(consent.accepted_at),
            amount=0,
            title=f"{case.title}（電子契約利用承諾書）",
            party=consent.company_name,
            case=case,
        )
    )
    if consent.paper is not None:
        paper = Paper(title="電子契約利用承諾書", file=consent.paper)
        queueing.read_later(f"consent:{consent.pk}", [paper], tenant_id=consent.tenant_id, at=consent.accepted_at)
