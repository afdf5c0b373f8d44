"""Whatever is concluded stands in the archive once, as it is now; what was said of it before stays beside."""

from datetime import date

import pytest
from django.utils import timezone

from contracts.archive import entries, searching
from contracts.archive.asking import Wanted
from contracts.archive.entries import Filing, Outside
from contracts.models import Archived, ArchiveEntry, Consent, EntryState
from contracts.services.cases import amending, registering
from contracts.services.consents import consenting, withdrawing
from tests import factories
from tests.stories import Story, story

pytestmark = pytest.mark.django_db


@pytest.fixture
def tosu(db: None) -> Story:
    return story()


def standing(subject: str) -> ArchiveEntry:
    return ArchiveEntry.unscoped.get(subject=subject, is_current=True)


def history(subject: str) -> list[tuple[str, bool]]:
    rows = ArchiveEntry.unscoped.filter(subject=subject).order_by("pk")
    return [(row.get_state_display(), row.is_current) for row in rows]


def filing(**values) -> Filing:
    city = factories.city("tosu")
    kept = {
        "what": Archived.CONTRACT,
        "subject": "foreign:1",
        "day": date(2021, 3, 31),
        "amount": 500_000,
        "title": "元町橋橋梁補修工事",
        "party": "㈱髙﨑建設",
        "case": Outside(tenant_id=city.pk, number="第12号", kind="construction", kind_label="工事"),
    }
    return Filing(**(kept | values))


def test_a_contract_concluded_elsewhere_is_filed_without_a_case(tosu):
    entry = entries.file(filing())

    assert (entry.case, entry.department, entry.number, entry.fiscal_year) == (None, None, "第12号", 2020)
    found = searching.search(Wanted(words=("12号", "高崎"), departments=(None,)), actor=tosu.approver)
    assert [each.pk for each in found.entries] == [entry.pk]


def test_filing_again_what_has_not_changed_changes_nothing(tosu):
    first = entries.refile(filing())

    assert entries.refile(filing()).pk == first.pk
    assert ArchiveEntry.unscoped.count() == 1


def test_what_has_changed_is_a_new_entry_that_corrects_the_one_before(tosu):
    before = entries.refile(filing())

    after = entries.refile(filing(title="元町橋橋梁補修工事（その2）", state=EntryState.ENDED))

    assert after.corrects_id == before.pk
    assert history("foreign:1") == [("有効", False), ("終了", True)]
    assert searching.search(Wanted(), actor=tosu.approver).total.count == 1


def test_what_was_disposed_of_stays_so_whatever_is_filed_of_it_later(tosu):
    rows = ArchiveEntry.unscoped.filter(pk=entries.file(filing()).pk)
    entries.restate(rows, EntryState.DISPOSED)

    entries.refile(filing(title="元町橋補修工事"))
    entries.restate(ArchiveEntry.unscoped.filter(subject="foreign:1"), EntryState.ENDED)

    assert history("foreign:1") == [("有効", False), ("廃棄済", True)]


def test_a_thing_is_found_by_each_of_its_numbers(tosu):
    entries.file(filing(also=("2070004426",)))

    for number in ("第12号", "2070004426", "7000"):
        assert searching.search(Wanted(numbers=(number,)), actor=tosu.approver).total.count == 1


def test_a_consent_is_filed_when_it_is_accepted_and_ends_when_it_is_withdrawn(tosu):
    tosu.invited()
    assert not ArchiveEntry.unscoped.exists()
    consent = _accept(tosu)
    entry = standing(f"consent:{consent.pk}")
    assert (entry.what, entry.amount, entry.party) == (Archived.CONSENT, 0, consent.company_name)
    assert entry.concluded_date == timezone.localdate(consent.accepted_at)

    withdrawing.withdraw(consent, actor=tosu.drafter, at=timezone.now(), reason="紙で締結したい")

    assert history(entry.subject) == [("有効", False), ("終了", True)]


def test_a_consent_follows_the_correction_of_its_case(tosu):
    consent = _accept(tosu.invited())

    registering.correct(tosu.case, actor=tosu.drafter, at=timezone.now(), edit_number=0, title="市道△△線舗装工事")

    assert standing(f"consent:{consent.pk}").title == "市道△△線舗装工事（電子契約利用承諾書）"
    assert len(history(f"consent:{consent.pk}")) == 2


def test_a_contract_on_paper_ends_the_consent_and_one_that_was_not_accepted_is_not_filed(tosu):
    tosu.invited()
    registering.switch_to_paper(tosu.case, actor=tosu.drafter, at=timezone.now(), contract_date=timezone.localdate())
    assert not ArchiveEntry.unscoped.exists()

    other = story()
    consent = _accept(other.invited())
    registering.switch_to_paper(other.case, actor=other.drafter, at=timezone.now(), contract_date=timezone.localdate())

    assert history(f"consent:{consent.pk}") == [("有効", False), ("終了", True)]


def test_an_amendment_leaves_the_contract_changed_and_stands_in_its_place(tosu):
    original = tosu.concluded().version
    amended = amending.amend(
        tosu.case, actor=tosu.drafter, at=timezone.now(), signatory=tosu.signatory, reason="設計変更"
    )
    tosu.send(amended, amount=tosu.case.amount + 1_100_000).sign_all()

    assert history(f"version:{original.pk}") == [("有効", False), ("変更済", True)]
    assert history(f"version:{amended.pk}") == [("有効", True)]
    in_force = Wanted(whats=(Archived.CONTRACT, Archived.AMENDMENT), states=(EntryState.IN_FORCE,))
    found = searching.search(in_force, actor=tosu.approver)
    assert (found.total.count, found.total.amount) == (1, tosu.case.amount + 1_100_000)


def _accept(played: Story) -> Consent:
    consent, holder = played.consent, played.holder("consent")
    given = consenting.submit(consent, actor=holder, at=timezone.now(), answers=played.answers(consent))
    return consenting.accept(given, actor=played.drafter, at=timezone.now())
