"""An advance is paid behind its guarantee and in time; what the price no longer carries comes back."""

import json
from dataclasses import replace
from datetime import date

import pytest
from django.core.exceptions import PermissionDenied
from django.db import DatabaseError, transaction
from django.utils import timezone

from accounts.models import Role
from audit.models import Event
from contracts import work
from contracts.services.cases import papering
from contracts.services.versions import drafting, sheets
from guarantees import services as guarantees
from guarantees.advances import account, services
from guarantees.advances.services import AdvanceRefused
from guarantees.models import AdvanceBasis, AdvancePayment, Guarantee
from guarantees.states import AdvanceState, GuaranteeState
from notifications.models import Delivery
from tests import factories
from tests.contracts.services.test_amending import amend, carry_through, edit
from tests.guarantees.conftest import checked, contracted, officer, submitted
from tests.stories import story

pytestmark = pytest.mark.django_db
HALFWAY = date(2026, 6, 30)


def secured(case, *, amount=40_000_000, type_="advance"):
    """Hold a guarantee on paper: what secures the money counts, not its form."""
    return guarantees.receive_paper(
        case,
        actor=officer(case.tenant),
        at=timezone.now(),
        type_=type_,
        paper_kind="certificate",
        amount=amount,
        guarantor="西日本建設業保証株式会社",
    )


def claimed(case, *, kind="advance", amount=40_000_000, claimed_date=date(2026, 4, 1), by=None):
    actor = by or officer(case.tenant)
    return services.claim(case, actor=actor, at=timezone.now(), kind=kind, amount=amount, claimed_date=claimed_date)


def paid(case, **facts):
    advance = claimed(case, **facts)
    return services.pay(advance, actor=officer(case.tenant), at=timezone.now(), paid_date=advance.since_date)


def certified(case, **facts):
    found = {"certified_date": HALFWAY, "done_amount": 50_000_000, "on_schedule": True} | facts
    return services.certify(case, actor=officer(case.tenant), at=timezone.now(), **found)


def both_paid(case):
    """Pay 前払金 and 中間前払金 to the full: 60 % of the price."""
    secured(case)
    paid(case)
    certified(case)
    secured(case, amount=20_000_000, type_="interim_advance")
    return paid(case, kind="interim_advance", amount=20_000_000, claimed_date=date(2026, 7, 1))


def repriced(case, amount, *, on=date(2026, 8, 3)):
    papering.change(
        case,
        actor=factories.staff(case.tenant, Role.DRAFTER),
        at=timezone.now(),
        contract_date=on,
        amount=amount,
        work_starts_date=case.work_starts_date,
        work_ends_date=case.work_ends_date,
    )
    case.refresh_from_db()


def mails(template):
    return list(Delivery.unscoped.filter(template=f"guarantees/{template}").order_by("pk"))


def actions(case):
    return list(Event.objects.of_thread(case.tenant_id, case.thread).order_by("seq").values_list("action", flat=True))


def refunds(case):
    return list(AdvancePayment.unscoped.filter(case=case, kind="refund").order_by("pk"))


# 前払金


def test_an_advance_waits_for_its_guarantee(case):
    with pytest.raises(AdvanceRefused, match="前払金保証がまだ受理されていません"):
        claimed(case)

    submitted(case)
    with pytest.raises(AdvanceRefused, match="保証を受理してから"):
        claimed(case)

    guarantee = Guarantee.unscoped.get(case=case, type="advance")
    guarantees.accept(checked(guarantee), actor=officer(case.tenant), at=timezone.now())
    assert claimed(case).state == AdvanceState.CLAIMED


def test_a_claim_is_taken_told_and_recorded_with_its_last_day(case):
    secured(case)

    advance = claimed(case, claimed_date=date(2026, 4, 1))

    assert advance.due_date == date(2026, 4, 15)
    assert advance.due_working == "請求日 4/1(水) → 翌日 4/2(木) 起算 → 14日目 4/15(水) まで"
    (mail,) = mails("advance_claimed")
    assert (mail.to, mail.context["amount"]) == (case.contractor.email, "40,000,000円")
    assert mail.context["due"] == "令和8年4月15日"
    assert actions(case)[-1] == "advance.claimed"


def test_a_last_day_on_a_holiday_moves_to_the_next_open_day(case):
    secured(case)

    advance = claimed(case, claimed_date=date(2026, 4, 19))

    assert advance.due_date == date(2026, 5, 7)
    assert "14日目 5/3(日)（閉庁日：日曜日） → 翌開庁日 5/7(木) まで" in advance.due_working


def test_a_guarantee_short_by_one_yen_pays_nothing_and_says_so(case):
    secured(case, amount=39_999_999)

    with pytest.raises(AdvanceRefused, match="前払金保証の保証金額が 1円 足りません"):
        claimed(case)
    assert claimed(case, amount=39_999_999).amount == 39_999_999


@pytest.mark.parametrize(
    ("facts", "said"),
    [
        ({"amount": 40_000_001}, "40,000,000円 までです。1円 超えています。"),
        ({"amount": 0}, "1円以上"),
        ({"claimed_date": date(2099, 1, 1)}, "請求を受けた日に、先の日付は登録できません。"),
        ({"claimed_date": date(2026, 3, 4)}, "請求を受けた日が、落札日より前"),
        ({"kind": "interim_advance", "amount": 1}, "中間前払金保証がまだ受理されていません"),
    ],
)
def test_what_cannot_be_claimed_is_refused_with_its_reason_and_changes_nothing(case, facts, said):
    secured(case, amount=100_000_000)
    before = actions(case)

    with pytest.raises(AdvanceRefused, match=said):
        claimed(case, **facts)

    assert not AdvancePayment.unscoped.filter(case=case).exists()
    assert actions(case) == before


def test_a_second_claim_waits_until_the_first_is_paid_and_then_has_what_is_left(case):
    secured(case)
    first = claimed(case, amount=30_000_000)
    with pytest.raises(AdvanceRefused, match="すでに受け付けています"):
        claimed(case, amount=1)

    services.pay(first, actor=officer(case.tenant), at=timezone.now(), paid_date=date(2026, 4, 10))

    with pytest.raises(AdvanceRefused, match="10,000,000円 までです。1円 超えています。"):
        claimed(case, amount=10_000_001)
    assert claimed(case, amount=10_000_000).amount == 10_000_000


def test_a_payment_is_recorded_with_its_days_late_and_told(case):
    secured(case)
    advance = claimed(case)

    services.pay(advance, actor=officer(case.tenant), at=timezone.now(), paid_date=date(2026, 4, 17))

    event = Event.objects.of_thread(case.tenant_id, case.thread).order_by("seq").last()
    assert (event.action, json.loads(event.data)["late_days"]) == ("advance.paid", 2)
    assert [mail.context["paid"] for mail in mails("advance_paid")] == ["令和8年4月17日"]
    assert account.of(case).received == 40_000_000


def test_nothing_is_paid_once_its_guarantee_was_given_back(case):
    guarantee = secured(case)
    advance = claimed(case)
    guarantees.release(guarantee, actor=officer(case.tenant), at=timezone.now(), reason="契約の解除")

    with pytest.raises(AdvanceRefused, match="前払金保証がまだ受理されていません"):
        services.pay(advance, actor=officer(case.tenant), at=timezone.now(), paid_date=date(2026, 4, 10))

    advance.refresh_from_db()
    assert advance.state == AdvanceState.CLAIMED


def test_a_cancelled_claim_frees_the_amount_and_tells_why(case):
    secured(case)
    services.cancel(claimed(case), actor=officer(case.tenant), at=timezone.now(), reason="口座の誤り")

    assert [mail.context["reason"] for mail in mails("advance_cancelled")] == ["口座の誤り"]
    assert claimed(case).amount == 40_000_000


def test_what_is_paid_stays_paid(case):
    secured(case)
    advance = paid(case)
    for act, typed in ((services.cancel, {"reason": "誤り"}), (services.pay, {"paid_date": date(2026, 4, 10)})):
        with pytest.raises(AdvanceRefused, match="画面を開き直して"):
            act(advance, actor=officer(case.tenant), at=timezone.now(), **typed)


def test_only_those_who_handle_guarantees_take_claims(case):
    secured(case)
    with pytest.raises(PermissionDenied):
        claimed(case, by=factories.staff(case.tenant, Role.AUDITOR))


def test_a_case_without_a_contract_or_with_its_works_completed_gets_no_advance(case):
    city = case.tenant
    with pytest.raises(AdvanceRefused, match="契約が成立してから"):
        claimed(factories.case(city))

    secured(case)
    guarantees.complete(case, actor=officer(city), at=timezone.now(), completed_date=date(2026, 9, 30))
    with pytest.raises(AdvanceRefused, match="完成した工事"):
        claimed(case)


# 中間前払金


def test_an_interim_advance_is_certified_then_claimed_behind_its_own_guarantee(case):
    secured(case)
    paid(case)

    advance = certified(case)

    assert advance.state == AdvanceState.CERTIFIED
    assert mails("interim_certified")[0].context["certified"] == "令和8年6月30日"
    with pytest.raises(AdvanceRefused, match="中間前払金保証がまだ受理されていません"):
        claimed(case, kind="interim_advance", amount=20_000_000, claimed_date=date(2026, 7, 1))
    secured(case, amount=20_000_000, type_="interim_advance")
    taken = claimed(case, kind="interim_advance", amount=20_000_000, claimed_date=date(2026, 7, 1))
    assert (taken.pk, taken.state) == (advance.pk, AdvanceState.CLAIMED)


def test_an_interim_advance_is_not_claimed_before_it_is_certified(case):
    secured(case)
    paid(case)
    secured(case, amount=20_000_000, type_="interim_advance")

    with pytest.raises(AdvanceRefused, match="中間前払金の認定がまだです"):
        claimed(case, kind="interim_advance", amount=1, claimed_date=date(2026, 7, 1))


def test_an_interim_advance_follows_the_first_one(case):
    with pytest.raises(AdvanceRefused, match="前払金を支払った後に認定できます"):
        certified(case)


@pytest.mark.parametrize(
    ("facts", "said"),
    [
        ({"certified_date": date(2026, 6, 22)}, r"工期（200日）の100分の50を経過していません（経過は99日）。"),
        ({"done_amount": 49_999_999}, "請負代金額の100分の50に 1円 足りません。"),
        ({"done_amount": 100_000_001}, "請負代金額を超えています"),
        ({"on_schedule": False}, "実施すべき作業が行われていません。"),
    ],
)
def test_a_recognition_names_what_is_missing(case, facts, said):
    secured(case)
    paid(case)

    with pytest.raises(AdvanceRefused, match=said):
        certified(case, **facts)
    assert certified(case, certified_date=date(2026, 6, 23)).state == AdvanceState.CERTIFIED


def test_a_city_may_pay_no_interim_advance_beside_partial_payments():
    case = contracted()
    found = account.of(case)
    partial = replace(found, partial_payments=2, terms=replace(found.terms, excludes_partial=True))

    assert found.why_not("interim_advance") == ""
    assert partial.why_not("interim_advance") == "部分払のある契約のため、中間前払金は支払いません。"
    assert partial.why_not("advance") == ""


# 増額と減額


def test_a_raised_price_lets_the_rest_be_claimed_behind_a_raised_guarantee(case):
    held = secured(case)
    paid(case)
    repriced(case, 130_000_000)

    with pytest.raises(AdvanceRefused, match="前払金保証の保証金額が 12,000,000円 足りません"):
        claimed(case, amount=12_000_000, claimed_date=date(2026, 8, 10))
    wanted = services.ask_for_cover(case, actor=officer(case.tenant), at=timezone.now(), kind="advance")
    assert (wanted.amends, wanted.delta) == (held, 12_000_000)
    with pytest.raises(AdvanceRefused, match="すでに求めています"):
        services.ask_for_cover(case, actor=officer(case.tenant), at=timezone.now(), kind="advance")

    secured(case, amount=52_000_000)
    held.refresh_from_db()
    assert held.state == GuaranteeState.CHANGED
    assert paid(case, amount=12_000_000, claimed_date=date(2026, 8, 10)).state == AdvanceState.PAID
    assert refunds(case) == []


def test_a_reduced_price_asks_back_what_exceeds_half_of_it_within_thirty_days(case):
    secured(case)
    paid(case)

    repriced(case, 70_000_000)

    (refund,) = refunds(case)
    assert (refund.amount, refund.state) == (5_000_000, AdvanceState.REFUND_DUE)
    assert refund.due_date == date(2026, 9, 2)
    assert refund.due_working == "減額の日 8/3(月) → 翌日 8/4(火) 起算 → 30日目 9/2(水) まで"
    (mail,) = mails("advance_refund_due")
    assert (mail.context["amount"], mail.to) == ("5,000,000円", case.contractor.email)
    services.take_back(refund, actor=officer(case.tenant), at=timezone.now(), refunded_date=timezone.localdate())
    assert account.of(case).received == 35_000_000
    assert actions(case)[-1] == "advance.refunded"


def test_nothing_more_is_claimed_while_a_refund_is_awaited(case):
    secured(case)
    paid(case)
    certified(case)
    secured(case, amount=20_000_000, type_="interim_advance")
    repriced(case, 70_000_000)

    with pytest.raises(AdvanceRefused, match="前払金の返還を待っています"):
        claimed(case, kind="interim_advance", amount=1_000_000, claimed_date=date(2026, 8, 10))


def test_a_reduction_within_the_citys_share_asks_nothing_back(case):
    secured(case)
    paid(case)

    repriced(case, 80_000_000)

    assert refunds(case) == []
    assert account.of(case).payable("advance") == 0


def test_with_an_interim_advance_the_share_is_six_tenths(case):
    both_paid(case)

    repriced(case, 90_000_000)

    assert [refund.amount for refund in refunds(case)] == [6_000_000]


def test_a_refund_follows_the_price_until_it_is_paid(case):
    secured(case)
    paid(case)
    repriced(case, 70_000_000)

    repriced(case, 60_000_000, on=date(2026, 8, 4))
    assert [refund.amount for refund in refunds(case)] == [10_000_000]

    repriced(case, 100_000_000, on=date(2026, 8, 5))
    assert [refund.state for refund in refunds(case)] == [AdvanceState.CANCELLED]
    assert mails("advance_cancelled")[0].context["is_refund"] is True


# 対象額と低入札


def rules(city, **amounts):
    scope = city_rules(city)
    return factories.rule_set(city, guarantee={"amounts": scope["amounts"] | amounts})


def city_rules(city):
    return factories.RuleSet.unscoped.filter(tenant=city).latest("number").data["guarantee"]


def based(case, *, base_price=None, is_low_price=False):
    return services.set_basis(
        case, actor=officer(case.tenant), at=timezone.now(), base_price=base_price, is_low_price=is_low_price
    )


def test_an_advance_may_be_reckoned_from_a_part_of_the_price_where_the_city_says_so():
    rules(factories.city(), base="part")
    case = contracted()

    based(case, base_price=60_000_000)

    assert account.of(case).payable("advance") == 24_000_000
    secured(case)
    with pytest.raises(AdvanceRefused, match="24,000,000円 までです"):
        claimed(case)


def test_a_part_must_be_set_anew_when_the_price_changes_and_the_refund_follows_then():
    rules(factories.city(), base="part")
    case = contracted()
    based(case, base_price=60_000_000)
    secured(case)
    paid(case, amount=24_000_000)

    repriced(case, 80_000_000)
    assert refunds(case) == []
    with pytest.raises(AdvanceRefused, match="対象額を、いまの契約金額で定め直してください"):
        claimed(case, amount=1)

    based(case, base_price=40_000_000)
    (refund,) = refunds(case)
    assert (refund.amount, refund.since_date) == (4_000_000, date(2026, 8, 3))


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ({"base_price": 60_000_000}, "規程では、前払金の割合を請負代金額の全体にかけます"),
        ({"is_low_price": True}, "規程に、低入札の契約の割合がありません"),
    ],
)
def test_what_the_rules_do_not_know_cannot_be_set(typed, said):
    amounts = dict.fromkeys(("contract_percent", "advance_percent", "interim_advance_percent"), 10)
    factories.rule_set(factories.city(), guarantee={"amounts": amounts})
    case = contracted()

    with pytest.raises(AdvanceRefused, match=said):
        based(case, **typed)
    assert not AdvanceBasis.unscoped.filter(case=case).exists()


def test_a_low_bid_raises_what_the_contract_guarantee_must_cover():
    rules(factories.city(), low_price_contract_percent=30, low_price_advance_percent=20)
    case = contracted()
    awaited = Guarantee.unscoped.get(case=case, type="contract")
    assert awaited.expected_minimum == 10_000_000

    based(case, is_low_price=True)

    awaited.refresh_from_db()
    assert awaited.expected_minimum == 30_000_000
    assert account.of(case).payable("advance") == 20_000_000


# データベースの約束と、待っている仕事


@pytest.mark.parametrize(
    "changes",
    [
        {"state": "paid"},
        {"state": "refund_due"},
        {"amount": None},
        {"due_date": None},
        {"certified_at": timezone.now()},
        {"reason": "なし"},
    ],
)
def test_the_database_holds_the_columns_to_the_state(case, changes):
    secured(case)
    advance = claimed(case)

    with pytest.raises(DatabaseError), transaction.atomic():
        AdvancePayment.unscoped.filter(pk=advance.pk).update(**changes)


def test_what_is_to_be_paid_waits_for_the_department_of_the_case(case):
    secured(case)
    claimed(case)

    (line,) = work.mine(officer(case.tenant), at=timezone.now())[:50]

    assert (line.verb, line.note) == ("前払金を支払う", "前払金")
    assert (line.due_label, line.by) == ("支払の期限", date(2026, 4, 15))
    assert work.count(factories.staff(case.tenant, Role.AUDITOR), at=timezone.now()) == 0


# 電子契約


def test_an_electronic_contract_caps_what_is_paid_and_its_amendment_asks_back_from_its_own_day():
    told = story(amount=11_000_000).accepted()
    version = drafting.draft(told.case, actor=told.drafter, at=timezone.now(), signatory=told.signatory)
    terms = replace(sheets.sheet_of(version).terms, advance_percent=30, interim_percent=0)
    told.send(version, terms=terms).sign_all()
    told.case.refresh_from_db()
    today = timezone.localdate()
    secured(told.case, amount=4_400_000)

    assert account.of(told.case).why_not("interim_advance") == "割合の定めがないため、中間前払金は支払いません。"
    with pytest.raises(AdvanceRefused, match="3,300,000円 までです"):
        claimed(told.case, amount=3_300_001, claimed_date=today)
    paid(told.case, amount=3_300_000, claimed_date=today)

    carry_through(told, edit(told, amend(told), amount=5_500_000))
    (refund,) = refunds(told.case)
    assert (refund.amount, refund.since_date) == (550_000, timezone.localdate())
