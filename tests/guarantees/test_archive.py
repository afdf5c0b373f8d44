"""A guarantee stands in the archive from its acceptance on, as it is now, found by contractor, guarantor and number."""

from datetime import timedelta

import pytest
from django.utils import timezone

from accounts.models import Role
from contracts import hooks
from contracts.archive import filling, searching
from contracts.archive.asking import Wanted
from contracts.models import ArchiveBackfill, Archived, ArchiveEntry, DocumentText, EntryState
from contracts.services.cases import amending
from guarantees import services
from guarantees.models import Guarantee, PaperSlot
from guarantees.services import archiving, keeping
from tests import factories
from tests.guarantees.conftest import NUMBER, checked, officer, submitted
from tests.guarantees.test_releasing import complete, paper
from tests.stories import story

pytestmark = pytest.mark.django_db


def history(guarantee: Guarantee) -> list[tuple[str, bool]]:
    rows = ArchiveEntry.unscoped.filter(subject=f"guarantee:{guarantee.pk}").order_by("pk")
    return [(row.get_state_display(), row.is_current) for row in rows]


def accepted(case) -> Guarantee:
    return services.accept(checked(submitted(case)), actor=officer(case.tenant), at=timezone.now())


def test_an_accepted_guarantee_is_found_by_contractor_guarantor_and_number(case):
    guarantee = accepted(case)
    auditor = factories.staff(case.tenant, Role.AUDITOR)

    for wanted in (
        Wanted(parties=(case.contractor.name,)),
        Wanted(words=("西日本建設業保証", "前払金保証")),
        Wanted(numbers=(NUMBER,)),
        Wanted(words=(case.number,), whats=(Archived.GUARANTEE,)),
    ):
        (found,) = searching.search(wanted, actor=auditor).entries
        assert (found.subject, found.amount) == (f"guarantee:{guarantee.pk}", guarantee.guaranteed_amount)


def test_what_is_awaited_checked_or_refused_is_not_filed(case):
    guarantee = checked(submitted(case))
    services.reject(guarantee, actor=officer(case.tenant), at=timezone.now(), reason="金額の不足")

    assert not ArchiveEntry.unscoped.exists()


def test_a_guarantee_on_paper_is_filed_and_ends_with_the_works(case):
    held = paper(case, number="銀-1")
    assert history(held) == [("有効", True)]

    complete(case)

    assert history(held) == [("有効", False), ("終了", True)]


def test_the_completion_ends_the_contract_and_leaves_what_was_changed_before_as_it_was(db):
    played = story().concluded()
    original = played.version
    amended = amending.amend(
        played.case, actor=played.drafter, at=timezone.now(), signatory=played.signatory, reason="設計変更"
    )
    played.send(amended, amount=played.case.amount + 1_100_000).sign_all()

    complete(played.case)

    states = dict(ArchiveEntry.unscoped.filter(is_current=True).values_list("subject", "state"))
    assert states[f"version:{original.pk}"] == EntryState.CHANGED
    assert states[f"version:{amended.pk}"] == EntryState.ENDED


def test_what_was_accepted_before_there_was_an_archive_is_brought_in(case, monkeypatch):
    with monkeypatch.context() as before:
        before.setattr(archiving, "follow", lambda guarantee: None)
        guarantee, held = accepted(case), paper(case)
        complete(case)
    assert not ArchiveEntry.unscoped.exists()

    for source in ("completion", "guarantee"):
        ArchiveBackfill.unscoped.create(tenant=case.tenant, source=source, due_at=timezone.now())
    at = timezone.now() + timedelta(seconds=1)
    while filling.fill_next(tenant_id=case.tenant_id, at=at):
        pass

    assert history(guarantee) == history(held) == [("終了", True)]
    assert set(hooks.archive_sources) >= {"consent", "amendment", "guarantee", "completion"}


def test_the_screen_of_a_certificate_is_read_and_the_papers_that_bear_the_key_are_not(case):
    guarantee = accepted(case)
    for slot in PaperSlot:
        content = factories.pdf() + slot.encode()
        keeping.keep(
            guarantee, slot=slot, name=f"{slot}.pdf", content=content, actor=officer(case.tenant), at=timezone.now()
        )

    archiving.follow(guarantee)

    read = DocumentText.unscoped.values_list("subject", "title", "file__sha256")
    screen = guarantee.papers.get(slot=PaperSlot.CERTIFICATE)
    assert list(read) == [(f"guarantee:{guarantee.pk}", "保証証書の画面", screen.sha256)]
