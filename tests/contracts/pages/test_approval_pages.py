"""決裁 as each person sees it: the route, one's own turn, 代決, 差戻し, late conclusions, and the copies afterwards."""

from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from accounts.models import Delegation, Role
from audit.models import Event
from contracts.models import ContractVersion
from contracts.reading import content_of
from contracts.services.versions import approving, drafting
from contracts.states import ApprovalState, VersionState
from tests import factories
from tests.contracts.pages.conftest import user_of
from tests.contracts.services.test_drafting_and_approving import route
from tests.stories import Story, written

pytestmark = pytest.mark.django_db

REVIEW = {"kind": "review", "label": "係長の確認", "role": "guarantee_officer"}
HEADS = {"kind": "approve", "label": "課長2人の承認", "role": "approver", "need": 2}
TOLD = {"kind": "view", "label": "契約検査の閲覧", "role": "guarantee_officer"}


def submitted(tosu: Story) -> ContractVersion:
    tosu.accepted()
    version = drafting.draft(tosu.case, actor=tosu.drafter, at=timezone.now(), signatory=tosu.signatory)
    return drafting.submit(version, actor=tosu.drafter, at=timezone.now())


def by_route(tosu: Story, *steps: dict) -> Story:
    """Register another case under rules with this route."""
    factories.rule_set(tosu.tenant, approval=route(*steps))
    return Story(tosu.tenant, tosu.drafter, tosu.approver, tosu.signatory, factories.case(tosu.tenant))


def case_of(version: ContractVersion) -> str:
    return reverse("case", args=[version.contract.case_id])


def text_of(response) -> str:
    return response.content.decode()


def test_the_drafter_cannot_approve_and_a_second_person_can(tosu, desk):
    tosu.accepted()
    both = factories.member(tosu.tenant, Role.DRAFTER, Role.APPROVER)
    actor = factories.actor(both, tosu.tenant)
    version = drafting.draft(tosu.case, actor=actor, at=timezone.now(), signatory=tosu.signatory)
    drafting.submit(version, actor=actor, at=timezone.now())
    address = reverse("version_approve", args=[version.pk])
    own, second = desk(tosu.tenant, user=both), desk(tosu.tenant, user=user_of(tosu.approver))

    assert address not in text_of(own.get(case_of(version)))
    assert "起案した本人は承認できません" in text_of(own.get(case_of(version)))
    assert own.post(address).status_code == 409
    assert "あなたの承認を待っています" in text_of(second.get(case_of(version)))
    assert "受注者へ署名を依頼しました。" in text_of(second.post(address, follow=True))


def test_the_route_is_shown_with_who_passed_what_and_what_they_said(tosu, desk):
    other = by_route(tosu, REVIEW, HEADS)
    clerk = factories.member(tosu.tenant, Role.GUARANTEE_OFFICER, name="確認する係長")
    factories.member(tosu.tenant, Role.APPROVER)
    version = submitted(other)
    reviewer, head = desk(tosu.tenant, user=clerk), desk(tosu.tenant, user=user_of(other.approver))

    assert "あなたの確認を待っています" in text_of(reviewer.get(case_of(version)))
    assert reverse("version_approve", args=[version.pk]) not in text_of(head.get(case_of(version)))
    reviewer.post(reverse("version_approve", args=[version.pk]), {"comment": "積算と合っています。"})
    page = text_of(head.post(reverse("version_approve", args=[version.pk]), follow=True))

    for expected in ("係長の確認", "確認する係長", "積算と合っています。", "課長2人の承認（2人のうち1人が済み）"):
        assert expected in page
    assert "決裁を記録しました" in page
    assert other.version.state == VersionState.IN_APPROVAL


def test_an_approver_sees_what_changed_and_what_the_wording_check_found(tosu, desk):
    version = submitted(tosu)
    client = desk(tosu.tenant, user=user_of(tosu.approver))
    assert reverse("version_compare", args=[version.pk]) not in text_of(client.get(case_of(version)))
    client.post(reverse("version_return", args=[version.pk]), {"reason": "工期をご確認ください。"})
    again = drafting.draft(tosu.case, actor=tosu.drafter, at=timezone.now(), signatory=tosu.signatory)
    drafting.submit(again, actor=tosu.drafter, at=timezone.now())

    page = text_of(client.get(case_of(again)))

    assert reverse("version_compare", args=[again.pk]) in page
    assert reverse("version_findings", args=[again.pk]) in page
    assert client.get(reverse("version_compare", args=[again.pk])).status_code == 200


def test_a_draft_is_sent_back_only_with_a_reason(tosu, desk):
    version = submitted(tosu)
    client, address = desk(tosu.tenant, user=user_of(tosu.approver)), reverse("version_return", args=[version.pk])

    assert client.post(address, {"reason": " "}).status_code == 409
    assert tosu.version.state == VersionState.IN_APPROVAL
    page = text_of(client.post(address, {"reason": "工期をご確認ください。"}, follow=True))

    story = page.split('id="story"')[1].split("</section>")[0]
    assert story.count("起案を差戻し") == 1
    assert story.count("工期をご確認ください。") == 1
    assert tosu.version.state == VersionState.RETURNED


def test_whoever_stands_in_is_told_so_and_it_is_written_down(tosu, desk):
    version = submitted(tosu)
    deputy, today = factories.member(tosu.tenant, Role.SIGNATORY, name="代わりの課長"), timezone.localdate()
    Delegation.unscoped.create(
        tenant=tosu.tenant,
        principal_id=tosu.approver.user_id,
        delegate=deputy,
        first_date=today,
        last_date=today,
        reason="出張",
    )
    client = desk(tosu.tenant, user=deputy)

    assert "決裁する：承認" in text_of(client.get(reverse("home")))
    assert f"{tosu.approver.name}さんの代わりに決裁します（代決）" in text_of(client.get(case_of(version)))
    page = text_of(client.post(reverse("version_approve", args=[version.pk]), follow=True))

    assert f"（{tosu.approver.name}の代決）" in page


def test_those_who_are_only_told_may_note_that_they_have_read_it(tosu, desk):
    other = by_route(tosu, TOLD, {"kind": "approve", "label": "課長の承認", "role": "approver"})
    reader = desk(tosu.tenant, user=factories.member(tosu.tenant, Role.GUARANTEE_OFFICER))
    version = submitted(other)
    view = version.approval_steps.get(order=1)
    assert (view.state, version.approval_steps.get(order=2).state) == (ApprovalState.DONE, ApprovalState.OPEN)

    assert reverse("approval_see", args=[view.pk]) in text_of(reader.get(case_of(version)))
    assert "閲覧したことを記録しました。" in text_of(reader.post(reverse("approval_see", args=[view.pk]), follow=True))
    assert reverse("approval_see", args=[view.pk]) not in text_of(reader.get(case_of(version)))
    assert reader.post(reverse("approval_see", args=[view.pk])).status_code == 409


def test_an_auditor_who_is_told_sees_the_contract_and_notes_nothing(tosu, desk):
    other = by_route(tosu, {**TOLD, "role": "auditor"}, {"kind": "approve", "label": "課長の承認", "role": "approver"})
    auditor = desk(tosu.tenant, user=factories.member(tosu.tenant, Role.AUDITOR))
    version = submitted(other)

    assert reverse("approval_see", args=[version.approval_steps.get(order=1).pk]) not in text_of(
        auditor.get(case_of(version))
    )


def test_a_route_that_nobody_can_pass_is_not_begun(tosu, desk):
    other = by_route(tosu, HEADS)
    tosu_drafter = desk(tosu.tenant, user=user_of(other.drafter))
    version = drafting.draft(other.accepted().case, actor=other.drafter, at=timezone.now(), signatory=other.signatory)

    page = tosu_drafter.post(reverse("version_submit", args=[version.pk]), {"edit_number": 0})

    assert page.status_code == 409
    assert "必要な2人がそろいません" in text_of(page)
    assert other.version.state == VersionState.DRAFT
    assert not version.documents.exists()


def test_after_the_deadline_an_approver_who_did_not_draft_says_why_it_may_be_late(tosu, desk):
    factories.rule_set(tosu.tenant, deadline={"late_policy": "warn"})
    today = timezone.localdate()
    late = factories.case(
        tosu.tenant, awarded_date=today - timedelta(days=10), announced_date=today - timedelta(days=30)
    )
    other = Story(tosu.tenant, tosu.drafter, tosu.approver, tosu.signatory, late)
    version = submitted(other)
    approver, drafter = (desk(tosu.tenant, user=user_of(each)) for each in (other.approver, other.drafter))
    address = reverse("version_allow_late", args=[version.pk])

    assert "期限後の締結を認める理由の記録が要ります" in text_of(drafter.get(case_of(version)))
    assert address not in text_of(drafter.get(case_of(version)))
    assert drafter.post(address, {"reason": "急ぐため。"}).status_code == 409
    assert address in text_of(approver.get(case_of(version)))
    assert approver.post(address, {"reason": ""}).status_code == 409
    page = text_of(approver.post(address, {"reason": "大雨で書類の確認が遅れたため。"}, follow=True))

    assert "期限後の締結が認められています。理由: 大雨で書類の確認が遅れたため。" in page
    assert other.version.late_allowed_by_id == other.approver.user_id


def test_where_the_policy_blocks_nobody_is_asked_for_a_reason(tosu, desk):
    today = timezone.localdate()
    late = factories.case(
        tosu.tenant, awarded_date=today - timedelta(days=10), announced_date=today - timedelta(days=30)
    )
    other = Story(tosu.tenant, tosu.drafter, tosu.approver, tosu.signatory, late)
    version = submitted(other)

    page = text_of(desk(tosu.tenant, user=user_of(other.approver)).get(case_of(version)))

    assert "契約締結の遡及はできないため、署名できません。" in page
    assert reverse("version_allow_late", args=[version.pk]) not in page


def test_a_copy_is_made_of_a_concluded_document_and_the_document_stays_as_it_is(tosu, desk):
    tosu.concluded()
    document = tosu.version.documents.get(order=1)
    before = content_of(document)
    client, address = desk(tosu.tenant, Role.AUDITOR), reverse("document_copy", args=[document.pk])

    assert "写しを作る" in text_of(client.get(reverse("document", args=[document.pk])))
    made = client.post(address)

    assert made.content.startswith(b"%PDF-")
    assert made.content != before
    assert b"/ByteRange" not in made.content
    assert "%E5%86%99%E3%81%97" in made["Content-Disposition"]
    assert content_of(document) == before
    assert Event.objects.of_thread(tosu.tenant.pk, tosu.case.thread).filter(action="document.copied").count() == 1


def test_no_copy_is_made_before_the_conclusion(tosu, desk):
    tosu.sent()
    document = tosu.version.documents.get(order=1)
    client = desk(tosu.tenant, Role.DRAFTER)

    assert "写しを作る" not in text_of(client.get(reverse("document", args=[document.pk])))
    assert client.post(reverse("document_copy", args=[document.pk])).status_code == 403


def test_the_work_list_asks_the_same_number_of_questions_for_many_approvals(tosu, desk, django_assert_max_num_queries):
    for _ in range(4):
        submitted(Story(tosu.tenant, tosu.drafter, tosu.approver, tosu.signatory, factories.case(tosu.tenant)))
    client = desk(tosu.tenant, user=user_of(tosu.approver))
    client.get(reverse("home"))
    before = written()

    with django_assert_max_num_queries(20):
        page = text_of(client.get(reverse("home")))

    assert page.count(">決裁する：承認<") == 4
    assert written() == before


def test_someone_who_has_decided_is_not_asked_again(tosu, desk):
    other = by_route(tosu, HEADS)
    factories.member(tosu.tenant, Role.APPROVER)
    version = submitted(other)
    client = desk(tosu.tenant, user=user_of(other.approver))

    approving.approve(version, actor=other.approver, at=timezone.now())

    assert "決裁する" not in text_of(client.get(reverse("home")))
    assert reverse("version_approve", args=[version.pk]) not in text_of(client.get(case_of(version)))
