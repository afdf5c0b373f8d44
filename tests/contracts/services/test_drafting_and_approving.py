"""Drafting needs accepted consents; a draft is terms and uploads; its contract is made when it goes to be approved."""

from dataclasses import replace
from datetime import timedelta

import pytest
from django.db import DatabaseError, transaction
from django.utils import timezone

from accounts.models import Delegation, Department, Membership, Role
from accounts.refusals import MovedOn
from contracts.models import ApprovalAct, ContractVersion, Decision, DocumentKind, Revision
from contracts.reading import RevisionDamaged, content_of
from contracts.services.editing import Overtaken
from contracts.services.signatures.people import TermRefused
from contracts.services.versions import approving, drafting, previewing, sheets
from contracts.services.versions.approving import ApprovalRefused
from contracts.services.versions.drafting import DraftRefused
from contracts.states import ApprovalState, IllegalMove, VersionState
from contracts.terms import Payment, TermsRefused
from notifications.models import Delivery
from tests import factories
from tests.stories import Story

pytestmark = pytest.mark.django_db


def drafted(story: Story) -> ContractVersion:
    return drafting.draft(story.case, actor=story.drafter, at=timezone.now(), signatory=story.signatory)


def submitted(story: Story) -> ContractVersion:
    return drafting.submit(drafted(story.accepted()), actor=story.drafter, at=timezone.now())


def add(story: Story, version: ContractVersion, content: bytes, title: str = "特記仕様書"):
    return drafting.add_document(
        version,
        actor=story.drafter,
        at=timezone.now(),
        kind=DocumentKind.SPECIFICATION,
        title=title,
        content=content,
        filename="仕様書.pdf",
    )


def edit(story: Story, version: ContractVersion, *, edit_number: int, **changes) -> ContractVersion:
    return drafting.change(
        version,
        actor=story.drafter,
        at=timezone.now(),
        edit_number=edit_number,
        sheet=replace(sheets.sheet_of(version), **changes),
        signatory=story.signatory,
    )


def route(*steps: dict) -> dict:
    """Give the rules one route for every contract."""
    documents = ["original", "amendment", "correction"]
    return {"routes": [{"name": "試験の経路", "documents": documents, "from_amount": 0, "steps": list(steps)}]}


def test_a_contract_is_drafted_only_after_the_consent_is_accepted(tosu):
    tosu.invited()

    with pytest.raises(DraftRefused, match="承諾を確認してから"):
        drafted(tosu)


def test_a_case_has_one_living_version_at_a_time(tosu):
    tosu.accepted()
    drafted(tosu)

    with pytest.raises(DraftRefused, match="すでに起案されています"):
        drafted(tosu)


def test_the_signatory_must_hold_the_role(tosu):
    tosu.accepted()
    clerk = factories.member(tosu.tenant, Role.DRAFTER)

    with pytest.raises(TermRefused, match="署名の役割を持っていません"):
        drafting.draft(tosu.case, actor=tosu.drafter, at=timezone.now(), signatory=clerk)


def test_a_draft_starts_from_the_case_and_the_citys_rules(tosu):
    tosu.accepted()

    sheet = sheets.sheet_of(drafted(tosu))

    assert (sheet.amount, sheet.work_starts_date) == (tosu.case.amount, tosu.case.work_starts_date)
    assert sheet.clause_set == "工事請負契約約款"
    assert (sheet.terms.advance_percent, sheet.terms.place) == (40, "鳥栖市宿町地内")


def test_of_two_people_who_edit_the_same_draft_the_second_is_told_and_nothing_is_overwritten(tosu):
    tosu.accepted()
    version = drafted(tosu)
    edit(tosu, version, edit_number=0, amount=12_100_000)

    with pytest.raises(Overtaken, match="まだ保存されていません"):
        edit(tosu, version, edit_number=0, amount=9_900_000)

    version.refresh_from_db()
    assert (version.amount, version.edit_number) == (12_100_000, 1)


def test_terms_that_contradict_the_price_or_a_date_that_has_passed_are_refused(tosu):
    tosu.accepted()
    version = drafted(tosu)
    too_much = replace(sheets.sheet_of(version).terms, payments=(Payment(when="契約成立時", amount=11_000_001),))

    with pytest.raises(TermsRefused, match="契約金額11,000,000円を超えています"):
        edit(tosu, version, edit_number=0, terms=too_much)
    with pytest.raises(DraftRefused, match="契約日を今日より前にすることはできません"):
        edit(tosu, version, edit_number=0, contract_date=timezone.localdate() - timedelta(days=1))
    with pytest.raises(DraftRefused, match="工期の終期が始期より前"):
        edit(tosu, version, edit_number=0, work_ends_date=version.work_starts_date - timedelta(days=1))


def test_nobody_submits_a_draft_unseen_that_a_colleague_has_just_edited(tosu):
    version = drafted(tosu.accepted())
    edit(tosu, version, edit_number=0, amount=12_000_000)

    with pytest.raises(Overtaken, match="新しい内容を確かめて"):
        drafting.submit(version, actor=tosu.drafter, at=timezone.now(), edit_number=0)

    assert tosu.version.state == VersionState.DRAFT
    assert drafting.submit(version, actor=tosu.drafter, at=timezone.now(), edit_number=1).amount == 12_000_000


def test_the_contract_document_is_made_and_frozen_when_it_is_submitted(tosu):
    version = drafted(tosu.accepted())
    add(tosu, version, factories.pdf(2))
    assert [document.title for document in version.documents.all()] == ["特記仕様書"]

    drafting.submit(version, actor=tosu.drafter, at=timezone.now())

    made = version.documents.order_by("order")
    assert [document.title for document in made] == ["工事請負契約書", "特記仕様書"]
    assert content_of(made[0]).startswith(b"%PDF-")
    with pytest.raises(MovedOn):
        edit(tosu, version, edit_number=0, amount=1_000_000)


def test_the_preview_is_the_contract_that_would_be_frozen(tosu):
    version = drafted(tosu.accepted())
    seen = previewing.preview(version).read()

    drafting.submit(version, actor=tosu.drafter, at=timezone.now())

    assert content_of(version.documents.get()) == seen


def test_a_city_that_prints_the_day_of_the_contract_asks_for_it_before_the_approval(tosu):
    factories.rule_set(tosu.tenant, deadline={"date_basis": "printed_date"})
    other = Story(tosu.tenant, tosu.drafter, tosu.approver, tosu.signatory, factories.case(tosu.tenant))
    version = drafted(other.accepted())

    with pytest.raises(DraftRefused, match="契約日を入力してから"):
        drafting.submit(version, actor=other.drafter, at=timezone.now())

    edit(other, version, edit_number=0, contract_date=timezone.localdate())
    drafting.submit(version, actor=other.drafter, at=timezone.now())
    assert other.version.state == VersionState.IN_APPROVAL


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        pytest.param(b"", "空", id="empty"),
        pytest.param(b"PK\x03\x04 not a pdf", "PDF", id="not-a-pdf"),
        pytest.param(b"%PDF-1.7\n truncated", "PDF", id="broken"),
    ],
)
def test_what_cannot_be_signed_is_refused_and_leaves_nothing(tosu, content, reason):
    version = drafted(tosu.accepted())

    with pytest.raises(DraftRefused, match=reason):
        add(tosu, version, content)

    assert version.documents.count() == 0


def test_a_file_over_the_citys_limit_is_refused_with_the_limit_named(tosu):
    tosu.accepted()
    version = drafted(tosu)
    tosu.tenant.max_file_bytes = 1024 * 1024
    tosu.tenant.save()
    version = ContractVersion.unscoped.get(pk=version.pk)

    with pytest.raises(DraftRefused, match="1"):
        add(tosu, version, factories.pdf() + b"%" * 1024 * 1024)


def test_a_set_over_the_citys_limit_is_refused(tosu):
    tosu.accepted()
    version = drafted(tosu)
    tosu.tenant.max_envelope_bytes = 1
    tosu.tenant.save()
    version = ContractVersion.unscoped.get(pk=version.pk)

    with pytest.raises(DraftRefused, match="文書一式の上限"):
        add(tosu, version, factories.pdf())


def test_a_frozen_document_reads_back_byte_for_byte(tosu):
    tosu.accepted()
    content = factories.pdf(3)

    document = add(tosu, drafted(tosu), content)

    assert content_of(document) == content
    assert document.pages == 3


def test_an_upload_that_is_taken_out_is_signed_by_nobody_and_stays_in_the_log(tosu):
    version = drafted(tosu.accepted())
    wrong, right = add(tosu, version, factories.pdf(), "図面（旧）"), add(tosu, version, factories.pdf(2), "図面")

    drafting.remove_document(version, document_id=wrong.pk, actor=tosu.drafter, at=timezone.now())
    drafting.submit(version, actor=tosu.drafter, at=timezone.now())

    titles = [row.title for row in version.documents.filter(removed_at=None).order_by("order")]
    assert titles == ["工事請負契約書", right.title]
    assert content_of(wrong).startswith(b"%PDF-")
    with pytest.raises(MovedOn):
        drafting.remove_document(version, document_id=right.pk, actor=tosu.drafter, at=timezone.now())


def test_a_discarded_draft_is_taken_over_by_the_next_version(tosu):
    version = edit(tosu, drafted(tosu.accepted()), edit_number=0, amount=12_100_000)
    drafting.discard(version, actor=tosu.drafter, at=timezone.now())

    again = drafted(tosu)

    assert (again.number, again.amount) == (2, 12_100_000)


def test_a_revision_can_be_neither_changed_nor_deleted(tosu):
    add(tosu, drafted(tosu.accepted()), factories.pdf())

    with pytest.raises(DatabaseError, match="Cannot update or delete"), transaction.atomic():
        Revision.unscoped.update(sha256="0" * 64)
    with pytest.raises(DatabaseError, match="Cannot update or delete"), transaction.atomic():
        Revision.unscoped.all().delete()


def test_stored_bytes_that_are_not_those_recorded_are_noticed(tosu):
    version = drafted(tosu.accepted())
    first = add(tosu, version, factories.pdf())

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("contracts.reading.files.chain", lambda _stored: iter([factories.pdf(2)]))
        with pytest.raises(RevisionDamaged):
            content_of(first)


def test_nothing_is_added_once_the_request_is_out(tosu):
    tosu.sent()

    with pytest.raises(MovedOn):
        add(tosu, tosu.version, factories.pdf())


def test_the_drafter_cannot_approve_their_own_draft(tosu):
    tosu.accepted()
    both = factories.staff(tosu.tenant, Role.DRAFTER, Role.APPROVER)
    version = drafting.draft(tosu.case, actor=both, at=timezone.now(), signatory=tosu.signatory)
    drafting.submit(version, actor=both, at=timezone.now())

    with pytest.raises(ApprovalRefused, match="起案した本人は承認できません"):
        approving.approve(version, actor=both, at=timezone.now())

    version.refresh_from_db()
    assert version.state == VersionState.IN_APPROVAL


def test_a_step_is_passed_by_those_who_hold_its_role(tosu):
    version = submitted(tosu)

    with pytest.raises(ApprovalRefused, match="その役割を持ち"):
        approving.approve(version, actor=factories.staff(tosu.tenant, Role.AUDITOR), at=timezone.now())


def test_a_route_goes_step_by_step_and_a_step_for_two_takes_two(tosu):
    chief = {"kind": "review", "label": "係長の確認", "role": "guarantee_officer"}
    heads = {"kind": "approve", "label": "課長2人の承認", "role": "approver", "need": 2}
    factories.rule_set(tosu.tenant, approval=route(chief, heads))
    second, clerk = (factories.staff(tosu.tenant, role) for role in (Role.APPROVER, Role.GUARANTEE_OFFICER))
    other = Story(tosu.tenant, tosu.drafter, tosu.approver, tosu.signatory, factories.case(tosu.tenant))
    version = submitted(other)

    with pytest.raises(ApprovalRefused, match="係長の確認"):
        approving.approve(version, actor=other.approver, at=timezone.now())
    approving.approve(version, actor=clerk, at=timezone.now())
    approving.approve(version, actor=other.approver, at=timezone.now(), comment="金額を確認しました。")
    with pytest.raises(ApprovalRefused, match="まだ決裁していない"):
        approving.approve(version, actor=other.approver, at=timezone.now())
    assert other.version.state == VersionState.IN_APPROVAL
    approving.approve(version, actor=second, at=timezone.now())

    assert other.version.state == VersionState.SENT
    assert list(version.approval_steps.values_list("state", flat=True)) == [ApprovalState.DONE] * 2


def test_whoever_stands_in_is_noted_with_the_one_they_stand_in_for(tosu):
    version = submitted(tosu)
    deputy = factories.member(tosu.tenant, Role.DRAFTER, name="代決の係長")
    actor, today = factories.actor(deputy, tosu.tenant), timezone.localdate()
    with pytest.raises(ApprovalRefused):
        approving.approve(version, actor=actor, at=timezone.now())
    Delegation.unscoped.create(
        tenant=tosu.tenant,
        principal_id=tosu.approver.user_id,
        delegate=deputy,
        first_date=today,
        last_date=today,
        reason="出張",
    )
    assert [step.version_id for step in approving.waiting_for(actor, on=today)] == [version.pk]
    assert not approving.waiting_for(actor, on=today + timedelta(days=1)).exists()

    approving.approve(version, actor=actor, at=timezone.now())

    act = ApprovalAct.unscoped.get(step__version=version)
    assert (act.user_id, act.on_behalf_of_id) == (deputy.pk, tosu.approver.user_id)
    assert tosu.version.state == VersionState.SENT


def test_the_work_list_names_exactly_the_steps_at_which_one_may_act(tosu):
    hall = Department.unscoped.get(tenant=tosu.tenant, name="契約検査課")
    step = {"kind": "approve", "label": "検査課長の承認", "role": "approver", "department": hall.name}
    factories.rule_set(tosu.tenant, approval=route(step))
    inspector = factories.member(tosu.tenant, Role.APPROVER)
    Membership.unscoped.filter(user=inspector).update(department=hall)
    other = Story(tosu.tenant, tosu.drafter, tosu.approver, tosu.signatory, factories.case(tosu.tenant))
    opened = submitted(other).approval_steps.get()
    today = timezone.localdate()

    for actor in (factories.actor(inspector, tosu.tenant), tosu.approver, tosu.drafter):
        may, _ = approving.standing(opened, actor=actor, on=today)
        assert approving.waiting_for(actor, on=today).filter(pk=opened.pk).exists() == may
        assert may == (actor.user_id == inspector.pk)


def test_reading_is_noted_once_and_keeps_nobody_from_deciding(tosu):
    told = {"kind": "view", "label": "承認者の閲覧", "role": "approver"}
    decides = {"kind": "approve", "label": "課長の承認", "role": "approver"}
    factories.rule_set(tosu.tenant, approval=route(told, decides))
    other = Story(tosu.tenant, tosu.drafter, tosu.approver, tosu.signatory, factories.case(tosu.tenant))
    version = submitted(other)
    view = version.approval_steps.get(order=1)

    approving.see(view, actor=other.approver, at=timezone.now())
    with pytest.raises(ApprovalRefused, match="まだ記録していない"):
        approving.see(view, actor=other.approver, at=timezone.now())
    with pytest.raises(ApprovalRefused):
        approving.see(view, actor=other.drafter, at=timezone.now())
    approving.approve(version, actor=other.approver, at=timezone.now())

    assert view.acts.get().decision == Decision.SEEN
    assert other.version.state == VersionState.SENT


def test_a_returned_version_ends_and_the_next_one_takes_over_its_terms_and_the_very_same_uploads(tosu):
    version = edit(tosu, drafted(tosu.accepted()), edit_number=0, amount=12_100_000)
    upload = add(tosu, version, factories.pdf(3))
    drafting.submit(version, actor=tosu.drafter, at=timezone.now())

    approving.return_(version, actor=tosu.approver, at=timezone.now(), reason="工期をご確認ください。")
    again = drafted(tosu)

    version.refresh_from_db()
    assert (version.state, version.end_reason) == (VersionState.RETURNED, "工期をご確認ください。")
    assert (again.number, again.amount) == (2, 12_100_000)
    taken = again.documents.get()
    assert taken.title == upload.title
    assert taken.revisions.get().sha256 == upload.revisions.get().sha256
    assert content_of(taken) == content_of(upload)
    with pytest.raises(MovedOn):
        drafting.submit(version, actor=tosu.drafter, at=timezone.now())


def test_a_draft_is_not_sent_back_without_a_reason(tosu):
    version = submitted(tosu)

    with pytest.raises(ApprovalRefused, match="理由を入力"):
        approving.return_(version, actor=tosu.approver, at=timezone.now(), reason="　")


def test_approving_twice_is_refused_and_sends_one_request(tosu):
    tosu.sent()

    with pytest.raises((ApprovalRefused, IllegalMove)):
        approving.approve(tosu.version, actor=tosu.approver, at=timezone.now())

    assert Delivery.unscoped.filter(template="contracts/signature_requested").count() == 1
