"""The page of advance payments: a clerk sees what may be paid, what waits, and why something cannot be."""

from datetime import date

import pytest
from django.urls import reverse
from django.utils import timezone

from accounts.models import Role
from guarantees.advances import services
from guarantees.models import AdvancePayment, Guarantee
from guarantees.states import AdvanceState
from tests import factories
from tests.guarantees.conftest import clerk, contracted, officer
from tests.guarantees.test_advances import claimed, paid, secured

pytestmark = pytest.mark.django_db
CLAIM = {"claim-kind": "advance", "claim-amount": "４０，０００，０００", "claim-claimed_date": "令和8年4月1日"}


def page(client, case):
    response = client.get(reverse("advances", args=[case.pk]))
    assert response.status_code == 200
    return response.content.decode()


def post(client, name, *args, **typed):
    return client.post(reverse(name, args=args), typed, follow=True)


def test_a_claim_is_taken_as_people_write_it_and_paid_from_the_same_page(case):
    secured(case)
    client = clerk(case.tenant)

    taken = post(client, "advance_claim", case.pk, **CLAIM).content.decode()

    assert "請求日 4/1(水) → 翌日 4/2(木) 起算 → 14日目 4/15(水) まで" in taken
    advance = AdvancePayment.unscoped.get(case=case)
    shown = post(client, "advance_settle", advance.pk, **{f"settle{advance.pk}-day": "R8.4.10"}).content.decode()
    assert "支払を登録しました" in shown
    assert "終わった手続き" in shown
    advance.refresh_from_db()
    assert (advance.state, advance.settled_date) == (AdvanceState.PAID, date(2026, 4, 10))


def test_a_claim_that_cannot_stand_is_shown_again_as_typed_with_its_reason(case):
    response = post(clerk(case.tenant), "advance_claim", case.pk, **CLAIM)

    text = response.content.decode()
    assert response.status_code == 422
    assert "前払金保証がまだ受理されていません。保証を受理してから、請求を受け付けてください。" in text
    assert 'value="４０，０００，０００"' in text
    assert not AdvancePayment.unscoped.filter(case=case).exists()


def test_the_reason_of_a_refusal_stands_in_the_form_it_is_about(case):
    secured(case)
    advance = claimed(case)
    client = clerk(case.tenant)

    early = post(client, "advance_settle", advance.pk, **{f"settle{advance.pk}-day": "令和8年3月20日"})
    empty = post(client, "advance_cancel", advance.pk, **{f"cancel{advance.pk}-reason": ""})

    assert (early.status_code, empty.status_code) == (422, 422)
    assert "支払った日が、請求（減額）の日より前になっています。" in early.content.decode()
    assert "取り消す理由を入力してください。" in empty.content.decode()


def test_a_cancelled_claim_shows_its_reason(case):
    secured(case)
    advance = claimed(case)

    typed = {f"cancel{advance.pk}-reason": "口座の誤り"}
    shown = post(clerk(case.tenant), "advance_cancel", advance.pk, **typed).content.decode()

    assert "口座の誤り" in shown
    assert "取り消しました。受注者へ理由をメールでお知らせします。" in shown


def test_the_guarantee_of_the_next_claim_is_asked_for_with_one_button(case):
    client = clerk(case.tenant)
    assert "前払金保証を求める" in page(client, case)

    shown = post(client, "advance_ask", case.pk, "advance").content.decode()

    assert "前払金保証を「提出待ち」に加えました" in shown
    assert Guarantee.unscoped.filter(case=case, type="advance", state="expected").count() == 1
    assert client.post(reverse("advance_ask", args=[case.pk, "contract"])).status_code == 404


def test_an_interim_advance_is_certified_on_the_page(case):
    secured(case)
    paid(case)
    typed = {"certify-certified_date": "2026-06-30", "certify-done_amount": "50,000,000円"}
    client = clerk(case.tenant)

    behind = post(client, "advance_certify", case.pk, **typed)
    assert behind.status_code == 422
    assert "実施すべき作業が行われていません。" in behind.content.decode()

    shown = post(client, "advance_certify", case.pk, **typed, **{"certify-on_schedule": "on"}).content.decode()
    assert "中間前払金を認定しました" in shown


def test_the_part_and_the_low_bid_are_asked_for_only_where_the_rules_know_them(case):
    assert "前払金の対象額" in page(clerk(case.tenant), case)

    amounts = {"contract_percent": 10, "advance_percent": 40, "interim_advance_percent": 20}
    factories.rule_set(case.tenant, guarantee={"amounts": amounts})
    plain = contracted(number="別の工事")
    text = page(clerk(case.tenant), plain)
    assert "割合をかける額を定める" not in text

    shown = post(clerk(case.tenant), "advance_basis", case.pk, **{"basis-base_price": "60,000,000"}).content.decode()
    assert "対象額などを登録しました" in shown
    assert "24,000,000" in shown


def test_auditors_look_and_have_no_buttons(case):
    secured(case)
    claimed(case)
    client = clerk(case.tenant, Role.AUDITOR)

    text = page(client, case)

    assert "支払待ち" in text
    assert '<form class="form"' not in text
    assert client.post(reverse("advance_claim", args=[case.pk]), CLAIM).status_code == 403


def test_a_case_without_a_contract_says_when_it_begins():
    city = factories.city()

    assert "前払金の手続きは、契約が成立してから始められます。" in page(clerk(city), factories.case(city))


def test_the_case_page_tells_what_was_paid_and_what_waits(case):
    secured(case)
    claimed(case, amount=30_000_000)

    shown = clerk(case.tenant).get(reverse("case", args=[case.pk])).content.decode()

    assert "期限 令和8年4月15日" in shown
    assert reverse("advances", args=[case.pk]) in shown


def test_a_refund_is_shown_with_its_last_day_and_taken_back(case):
    secured(case)
    paid(case)
    case.amount = 70_000_000
    case.save()
    refund = services.settle(case, since=date(2026, 8, 3), actor=officer(case.tenant), at=timezone.now())
    client = clerk(case.tenant)
    assert "30日目 9/2(水) まで" in page(client, case)

    shown = post(client, "advance_settle", refund.pk, **{f"settle{refund.pk}-day": "2026-08-20"}).content.decode()

    assert "返還を受けたことを登録しました。" in shown
    assert "返還済" in shown
