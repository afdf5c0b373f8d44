"""Disposal: proposed by one, approved by two others, carried out by the worker, told by a record that stays."""

from datetime import timedelta
from unittest.mock import patch

import pytest
from django.conf import settings
from django.core.exceptions import PermissionDenied
from django.core.files.storage import storages
from django.db import DatabaseError, transaction
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts import tenancy
from accounts.models import Role
from audit.models import Event
from audit.verifying import verify_chain
from contracts import holdings
from contracts.models import (
    AccessLink,
    ArchiveEntry,
    Consent,
    Contract,
    ContractKind,
    Custody,
    DisposalItem,
    DisposalRecord,
    Document,
    DocumentText,
    EntryState,
    Renewal,
    Revision,
)
from contracts.reading import content_of
from contracts.services.cases import registering
from contracts.services.checking import documents
from contracts.services.keeping import disposing, holding, proposing, terms
from contracts.services.keeping.terms import KeepingRefused
from contracts.states import DisposalState, ItemState
from guarantees.models import Guarantee
from guarantees.states import GuaranteeState
from notifications.models import Delivery
from tests import factories
from tests.contracts.keeping.conftest import LONG_AGO, dispose, yesterday
from tests.contracts.links.mailed import link_in
from vault import files
from vault.models import StoredFile

pytestmark = pytest.mark.django_db


def propose(keeper, up_to=None):
    return proposing.propose(up_to=up_to or yesterday(), actor=keeper, at=timezone.now())


def test_a_whole_case_goes_and_its_record_stays(tosu, whole, approved, keeper, second):
    """Two others approve, the worker destroys every key, and the record, the journal and the archive tell it."""
    document = Document.unscoped.filter(version=tosu.version).order_by("order").first()
    sealed = Revision.unscoped.filter(document=document).latest("number")
    before = ArchiveEntry.unscoped.get(version=tosu.version, is_current=True)
    found = {pk for pk, _ in holdings.files_of(whole)}
    assert len(found) >= 5  # 契約書と署名、仕様書、承諾書
    disposal = approved()

    assert dispose(tosu) == 1

    assert_gone(StoredFile.objects.filter(pk__in=found))
    with pytest.raises(files.Destroyed, match="保存期間が満了し"):
        content_of(document)
    disposal.refresh_from_db()
    assert disposal.state == DisposalState.DONE
    record = DisposalRecord.unscoped.get(custody=whole)
    assert (record.title, record.number, record.amount) == (tosu.case.title, tosu.case.number, tosu.case.amount)
    assert record.party == tosu.case.contractor.name
    assert (record.completed_date, record.ends_date) == (LONG_AGO, whole.ends_date)
    assert [keeper.name in record.made_by, tosu.approver.name in record.first_by, second.name in record.second_by]
    assert sealed.sha256 in [each["sha256"] for each in record.files]
    assert {each["kept"] for each in record.files} == {False}
    assert_told(tosu, record)
    now = ArchiveEntry.unscoped.get(subject=before.subject, is_current=True)
    assert (now.state, now.corrects_id) == (EntryState.DISPOSED, before.pk)
    assert (now.title, now.party, now.amount) == (before.title, before.party, before.amount)
    assert not Renewal.unscoped.filter(document__version=tosu.version).exists()
    assert not AccessLink.unscoped.filter(case=tosu.case, revoked_at__isnull=True).exists()
    assert not DocumentText.unscoped.exists()
    assert_shown_as_gone(tosu, document)
    assert_checked(document)


def assert_shown_as_gone(tosu, document):
    client = Client()
    client.force_login(factories.member(tosu.tenant, Role.DRAFTER))
    shown = client.get(reverse("document", args=[document.pk]))
    assert shown.status_code == 410
    assert "保存期間が満了し、承認を得て廃棄されました" in shown.content.decode()


def assert_checked(document):
    """The nightly check finds nothing amiss, unless the journal knows of no disposal."""
    rows = Document.unscoped.filter(pk=document.pk).prefetch_related("revisions__tail")
    rows = rows.select_related("version__contract__case")
    assert list(documents.flaws(rows)) == []
    with patch.object(documents, "DISPOSED", "nothing"):
        assert any("承認を得て廃棄した記録がありません" in what for _, what in documents.flaws(rows.all()))


def assert_gone(rows):
    for stored in rows:
        assert bytes(stored.wrapped_key) == b""
        assert not storages["vault"].exists(stored.path)


def assert_told(tosu, record):
    told = Event.objects.of_thread(tosu.tenant.pk, tosu.case.thread).get(action="custody.disposed")
    assert record.files_sha256 in told.data
    assert verify_chain(tenant_id=tosu.tenant.pk).intact


def test_the_record_can_be_neither_changed_nor_removed(tosu, kept, approved):
    approved()
    dispose(tosu)

    record = DisposalRecord.unscoped.get(custody=kept)
    for act in (record.delete, lambda: DisposalRecord.unscoped.filter(pk=record.pk).update(title="別の件名")):
        with pytest.raises(DatabaseError), transaction.atomic():
            act()


def test_nothing_is_disposed_of_on_its_own(tosu, kept, keeper, second):
    assert dispose(tosu) == 0
    propose(keeper)
    assert dispose(tosu) == 0
    assert not StoredFile.objects.filter(destroyed_at__isnull=False).exists()


def test_one_approval_is_not_enough(tosu, kept, keeper, second):
    made = propose(keeper)
    proposing.approve(made, actor=tosu.approver, at=timezone.now())

    assert dispose(tosu) == 0
    with pytest.raises(KeepingRefused, match="あと一人"):
        proposing.approve(made, actor=tosu.approver, at=timezone.now())


def test_nobody_approves_their_own_proposal(tosu, kept, keeper, second):
    made = propose(keeper)

    with pytest.raises(KeepingRefused, match="自分の起案"):
        proposing.approve(made, actor=keeper, at=timezone.now())
    with pytest.raises(DatabaseError), transaction.atomic():
        type(made).unscoped.filter(pk=made.pk).update(first_by=keeper.user_id, first_at=timezone.now())


@pytest.mark.parametrize("role", [Role.DRAFTER, Role.SIGNATORY, Role.AUDITOR])
def test_others_neither_propose_nor_approve(tosu, kept, keeper, second, role):
    made = propose(keeper)
    someone = factories.staff(tosu.tenant, role)

    for act in (lambda: propose(someone), lambda: proposing.approve(made, actor=someone, at=timezone.now())):
        with pytest.raises(PermissionDenied):
            act()


def test_a_proposal_needs_two_who_could_approve_it(tosu, kept, keeper):
    with pytest.raises(KeepingRefused, match="二人がそろいません"):
        propose(keeper)


def test_a_withdrawn_proposal_leaves_everything_and_makes_room_for_the_next(tosu, kept, keeper, second):
    made = propose(keeper)
    proposing.withdraw(made, reason="対象の見直し", actor=second, at=timezone.now())

    assert dispose(tosu) == 0
    assert made.items.get().state == ItemState.LEFT
    assert propose(keeper).items.count() == 1


def test_a_custody_stands_on_one_list_at_a_time(tosu, kept, keeper, second):
    propose(keeper)

    with pytest.raises(KeepingRefused, match="廃棄できるものはありません"):
        propose(keeper)


def test_what_is_held_stays_off_the_list(tosu, kept, keeper, second):
    held = holding.hold(kept, reason="監査", actor=keeper, at=timezone.now())
    with pytest.raises(KeepingRefused, match="廃棄できるものはありません"):
        propose(keeper)

    holding.release(held, reason="監査の終了", actor=keeper, at=timezone.now())
    assert propose(keeper).items.get().custody == kept


def test_a_hold_stops_a_disposal_that_both_have_approved(tosu, kept, approved, keeper):
    disposal = approved()
    holding.hold(kept, reason="情報公開請求", actor=keeper, at=timezone.now())
    dispose(tosu)

    item = DisposalItem.unscoped.get(custody=kept)
    assert (item.state, item.left_because) == (ItemState.LEFT, proposing.HELD)
    assert not StoredFile.objects.filter(destroyed_at__isnull=False).exists()
    disposal.refresh_from_db()
    assert disposal.state == DisposalState.DONE


def test_what_is_kept_for_ever_is_never_listed(tosu, keeper, second):
    factories.rule_set(tosu.tenant, retention={"period": "permanent"})
    terms.completed(tosu.case, completed_date=LONG_AGO, actor=tosu.drafter, at=timezone.now())

    with pytest.raises(KeepingRefused, match="廃棄できるものはありません"):
        propose(keeper)


def test_a_contract_under_way_or_an_open_guarantee_keeps_a_case(tosu, second):
    registering.switch_to_paper(tosu.case, actor=tosu.drafter, at=timezone.now(), contract_date=timezone.localdate())
    terms.completed(tosu.case, completed_date=LONG_AGO, actor=tosu.drafter, at=timezone.now())
    standing = proposing.due(tenant_id=tosu.tenant.pk, up_to=yesterday())
    obstacles = [standing.get().obstacle]
    Guarantee.unscoped.filter(case=tosu.case).update(state=GuaranteeState.NOT_NEEDED)
    obstacles.append(standing.all().get().obstacle)
    Contract.unscoped.create(
        tenant=tosu.tenant, case=tosu.case, kind=ContractKind.AMENDMENT, number=1, title="変更契約"
    )
    obstacles.append(standing.all().get().obstacle)

    assert obstacles == [
        "受理や返還の済んでいない保証があります。",
        "",
        "手続きの終わっていない契約があります。",
    ]


def test_a_day_that_is_not_over_is_refused(tosu, kept, keeper, second):
    with pytest.raises(KeepingRefused, match="まだ過ぎていません"):
        propose(keeper, timezone.localdate())


def test_what_ends_later_than_the_day_is_not_listed(tosu, kept, keeper, second):
    with pytest.raises(KeepingRefused, match="廃棄できるものはありません"):
        propose(keeper, kept.ends_date - timedelta(days=1))

    assert propose(keeper, kept.ends_date).items.get().custody == kept


def test_bytes_that_another_row_uses_stay_until_its_own_disposal(tosu, kept, approved):
    """The same scan came in as a consent of a case, too: one row in the vault, two that refer to it."""
    shared = kept.foreign.file
    Consent.unscoped.create(tenant=tosu.tenant, case=tosu.case, contractor=tosu.case.contractor, paper=shared)
    approved()
    dispose(tosu)

    shared.refresh_from_db()
    assert files.read(shared)
    assert [each["kept"] for each in DisposalRecord.unscoped.get().files] == [True]

    terms.completed(tosu.case, completed_date=LONG_AGO, actor=tosu.drafter, at=timezone.now())
    assert not holdings.is_needed(shared, besides=Custody.unscoped.get(case=tosu.case))


def test_the_same_bytes_may_be_kept_anew_after_their_disposal(tosu, kept, approved):
    content = files.read(kept.foreign.file)
    approved()
    dispose(tosu)

    stored = files.store(tenant_id=tosu.tenant.pk, content=content)

    assert stored.pk == kept.foreign.file_id
    assert files.read(stored) == content


def test_a_worker_that_dies_after_the_decision_leaves_no_ciphertext_behind(tosu, kept, approved, monkeypatch):
    stored = kept.foreign.file
    approved()

    def die(_stored):
        raise SystemExit

    with monkeypatch.context() as broken:
        broken.setattr(files, "sweep", die)
        with pytest.raises(SystemExit):
            dispose(tosu)
    assert storages["vault"].exists(stored.path)

    DisposalItem.unscoped.update(due_at=timezone.now())  # 借り期限が切れた
    dispose(tosu)

    assert not storages["vault"].exists(stored.path)
    assert DisposalRecord.unscoped.count() == 1
    assert DisposalItem.unscoped.get().state == ItemState.DONE


def test_a_worker_that_dies_in_the_decision_decides_nothing(tosu, kept, approved, monkeypatch):
    stored = kept.foreign.file
    approved()

    def die(*_args, **_kwargs):
        raise SystemExit

    with monkeypatch.context() as broken:
        broken.setattr(disposing, "note", die)
        with pytest.raises(SystemExit):
            dispose(tosu)
    assert not DisposalRecord.unscoped.exists()
    assert files.read(stored)

    DisposalItem.unscoped.update(due_at=timezone.now())
    dispose(tosu)
    assert DisposalRecord.unscoped.count() == 1


def test_every_column_that_keeps_files_is_told_of_or_keeps_them_for_ever():
    told = {(each.model._meta.label, each.column) for each in holdings.HOLDINGS}
    columns = {(each.related_model._meta.label, each.field.name) for each in holdings.relations()}

    # 本文は廃棄の初めに消え、取込みのファイルと、保証機関が発行した証書は、契約のものではない
    others = {
        ("contracts.DocumentText", "file"),
        ("contracts.ImportJob", "file"),
        ("guarantees.IssuedCertificate", "pdf"),
    }
    assert columns - told == others


def test_other_municipalities_are_not_touched(tosu, kept, approved):
    approved()
    usuki = factories.city("usuki")

    assert not disposing.dispose_next(tenant_id=usuki.pk, at=timezone.now())
    assert not Custody.unscoped.filter(disposed_at__isnull=False).exists()


def test_the_worker_needs_nobody_in_view(tosu, kept, approved):
    """The worker begins with no municipality set, unlike these tests."""
    approved()
    tenancy.forget()

    assert disposing.dispose_next(tenant_id=tosu.tenant.pk, at=timezone.now())

    tenancy.set_tenant(tosu.tenant.pk)
    stored = kept.foreign.file
    stored.refresh_from_db()
    assert_gone([stored])


def test_those_who_may_approve_a_list_are_told_once_each(tosu, kept, keeper, second):
    made = propose(keeper)

    mails = Delivery.unscoped.filter(template="contracts/disposal_requested")
    assert sorted(mail.to for mail in mails) == sorted([tosu.approver.email, second.email])
    assert {link_in(mail) for mail in mails} == {f"{settings.BASE_URL}/retention/disposals/{made.pk}/"}

    proposing.approve(made, actor=second, at=timezone.now())
    assert mails.count() == 2
