"""Disposal: proposed by one, approved by two others, carried out by the worker, told by a record that stays."""

from datetime import timedelta

import pytest
from django.core.exceptions import PermissionDenied
from django.core.files.storage import storages
from django.db import DatabaseError, transaction
from django.utils import timezone

from accounts.models import Role
from audit.models import Event
from audit.verifying import verify_chain
from contracts import holdings
from contracts.models import (
    AccessLink,
    ArchiveEntry,
    Contract,
    ContractKind,
    Custody,
    DisposalItem,
    DisposalRecord,
    Document,
    EntryState,
    Renewal,
    Revision,
)
from contracts.reading import content_of
from contracts.services.keeping import disposing, holding, proposing, terms
from contracts.services.keeping.terms import KeepingRefused
from contracts.states import DisposalState, ItemState
from guarantees.models import Guarantee
from guarantees.states import GuaranteeState
from tests import factories
from tests.contracts.keeping.conftest import LONG_AGO, dispose, yesterday
from vault import files
from vault.models import StoredFile

pytestmark = pytest.mark.django_db


def propose(keeper, up_to=None):
    return proposing.propose(up_to=up_to or yesterday(), actor=keeper, at=timezone.now())


def test_two_others_approve_and_the_worker_then_destroys_the_keys(tosu, kept, approved):
    document = Document.unscoped.filter(version=tosu.version).first()
    revision = Revision.unscoped.filter(document=document).latest("number")
    stored = revision.tail
    disposal = approved()

    assert dispose(tosu) == 1

    stored.refresh_from_db()
    assert bytes(stored.wrapped_key) == b""
    assert not storages["vault"].exists(stored.path)
    with pytest.raises(files.Destroyed, match="保存期間が満了し"):
        content_of(document)
    disposal.refresh_from_db()
    assert disposal.state == DisposalState.DONE
    assert disposal.closed_at is not None


def test_every_file_of_the_case_goes(tosu, kept, approved):
    found = {pk for pk, _ in holdings.files_of(kept)}
    approved()
    dispose(tosu)

    assert len(found) >= 5  # 契約書と署名、仕様書、証明書、承諾書
    assert not StoredFile.objects.filter(pk__in=found, destroyed_at__isnull=True).exists()


def test_the_record_stays_and_says_what_went_and_by_whose_decision(tosu, kept, approved, keeper, second):
    approved()
    dispose(tosu)

    record = DisposalRecord.unscoped.get(custody=kept)
    document = Document.unscoped.filter(version=tosu.version).order_by("order").first()
    whole = Revision.unscoped.filter(document=document).latest("number").sha256
    assert (record.title, record.number, record.amount) == (tosu.case.title, tosu.case.number, tosu.case.amount)
    assert record.party == tosu.case.contractor.name
    assert (record.completed_date, record.ends_date) == (LONG_AGO, kept.ends_date)
    assert keeper.name in record.made_by
    assert tosu.approver.name in record.first_by
    assert second.name in record.second_by
    assert whole in [each["sha256"] for each in record.files]
    assert {each["kept"] for each in record.files} == {False}
    for act in (record.delete, lambda: DisposalRecord.unscoped.filter(pk=record.pk).update(title="別の件名")):
        with pytest.raises(DatabaseError), transaction.atomic():
            act()


def test_the_journal_tells_it_and_its_chain_holds(tosu, kept, approved):
    approved()
    dispose(tosu)

    told = Event.objects.of_thread(tosu.tenant.pk, tosu.case.thread).get(action="custody.disposed")
    assert DisposalRecord.unscoped.get().files_sha256 in told.data
    assert verify_chain(tenant_id=tosu.tenant.pk).intact


def test_the_archive_keeps_the_keys_of_the_search_and_says_that_it_is_disposed_of(tosu, kept, approved):
    before = ArchiveEntry.unscoped.get(version=tosu.version, is_current=True)
    approved()
    dispose(tosu)

    now = ArchiveEntry.unscoped.get(subject=before.subject, is_current=True)
    assert now.state == EntryState.DISPOSED
    assert now.corrects_id == before.pk
    assert (now.title, now.party, now.amount) == (before.title, before.party, before.amount)


def test_nothing_reaches_for_the_files_any_more(tosu, kept, approved):
    approved()
    dispose(tosu)

    assert not Renewal.unscoped.filter(document__version=tosu.version).exists()
    assert not AccessLink.unscoped.filter(case=tosu.case, revoked_at__isnull=True).exists()


def test_nothing_is_disposed_of_on_its_own(tosu, kept, keeper):
    assert dispose(tosu) == 0
    propose(keeper)
    assert dispose(tosu) == 0
    assert not StoredFile.objects.filter(destroyed_at__isnull=False).exists()


def test_one_approval_is_not_enough(tosu, kept, keeper):
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
    terms.on_completed(tosu.case, LONG_AGO, tosu.drafter, timezone.now())

    with pytest.raises(KeepingRefused, match="廃棄できるものはありません"):
        propose(keeper)


def test_a_contract_under_way_or_an_open_guarantee_keeps_it(tosu, kept, keeper, second):
    waiting = Contract.unscoped.create(
        tenant=tosu.tenant, case=tosu.case, kind=ContractKind.AMENDMENT, number=1, title="変更契約"
    )
    obstacles = [proposing.due(tenant_id=tosu.tenant.pk, up_to=yesterday()).get().obstacle]
    Contract.unscoped.filter(pk=waiting.pk).update(state="dropped", drop_reason="取りやめ")
    Guarantee.unscoped.filter(case=tosu.case).update(state=GuaranteeState.SUBMITTED)
    obstacles.append(proposing.due(tenant_id=tosu.tenant.pk, up_to=yesterday()).get().obstacle)

    assert obstacles == ["手続きの終わっていない契約があります。", "受理や返還の済んでいない保証があります。"]


def test_a_day_that_is_not_over_is_refused(tosu, kept, keeper, second):
    with pytest.raises(KeepingRefused, match="まだ過ぎていません"):
        propose(keeper, timezone.localdate())


def test_what_ends_later_than_the_day_is_not_listed(tosu, kept, keeper, second):
    with pytest.raises(KeepingRefused, match="廃棄できるものはありません"):
        propose(keeper, kept.ends_date - timedelta(days=1))

    assert propose(keeper, kept.ends_date).items.get().custody == kept


def test_bytes_that_another_contract_uses_stay(tosu, kept, approved):
    """The same specification lies in a second case: one row in the vault, two that refer to it."""
    shared = Revision.unscoped.get(document__version=tosu.version, document__kind="specification", number=0).tail
    other = Document.unscoped.filter(version=tosu.version, kind="specification").get()
    twin = factories.case(tosu.tenant, by=tosu.drafter)
    contract = Contract.unscoped.create(tenant=tosu.tenant, case=twin, title="別の契約")
    version = tosu.version
    version.pk, version.contract, version.number, version._state.adding = None, contract, 1, True
    version.state, version.fixed_at, version.concluded_at = "draft", None, None
    version.save(force_insert=True)
    other.pk, other.version, other._state.adding = None, version, True
    other.save(force_insert=True)
    row = Revision.unscoped.filter(tail=shared).first()
    row.pk, row.document, row._state.adding = None, other, True
    row.save(force_insert=True)
    approved()
    dispose(tosu)

    shared.refresh_from_db()
    assert shared.destroyed_at is None
    assert files.read(shared)
    told = {each["kept"] for each in DisposalRecord.unscoped.get().files if each["name"].endswith("特記仕様書")}
    assert told == {True}


def test_bytes_that_only_disposed_contracts_used_go_with_the_last_of_them(tosu, kept):
    shared = Revision.unscoped.get(document__version=tosu.version, document__kind="specification", number=0).tail

    assert not holdings.is_needed(shared, besides=kept)


def test_the_same_bytes_may_be_kept_anew_after_their_disposal(tosu, kept, approved):
    revision = Revision.unscoped.get(document__version=tosu.version, document__kind="specification", number=0)
    content = files.read(revision.tail)
    approved()
    dispose(tosu)

    stored = files.store(tenant_id=tosu.tenant.pk, content=content)

    assert stored.pk == revision.tail_id
    assert files.read(stored) == content


def test_a_worker_that_dies_after_the_decision_leaves_no_ciphertext_behind(tosu, kept, approved, monkeypatch):
    stored = Revision.unscoped.filter(document__version=tosu.version).first().tail
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
    stored = Revision.unscoped.filter(document__version=tosu.version).first().tail
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
    columns = {
        (r.related_model._meta.label, r.field.name)
        for r in StoredFile._meta.get_fields(include_hidden=True)
        if r.auto_created and not r.concrete
    }

    assert columns - told == {("contracts.ImportJob", "file"), ("guarantees.IssuedCertificate", "pdf")}


def test_other_municipalities_are_not_touched(tosu, kept, approved):
    approved()
    usuki = factories.city("usuki")

    assert not disposing.dispose_next(tenant_id=usuki.pk, at=timezone.now())
    assert not Custody.unscoped.filter(disposed_at__isnull=False).exists()
