"""The case, from its registration to its documents, as staff see and move it."""

from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from accounts.models import Department, Role
from contracts.models import Case, Purpose
from contracts.services.consents import consenting
from contracts.services.signatures import ending
from contracts.services.versions import drafting
from contracts.states import CaseState, ConsentState, VersionState
from tests import factories
from tests.contracts.pages.conftest import user_of
from tests.stories import written

pytestmark = pytest.mark.django_db


def typed_case(tenant, **values) -> dict:
    firm = factories.contractor(tenant)
    today = timezone.localdate()
    return {
        "number": "鳥建工第7号",
        "title": "市道元町線道路改良工事",
        "place": "鳥栖市元町地内",
        "kind": "construction",
        "procurement_method": "open_tender",
        "announced_date": f"令和{today.year - 2018}年{today.month}月{today.day}日",
        "awarded_date": today.strftime("%Y/%m/%d"),
        "contractor": firm.pk,
        "amount": "１１，０００，０００円",
        "work_starts_date": (today + timedelta(days=20)).isoformat(),
        "work_ends_date": (today + timedelta(days=200)).isoformat(),
        "department": Department.unscoped.get(tenant=tenant, name="建設課").pk,
    } | values


def test_a_case_is_registered_as_typed_and_judged(tosu, desk):
    client = desk(tosu.tenant, Role.DRAFTER)

    page = client.post(reverse("case_new"), typed_case(tosu.tenant), follow=True)

    case = Case.unscoped.get(number="鳥建工第7号")
    assert case.amount == 11_000_000
    assert case.announced_date == timezone.localdate()
    text = page.content.decode()
    assert "対象" in text
    assert case.deadline_working in text
    assert "承諾書の提出を依頼してください" in text


def test_a_case_awarded_before_its_notice_is_refused_with_the_reason_and_what_was_typed(tosu, desk):
    client = desk(tosu.tenant, Role.DRAFTER)
    wrong = typed_case(tosu.tenant, awarded_date="令和2年1月1日", amount="たくさん")

    page = client.post(reverse("case_new"), wrong)

    assert page.status_code == 422
    assert "落札日が公告日より前になっています。" in page.content.decode()
    assert "「たくさん」を金額として読めません" in page.content.decode()
    assert "市道元町線道路改良工事" in page.content.decode()
    assert not Case.unscoped.filter(number="鳥建工第7号").exists()


def test_a_number_taken_twice_and_a_name_that_turns_around_are_refused(tosu, desk):
    client = desk(tosu.tenant, Role.DRAFTER)
    taken = typed_case(tosu.tenant, number=tosu.case.number)

    assert "すでに登録されています" in client.post(reverse("case_new"), taken).content.decode()
    turned = client.post(reverse("case_new"), typed_case(tosu.tenant, title="工事\u202egnp"))
    assert "文字の向きを変える文字" in turned.content.decode()


def test_a_firm_of_another_city_cannot_be_chosen(tosu, desk):
    foreign = factories.contractor(factories.city("usuki"))
    factories.city("tosu")

    page = desk(tosu.tenant, Role.DRAFTER).post(reverse("case_new"), typed_case(tosu.tenant, contractor=foreign.pk))

    assert page.status_code == 422


def test_an_excluded_case_offers_only_the_paper_route(tosu, desk):
    excluded = factories.case(tosu.tenant, procurement_method="negotiated")
    client = desk(tosu.tenant, Role.DRAFTER)

    text = client.get(reverse("case", args=[excluded.pk])).content.decode()

    assert "電子契約の対象外です" in text
    assert "随意契約は対象外です。" in text
    assert reverse("case_invite", args=[excluded.pk]) not in text
    done = client.post(reverse("case_paper", args=[excluded.pk]), {"contract_date": timezone.localdate().isoformat()})
    assert done.status_code == 302
    excluded.refresh_from_db()
    assert excluded.state == CaseState.PAPER


def test_a_paper_contract_before_the_award_is_refused(tosu, desk):
    page = desk(tosu.tenant, Role.DRAFTER).post(reverse("case_paper", args=[tosu.case.pk]), {"contract_date": "R2.4.1"})

    assert page.status_code == 422
    assert "契約日が落札日より前" in page.content.decode()


def test_the_consent_is_asked_for_read_and_accepted(tosu, desk):
    client = desk(tosu.tenant, user=user_of(tosu.drafter))
    client.post(reverse("case_invite", args=[tosu.case.pk]))
    assert "承諾書の提出を待っています" in client.get(reverse("case", args=[tosu.case.pk])).content.decode()
    answers = tosu.answers()
    consenting.submit(tosu.consent, actor=tosu.holder(Purpose.CONSENT), at=timezone.now(), answers=answers)

    page = client.get(reverse("case", args=[tosu.case.pk])).content.decode()
    assert reverse("consent_paper", args=[tosu.consent.pk]) in page
    paper = client.get(reverse("consent_paper", args=[tosu.consent.pk])).content.decode()
    assert tosu.case.title in paper
    image = client.get(reverse("consent_page", args=[tosu.consent.pk, 1]))
    assert image.content.startswith(b"RIFF")
    assert client.get(reverse("consent_page", args=[tosu.consent.pk, 99])).status_code == 404
    client.post(reverse("consent_accept", args=[tosu.consent.pk]))
    assert tosu.consent.state == ConsentState.ACCEPTED


def test_the_consent_form_is_handed_out_by_post_with_a_japanese_name(tosu, desk):
    tosu.accepted()

    handed = desk(tosu.tenant, Role.AUDITOR).post(reverse("consent_download", args=[tosu.consent.pk]))

    assert handed.content.startswith(b"%PDF-")
    assert "filename*=utf-8''" in handed["Content-Disposition"]


def test_a_consent_is_sent_back_only_with_a_reason(tosu, desk):
    tosu.invited()
    consenting.submit(tosu.consent, actor=tosu.holder(Purpose.CONSENT), at=timezone.now(), answers=tosu.answers())
    client = desk(tosu.tenant, Role.DRAFTER)
    address = reverse("consent_return", args=[tosu.consent.pk])

    assert client.post(address, {"reason": "  "}).status_code == 409
    assert tosu.consent.state == ConsentState.SUBMITTED
    client.post(address, {"reason": "役職をご確認ください。"})
    assert tosu.consent.state == ConsentState.RETURNED
    assert "役職をご確認ください。" in client.get(reverse("case", args=[tosu.case.pk])).content.decode()


def test_an_action_out_of_turn_is_a_page_that_says_why_and_changes_nothing(tosu, desk):
    tosu.sent()

    page = desk(tosu.tenant, user=user_of(tosu.approver)).post(reverse("version_approve", args=[tosu.version.pk]))

    assert page.status_code == 409
    assert "この操作はできません" in page.content.decode()
    assert tosu.version.state == VersionState.SENT


def test_a_request_is_recalled_with_a_reason_and_may_be_drafted_again(tosu, desk):
    tosu.sent()
    client = desk(tosu.tenant, user=user_of(tosu.drafter))

    client.post(reverse("version_recall", args=[tosu.version.pk]), {"reason": "仕様書を差し替えるため。"})

    page = client.get(reverse("case", args=[tosu.case.pk])).content.decode()
    assert "契約書をもう一度起案してください" in page
    assert "仕様書を差し替えるため。" in page
    assert "内容を引き継いで起案し直す" in page
    assert reverse("case_draft", args=[tosu.case.pk]) in page


def test_a_refusal_by_the_contractor_is_told_with_its_reason(tosu, desk):
    tosu.sent()
    actor = tosu.holder(Purpose.SIGN)
    ending.decline(tosu.step(1), actor=actor, at=timezone.now(), reason="金額が違います。")

    page = desk(tosu.tenant, Role.DRAFTER).get(reverse("case", args=[tosu.case.pk])).content.decode()

    assert "却下" in page
    assert "金額が違います。" in page


def test_reading_a_case_writes_nothing(tosu, desk):
    tosu.sent()
    client = desk(tosu.tenant, Role.DRAFTER)
    address = reverse("case", args=[tosu.case.pk])
    client.get(address)
    before = written()

    client.get(address)

    assert written() == before


def test_the_list_finds_by_words_and_state_and_counts_the_days(tosu, desk):
    other = factories.case(tosu.tenant, title="公共下水道本町幹線管渠布設替工事")
    client = desk(tosu.tenant, Role.DRAFTER)

    found = client.get(reverse("case_list"), {"words": "下水道"}).content.decode()
    none = client.get(reverse("case_list"), {"state": "concluded"}).content.decode()

    assert other.number in found
    assert tosu.case.number not in found
    assert "あと5日" in found
    assert "当てはまる案件はありません" in none


def test_no_list_asks_more_of_the_database_when_it_grows(tosu, desk, django_assert_max_num_queries):
    client = desk(tosu.tenant, Role.DRAFTER, Role.APPROVER, Role.SIGNATORY, Role.AUDITOR)
    for _ in range(12):
        made = factories.case(tosu.tenant, by=tosu.drafter)
        consenting.invite(made, actor=tosu.drafter, at=timezone.now())

    for name, most in (("home", 23), ("case_list", 12), ("log", 14)):
        with django_assert_max_num_queries(most):
            assert client.get(reverse(name)).status_code == 200


def test_the_case_page_asks_the_same_number_of_questions_for_many_documents(tosu, desk, django_assert_max_num_queries):
    tosu.accepted()
    version = drafting.draft(tosu.case, actor=tosu.drafter, at=timezone.now(), signatory=tosu.signatory)
    for number in range(4):
        drafting.add_document(
            version,
            actor=tosu.drafter,
            at=timezone.now(),
            kind="appendix",
            title=f"別紙{number}",
            content=factories.pdf(number + 1),
            filename="a.pdf",
        )
    client = desk(tosu.tenant, Role.DRAFTER)

    with django_assert_max_num_queries(30):
        assert client.get(reverse("case", args=[tosu.case.pk])).status_code == 200


def test_home_shows_each_role_its_turn(tosu, desk):
    drafter = desk(tosu.tenant, user=user_of(tosu.drafter))
    assert "承諾書の提出を依頼する" in drafter.get(reverse("home")).content.decode()
    tosu.accepted()
    assert "契約書を起案する" in drafter.get(reverse("home")).content.decode()
    version = drafting.draft(tosu.case, actor=tosu.drafter, at=timezone.now(), signatory=tosu.signatory)
    assert "条件と文書をそろえ、承認を依頼する" in drafter.get(reverse("home")).content.decode()
    drafting.submit(version, actor=tosu.drafter, at=timezone.now())
    approver = desk(tosu.tenant, user=user_of(tosu.approver))
    assert "決裁する：承認" in approver.get(reverse("home")).content.decode()
    assert "決裁する" not in drafter.get(reverse("home")).content.decode()


def test_an_auditor_is_sent_on_to_the_archive(tosu, desk):
    assert desk(tosu.tenant, Role.AUDITOR).get(reverse("home"))["Location"] == reverse("archive")
