"""The pages of a guarantee's life: what is awaited, what came on paper, what changes and what goes back."""

from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from accounts import tenancy
from accounts.models import Role
from audit.models import Event
from contracts.models import Case
from guarantees.models import Completion, Guarantee, Institution
from guarantees.states import GuaranteeState
from notifications.models import Delivery
from tests import factories
from tests.guarantees.conftest import clerk, entered
from tests.guarantees.test_expecting import deposited
from vault import fields

pytestmark = pytest.mark.django_db
PAPER = {"type_": "contract", "paper_kind": "bank", "amount": "１０，０００，０００円", "guarantor": "みずほ銀行"}
TOKEN = "Aikotoba-7Kx2"


def text(response) -> str:
    return response.content.decode()


def case_page(staff, case) -> str:
    return text(staff.get(reverse("case", args=[case.pk])))


def need(case) -> Guarantee:
    return Guarantee.unscoped.get(case=case, state=GuaranteeState.EXPECTED)


def test_the_case_page_shows_what_is_awaited_and_how_much(case):
    shown = case_page(clerk(case.tenant, Role.DRAFTER), case)

    assert "提出待ち" in shown
    assert "10,000,000円以上" in shown
    assert reverse("guarantee", args=[need(case).pk]) in shown


def test_the_page_of_a_need_says_what_may_be_done_and_only_to_those_who_may(case):
    address = reverse("guarantee", args=[need(case).pk])

    may, may_not = text(clerk(case.tenant).get(address)), text(clerk(case.tenant, Role.AUDITOR).get(address))

    assert "受注者からの提出を待っています" in may
    assert "不要にする" in may
    assert "不要にする" not in may_not


def test_a_clerk_records_a_bank_guarantee_on_paper(case):
    staff, row = clerk(case.tenant), need(case)

    shown = text(staff.post(reverse("guarantee_paper", args=[case.pk]), PAPER, follow=True))
    page = text(staff.get(reverse("guarantee", args=[row.pk])))

    assert "紙で受け取ったことを登録しました" in shown
    for words in ("紙で受領", "銀行等の保証", "みずほ銀行", "10,000,000円"):
        assert words in page


def test_what_cannot_be_a_paper_record_is_said_beside_what_was_typed(case):
    response = clerk(case.tenant).post(
        reverse("guarantee_paper", args=[case.pk]), PAPER | {"guarantor": "", "number": "銀-77"}
    )

    assert response.status_code == 422
    assert "保証する機関の名称を入力してください" in text(response)
    assert "銀-77" in text(response)


def test_a_clerk_wants_an_advance_guarantee_and_not_a_bid_bond(case):
    staff, address = clerk(case.tenant), reverse("guarantee_want", args=[case.pk])

    refused = staff.post(address, {"type_": "bid_bond"})
    shown = text(staff.post(address, {"type_": "advance"}, follow=True))

    assert refused.status_code == 422
    assert "契約保証予約（入札ボンド）は電子保証の対象外です。" in text(refused)
    assert "前払金保証を提出待ちに加えました" in shown
    assert "40,000,000円以下" in shown


def test_a_clerk_sends_the_invitation_again(case):
    shown = text(clerk(case.tenant, Role.DRAFTER).post(reverse("guarantee_invite", args=[case.pk]), follow=True))

    assert "保証の提出の案内をもう一度お送りします" in shown
    assert Delivery.unscoped.filter(template="guarantees/guarantee_invited").count() == 2


def test_a_clerk_dismisses_a_need_with_a_reason(case):
    staff, row = clerk(case.tenant), need(case)
    address = reverse("guarantee_dismiss", args=[row.pk])

    assert staff.post(address, {"reason": " "}).status_code == 422
    shown = text(staff.post(address, {"reason": "契約保証金の免除"}, follow=True))

    assert "この保証は要りません" in shown
    assert "契約保証金の免除" in shown


def test_a_held_guarantee_is_given_back_with_a_reason(case):
    held = deposited(case)

    clerk(case.tenant).post(reverse("guarantee_release", args=[held.pk]), {"reason": "契約の解除"})

    held.refresh_from_db()
    assert (held.state, held.reason) == (GuaranteeState.RELEASED, "契約の解除")


def test_a_change_on_paper_shows_the_missing_yen_to_the_drafter_and_to_the_contractor(case):
    deposited(case)
    drafter = clerk(case.tenant, Role.DRAFTER)
    assert reverse("case_change_on_paper", args=[case.pk]) in case_page(drafter, case)

    shown = text(
        drafter.post(
            reverse("case_change_on_paper", args=[case.pk]),
            {
                "contract_date": (case.paper_contract_date + timedelta(days=30)).isoformat(),
                "amount": "120,000,000",
                "work_starts_date": "令和8年3月15日",
                "work_ends_date": "2026/9/30",
            },
            follow=True,
        )
    )

    assert "変更前の保証より 2,000,000円 の増額が必要です。" in shown
    assert "12,000,000円以上" in shown
    assert "120,000,000円" in shown
    page = text(drafter.get(reverse("guarantee", args=[need(case).pk])))
    assert "変更の証書が必要です" in page


@pytest.mark.parametrize(
    ("values", "said"),
    [
        ({}, "変わるところがありません"),
        ({"amount": "0"}, "1円以上"),
        ({"work_ends_date": "2026/3/1"}, "終わりが始まりより前"),
        ({"contract_date": "2026/3/1"}, "当初契約の契約日より前"),
        ({"contract_date": "2099/3/1", "amount": "1"}, "先の日付"),
    ],
)
def test_a_change_on_paper_that_cannot_be_is_refused_and_changes_nothing(case, values, said):
    typed = {
        "contract_date": case.paper_contract_date.isoformat(),
        "amount": str(case.amount),
        "work_starts_date": case.work_starts_date.isoformat(),
        "work_ends_date": case.work_ends_date.isoformat(),
    }

    response = clerk(case.tenant, Role.DRAFTER).post(reverse("case_change_on_paper", args=[case.pk]), typed | values)

    assert response.status_code == 422
    assert said in text(response)
    assert Case.unscoped.get(pk=case.pk).amount == case.amount


def test_an_electronic_contract_is_not_changed_on_paper(db):
    case = factories.case(factories.city("tosu"))

    response = clerk(case.tenant, Role.DRAFTER).post(
        reverse("case_change_on_paper", args=[case.pk]),
        {
            "contract_date": timezone.localdate().isoformat(),
            "amount": "1",
            "work_starts_date": case.work_starts_date.isoformat(),
            "work_ends_date": case.work_ends_date.isoformat(),
        },
    )

    assert response.status_code == 422
    assert "この操作" in text(response)
    assert Case.unscoped.get(pk=case.pk).amount == case.amount


def test_the_completion_is_recorded_once_and_shown(case):
    deposited(case)
    staff, address = clerk(case.tenant, Role.DRAFTER), reverse("guarantee_complete", args=[case.pk])

    shown = text(staff.post(address, {"completed_date": timezone.localdate().isoformat()}, follow=True))
    again = staff.post(address, {"completed_date": timezone.localdate().isoformat()})

    assert "受け取った保証は返還・解除になりました" in shown
    assert "に完成しました" in shown
    assert "紙で受け取った" not in shown
    assert again.status_code == 422
    assert Completion.unscoped.count() == 1


def test_the_contractor_does_not_reach_the_pages_of_the_clerks(case):
    contractor, _ = entered(case)

    for name in ("guarantee_want", "guarantee_paper", "guarantee_complete"):
        assert contractor.post(reverse(name, args=[case.pk]), PAPER).status_code == 302
    tenancy.set_tenant(case.tenant_id)
    assert need(case).state == GuaranteeState.EXPECTED


def test_the_case_page_asks_no_more_for_more_guarantees(case, django_assert_max_num_queries):
    staff = clerk(case.tenant, Role.DRAFTER)
    case_page(staff, case)
    with django_assert_max_num_queries(60) as few:
        case_page(staff, case)
    for number in range(6):
        deposited(case, number=f"207000442{number}")
    with django_assert_max_num_queries(len(few.captured_queries)):
        case_page(staff, case)


def test_an_administrator_enters_a_guarantor_and_its_token_is_never_shown(db):
    city = factories.city("tosu")
    admin = clerk(city, Role.ADMINISTRATOR)
    typed = {"kind": "insurer", "name": "むすび損害保険株式会社", "portal_url": "https://portal.example.jp/"}

    shown = text(admin.post(reverse("institution_new"), typed | {"token": TOKEN}, follow=True))
    row = Institution.unscoped.get(name="むすび損害保険株式会社")
    page = text(admin.get(reverse("institution_edit", args=[row.pk])))

    assert "損害保険会社" in shown
    assert TOKEN not in shown + page
    assert fields.unseal(row.sealed_registry_token, tenant_id=city.pk, context=row.token_context) == TOKEN
    admin.post(reverse("institution_edit", args=[row.pk]), typed | {"phone": "0942-00-0000"})
    changed = Institution.unscoped.get(pk=row.pk)
    assert (changed.phone, bytes(changed.sealed_registry_token)) == ("0942-00-0000", bytes(row.sealed_registry_token))
    assert TOKEN not in str(list(Event.objects.values_list("data", flat=True)))


@pytest.mark.parametrize(
    ("values", "said"),
    [
        ({"usual_number": "("}, "正規表現として読めません"),
        ({"registry_url": "http://registry.example.jp/"}, "https:// から始めてください"),
        ({"name": "西日本建設業保証株式会社", "branch": "佐賀支店"}, "すでに登録されています"),
    ],
)
def test_a_guarantor_that_cannot_be_entered_says_why_and_forgets_the_token(db, values, said):
    city = factories.city("tosu")

    response = clerk(city, Role.ADMINISTRATOR).post(
        reverse("institution_new"), {"kind": "surety", "name": "新しい保証", "token": TOKEN} | values
    )

    assert response.status_code == 422
    assert said in text(response)
    assert TOKEN not in text(response)
