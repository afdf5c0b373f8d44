"""The pages of guarantees, for the contractor, the clerk, the colleague without the role, and the stranger."""

from datetime import date

import pytest
from django.urls import reverse
from django.utils import timezone

from accounts.models import Role
from accounts.permissions import OUTSIDE
from contracts import hooks, work
from guarantees import panels
from guarantees.models import Institution
from notifications.models import Delivery
from tests import factories
from tests.guarantees.conftest import (
    KEY,
    NUMBER,
    browser,
    came,
    checked,
    clerk,
    contracted,
    entered,
    officer,
    submitted,
)

pytestmark = pytest.mark.django_db
HANDLERS = {Role.GUARANTEE_OFFICER, Role.DRAFTER}
POSTS = [f"guarantee_{name}" for name in ("reveal", "ask", "read", "compare", "check", "accept", "reject")]


def verbs(actor):
    return [line.verb for line in work.mine(actor, at=timezone.now())[:50]]


def typed(case, **values):
    institution = Institution.unscoped.get(tenant=case.tenant).pk
    return {"type": "advance", "institution": institution, "number": NUMBER, "key": KEY} | values


def text(response) -> str:
    return response.content.decode()


def test_the_contractor_reads_what_the_city_announces_today_whatever_rules_the_case_began_by(case):
    told = [{"subject": "guarantee", "date": "2026-01-05", "title": title} for title in ("休止のお知らせ", "昔の話")]
    told[1]["until"] = "2026-01-31"
    factories.rule_set(case.tenant, texts=case.rule_set.data["texts"] | {"notices": told})

    contractor, page = entered(case)

    assert "休止のお知らせ" in text(contractor.get(page))
    assert "昔の話" not in text(contractor.get(page))


def test_the_contractor_sees_the_rules_of_the_city_registers_and_gets_a_receipt(case):
    contractor, page = entered(case)
    before = text(contractor.get(page))
    for words in ("契約検査課", "tosu-bu@example.jp", "STEP3で保存したファイル", "e-Net保証", "画面から登録"):
        assert words in before

    response = contractor.post(page, typed(case), follow=True)

    guarantee = came().get()
    after = text(response)
    assert f"受付番号は {guarantee.receipt} です" in after
    assert "照合待ち" in after
    assert NUMBER in after
    assert response.redirect_chain == [(page, 302)]


@pytest.mark.parametrize(
    ("values", "said"),
    [
        ({"type": "bid_bond"}, "契約保証予約（入札ボンド）は電子保証の対象外です。"),
        ({"type": ""}, "保証の種類を選んでください"),
        ({"type": "wrong"}, "正しく選択"),
        ({"institution": ""}, "保証機関を選んでください"),
        ({"number": ""}, "保証契約番号を入力してください"),
        ({"key": ""}, "認証キーを入力してください"),
        ({"number": "12"}, "保証契約番号は、お知らせに記載の番号"),
        ({"number": "1" * 65}, "64"),
        ({"key": "<script>alert(1)</script>"}, "認証キーは、お知らせに記載のキー"),
        ({"number": "12345\x00"}, "文字"),
    ],
)
def test_what_cannot_be_registered_says_why_and_changes_nothing(case, values, said):
    contractor, page = entered(case)

    response = contractor.post(page, typed(case, **values))

    assert response.status_code == 422
    assert said in text(response)
    assert not came().exists()


def test_a_second_press_of_the_button_registers_nothing_twice(case):
    contractor, page = entered(case)
    assert contractor.post(page, typed(case)).status_code == 302

    again = contractor.post(page, typed(case))

    assert again.status_code == 422
    assert "すでに登録されています" in text(again)
    assert came().count() == 1
    assert Delivery.unscoped.filter(template="guarantees/guarantee_receipt").count() == 1


def test_the_contractor_reads_the_reason_of_a_rejection_on_the_same_page(case):
    contractor, page = entered(case)
    guarantee = submitted(case)
    clerk(case.tenant).post(reverse("guarantee_reject", args=[guarantee.pk]), {"reject-reason": "金額が足りません"})

    assert "理由：金額が足りません" in text(contractor.get(page))


def test_the_page_is_closed_to_everyone_who_did_not_open_the_link(case):
    _, page = entered(case)
    strangers = [browser(), clerk(case.tenant), entered(contracted(number="別の案件"))[0]]
    factories.city("usuki")

    for client, address in [(stranger, page) for stranger in strangers] + [
        (browser(), page.replace("/tosu/", "/usuki/")),
        (browser(), page.replace("/tosu/", "/nowhere/")),
    ]:
        for response in (client.get(address), client.post(address, {})):
            assert response.status_code == 404
            assert case.title not in text(response)


def test_a_browser_with_a_tosu_link_is_a_stranger_at_usuki(case):
    contractor, page = entered(case)
    factories.city("usuki")

    assert contractor.get(page.replace("/tosu/", "/usuki/")).status_code == 404


def test_a_clerk_registers_what_came_by_mail(case):
    staff = clerk(case.tenant)
    address = reverse("guarantee_new", args=[case.pk])
    assert "受け取った書類" in text(staff.get(address))

    shown = text(staff.post(address, typed(case, channel="email", papers=["notice"]), follow=True))

    assert "受付番号" in shown
    assert "電子メール" in shown


def test_a_clerk_of_usuki_registers_what_was_brought_with_a_paper_contract(db):
    case = contracted("usuki", on=date(2025, 4, 1))
    staff = clerk(case.tenant)
    address = reverse("guarantee_new", args=[case.pk])
    form = text(staff.get(address))
    for words in ("臼杵市公共工事請負契約約款(令和7年4月1日改正)", "契約検査課に詳細をご確認ください", "保証証書"):
        assert words in form

    lacking = staff.post(address, typed(case, channel="bring", papers=["notice"], clause_set_used="on"))
    unsure = staff.post(address, typed(case, channel="bring", papers=["notice", "certificate_screen"]))
    taken = staff.post(
        address,
        typed(case, channel="bring", papers=["notice", "certificate_screen"], clause_set_used="on"),
        follow=True,
    )

    assert "不足している書類：保証証書" in text(lacking)
    assert "約款を確かめ、印を付けてください" in text(unsure)
    assert "持参" in text(taken)


def test_a_case_that_takes_no_guarantee_says_why_instead_of_a_form(db):
    early = contracted("usuki", on=date(2025, 3, 31))
    staff = clerk(early.tenant)

    shown = text(staff.get(reverse("guarantee_new", args=[early.pk])))

    assert "令和7年4月1日以降" in shown
    assert '<form class="form"' not in shown
    assert staff.post(reverse("guarantee_new", args=[early.pk]), typed(early)).status_code == 200
    assert not came().exists()


@pytest.mark.parametrize("role", [role for role in Role if role not in OUTSIDE])
def test_every_role_finds_exactly_its_doors_open(case, role):
    guarantee = submitted(case)
    staff = clerk(case.tenant, role)
    handles = role in HANDLERS

    page = staff.get(reverse("guarantee", args=[guarantee.pk]))
    assert page.status_code == 200
    assert ("照合する" in text(page)) == handles
    assert ("認証キーを表示する" in text(page)) == handles
    assert staff.get(reverse("guarantee_list")).status_code == 200
    assert staff.get(reverse("guarantee_new", args=[case.pk])).status_code == (200 if handles else 403)
    for name in POSTS:
        status = staff.post(reverse(name, args=[guarantee.pk])).status_code
        assert (status != 403) == handles, name
        assert staff.get(reverse(name, args=[guarantee.pk])).status_code == 405


def test_the_unknown_are_asked_to_sign_in_and_the_other_city_finds_nothing(case):
    guarantee = submitted(case)
    addresses = [reverse("guarantee", args=[guarantee.pk]), reverse("guarantee_new", args=[case.pk])]
    posts = [reverse(name, args=[guarantee.pk]) for name in POSTS]
    usuki = factories.city("usuki")
    neighbour = clerk(usuki)

    for address in addresses:
        assert "/accounts/login/" in browser().get(address)["Location"]
        assert neighbour.get(address).status_code == 404
    for address in posts:
        assert "/accounts/login/" in browser().post(address)["Location"]
        response = neighbour.post(address, {"reveal-reason": "見たい", "reject-reason": "嫌だ"})
        assert response.status_code == 404
        assert KEY not in text(response)
    assert case.title not in text(neighbour.get(reverse("guarantee_list")))


def test_the_list_asks_the_database_no_more_for_more_rows(case, django_assert_max_num_queries):
    staff = clerk(case.tenant)
    for number in range(8):
        submitted(case, number=f"207000442{number}")

    with django_assert_max_num_queries(16):
        assert text(staff.get(reverse("guarantee_list"))).count("照合待ち") == 8


def test_the_case_page_and_my_work_show_what_waits(case):
    guarantee = submitted(case, type_="contract")
    own = officer(case.tenant)
    panel = next(panel for panel in hooks.case_panels if panel.template == "guarantees/_case_panel.html")

    page = text(clerk(case.tenant, Role.DRAFTER).get(reverse("case", args=[case.pk])))
    assert reverse("guarantee", args=[guarantee.pk]) in page
    assert "受け取った保証を登録する" in page
    assert panel.context is panels.case_panel
    assert verbs(own) == ["保証を照合する"]
    checked(guarantee)
    assert verbs(own) == ["保証を受理する"]
    assert verbs(factories.staff(case.tenant, Role.AUDITOR)) == []
