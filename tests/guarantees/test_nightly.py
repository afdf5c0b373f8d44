"""The nightly check holds the papers of guarantees against the journal; the contractor's own it leaves alone."""

import pytest
from django.utils import timezone

from accounts.actors import Actor
from contracts.models import Case
from contracts.services.checking import papers
from guarantees.models import Attachment, Channel, Guarantee, Institution, PaperSlot
from guarantees.services import arriving, keeping
from tests.guarantees.conftest import contracted, holder, officer
from tests.guarantees.incoming import notice
from vault import files
from vault.models import StoredFile

pytestmark = pytest.mark.django_db


def handed_in(case: Case, *, about: Case | None, actor: Actor) -> Guarantee:
    """Have a notice read as that of a case (None: of no known one), and handed in for another."""
    at = timezone.now()
    (arrival,) = arriving.bring([notice()], city=case.tenant, actor=actor, at=at, channel=Channel.UPLOAD, case=about)
    return arriving.finish(
        arrival,
        case=case,
        actor=actor,
        at=timezone.now(),
        type_="advance",
        institution=Institution.unscoped.get(tenant=case.tenant),
        number=arrival.notice_facts.number or "",
        channel=Channel.BRING if actor.is_staff else Channel.UPLOAD,
        clause_set_used=True,
    )


def found(case: Case) -> list[tuple[str, str]]:
    stored = StoredFile.objects.filter(tenant_id=case.tenant_id)
    return list(papers.flaws(list(stored), tenant_id=case.tenant_id))


def swap(paper: Attachment) -> StoredFile:
    """Let a row point at other bytes, with all its hashes right."""
    other = files.store(tenant_id=paper.tenant_id, content=b"%PDF-1.7 another notice")
    values = {"file": other, "sha256": other.sha256, "size": other.size}
    Attachment.unscoped.filter(pk=paper.pk).update(**values)
    return other


def test_a_notice_that_was_swapped_is_named(case):
    guarantee = handed_in(case, about=case, actor=holder(case))
    assert found(case) == []

    other = swap(guarantee.papers.get())

    ((where, what),) = found(case)
    assert where.startswith("保証の書類 ")
    assert other.sha256 in what


def test_a_notice_that_waits_is_held_against_its_reading(case):
    actor, at = officer(case.tenant), timezone.now()
    arriving.bring([notice()], city=case.tenant, actor=actor, at=at, channel=Channel.EMAIL, case=None)
    assert found(case) == []

    swap(Attachment.unscoped.get())

    assert len(found(case)) == 1


def test_a_notice_that_was_read_as_that_of_another_case_is_told_of_where_it_was_handed_in(case):
    other = contracted()

    handed_in(case, about=other, actor=officer(case.tenant))

    assert found(case) == []


def test_the_contractors_own_papers_are_named_nowhere_and_not_asked_for(case):
    guarantee = handed_in(case, about=case, actor=holder(case))
    keeping.add_private(
        guarantee,
        slot=PaperSlot.PREMIUM,
        name="保証料計算書.pdf",
        content=b"%PDF-1.7 premium",
        shared=False,
        actor=holder(case),
        at=timezone.now(),
    )

    assert found(case) == []
