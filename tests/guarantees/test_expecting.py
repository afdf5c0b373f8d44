"""A case with its contract expects its guarantees; a change of price changes what is expected, a new 工期 does not."""

from datetime import timedelta

import pytest
from django.utils import timezone

from accounts.models import Role
from contracts.models import Case
from contracts.services.cases import papering
from guarantees import services
from guarantees.models import Guarantee, PaperKind
from guarantees.services import GuaranteeRefused
from guarantees.states import GuaranteeState
from notifications import mail
from notifications.models import Delivery
from tests import factories
from tests.contracts.services.test_amending import amend, carry_through, edit
from tests.guarantees.conftest import NUMBER, checked, contracted, officer, submitted
from tests.stories import story

pytestmark = pytest.mark.django_db
EXPECTED, CHANGED = GuaranteeState.EXPECTED, GuaranteeState.CHANGED


def deposited(case: Case, **values) -> Guarantee:
    """Have a 契約保証 of 10,000,000円 accepted."""
    guarantee = checked(submitted(case, type_="contract", **values), amount=10_000_000)
    return services.accept(guarantee, actor=officer(case.tenant), at=timezone.now())


def changed(case: Case, **values) -> None:
    """Change the contract on paper."""
    case.refresh_from_db()
    terms = {name: getattr(case, name) for name in ("amount", "work_starts_date", "work_ends_date")} | values
    papering.change(
        case,
        actor=factories.staff(case.tenant, Role.DRAFTER),
        at=timezone.now(),
        contract_date=case.paper_contract_date + timedelta(days=30),
        **terms,
    )
    case.refresh_from_db()


def expected(case: Case) -> list[Guarantee]:
    return list(Guarantee.unscoped.filter(case=case, state=EXPECTED).order_by("pk"))


def state_of(guarantee: Guarantee) -> str:
    guarantee.refresh_from_db()
    return guarantee.state


def test_a_contract_expects_its_contract_guarantee_of_a_tenth(case):
    (need,) = expected(case)

    assert (need.type, need.expected_minimum, need.expected_maximum) == ("contract", 10_000_000, None)
    assert need.expected_text == "10,000,000円以上"
    assert need.amends is None


def test_a_contract_below_the_citys_threshold_expects_none(db):
    city = factories.city("tosu")
    rules = city_with_threshold(city)

    case = contracted(amount=4_999_999)

    assert case.rule_set == rules
    assert expected(case) == []
    assert len(expected(contracted(amount=5_000_000, number="もう一つ"))) == 1


def city_with_threshold(city):
    return factories.rule_set(city, guarantee={"thresholds": {"contract": {"from_price": 5_000_000}}})


def test_what_comes_answers_what_was_expected_and_keeps_its_row(case):
    (need,) = expected(case)

    guarantee = submitted(case, type_="contract")

    assert guarantee.pk == need.pk
    assert expected(case) == []


def test_an_advance_is_expected_once_somebody_wants_it(case):
    at, clerk = timezone.now(), officer(case.tenant)
    need = services.want(case, type_="advance", actor=clerk, at=at)

    assert (need.state, need.expected_maximum) == (EXPECTED, 40_000_000)
    with pytest.raises(GuaranteeRefused, match="前払金保証の提出を、すでに待っています"):
        services.want(case, type_="advance", actor=clerk, at=at)
    with pytest.raises(GuaranteeRefused, match="契約保証予約（入札ボンド）は電子保証の対象外です。"):
        services.want(case, type_="bid_bond", actor=clerk, at=at)
    assert submitted(case).pk == need.pk


def test_several_guarantees_of_one_type_secure_one_case(case):
    first = submitted(case, type_="contract")
    second = submitted(case, type_="contract", number="2070004427")

    assert first.pk != second.pk
    assert {first.state, second.state} == {GuaranteeState.ROUTED}


def test_a_rejection_leaves_the_need_open_and_its_key_is_gone(case):
    guarantee = submitted(case, type_="contract")

    rejected = services.reject(guarantee, actor=officer(case.tenant), at=timezone.now(), reason="金額が違います")

    (need,) = expected(case)
    assert need.type == "contract"
    assert (rejected.sealed_key, rejected.state) == (None, GuaranteeState.REJECTED)
    with pytest.raises(GuaranteeRefused, match="保管していません"):
        services.reveal(rejected, actor=officer(case.tenant), at=timezone.now(), reason="確認")


def test_a_need_may_be_dismissed_with_a_reason_and_only_a_need(case):
    (need,) = expected(case)
    clerk, at = officer(case.tenant), timezone.now()
    with pytest.raises(GuaranteeRefused, match="不要とする理由"):
        services.dismiss(need, actor=clerk, at=at, reason=" ")

    dismissed = services.dismiss(need, actor=clerk, at=at, reason="契約保証金の免除")

    assert (dismissed.state, dismissed.reason) == (GuaranteeState.NOT_NEEDED, "契約保証金の免除")
    with pytest.raises(GuaranteeRefused, match="提出を待っている保証だけ"):
        services.dismiss(submitted(case), actor=clerk, at=at, reason="理由")


def test_a_higher_price_expects_a_change_certificate_and_names_the_missing_yen(case):
    held = deposited(case)

    changed(case, amount=120_000_000)

    (need,) = expected(case)
    assert (need.amends, need.expected_minimum, need.delta) == (held, 12_000_000, 2_000_000)
    assert need.delta_text == "変更前の保証より 2,000,000円 の増額が必要です。"
    assert state_of(held) == GuaranteeState.DEEMED_DEPOSITED


def test_a_lower_price_lets_the_guarantee_fall(case):
    deposited(case)

    changed(case, amount=90_000_000)

    (need,) = expected(case)
    assert need.delta_text == "変更前の保証より 1,000,000円 減額できます。"


def test_the_contractor_is_told_the_delta_and_given_the_page(case):
    deposited(case)
    changed(case, amount=120_000_000)

    delivery = Delivery.unscoped.get(template="guarantees/guarantee_change_asked")
    words = mail.words(
        tenant=case.tenant, template=delivery.template, context=delivery.context, link="https://musubi.example.jp/x/"
    )
    assert delivery.to == case.contractor.email
    assert delivery.sealed_link is not None
    for text in (words.text, words.html):
        for said in ("2,000,000円 の増額が必要です", "12,000,000円以上", NUMBER, "すぐにご提出ください"):
            assert said in text
    assert "希望されないときは" not in words.text


def test_a_contractor_whose_guarantee_may_fall_is_told_that_nothing_must_be_done(case):
    deposited(case)
    changed(case, amount=90_000_000)

    delivery = Delivery.unscoped.get(template="guarantees/guarantee_change_asked")
    words = mail.words(tenant=case.tenant, template=delivery.template, context=delivery.context, link=None)
    assert "希望されないときは、手続きは要りません" in words.text


def test_the_invitation_is_sent_again_with_a_page_that_lives(case):
    before = Delivery.unscoped.filter(template="guarantees/guarantee_invited").count()

    services.invite_again(case, actor=officer(case.tenant), at=timezone.now())

    again = Delivery.unscoped.filter(template="guarantees/guarantee_invited")
    assert again.count() == before + 1
    assert again.latest("pk").sealed_link is not None
    other = contracted(kind="maintenance", number="維持")
    with pytest.raises(GuaranteeRefused, match="対象外"):
        services.invite_again(other, actor=officer(case.tenant), at=timezone.now())


def test_a_need_that_falls_below_the_threshold_is_settled_and_one_that_rises_above_it_is_opened(db):
    city_with_threshold(factories.city("tosu"))
    falling, rising = contracted(amount=6_000_000), contracted(amount=4_000_000, number="上がる")

    changed(falling, amount=4_000_000)
    changed(rising, amount=6_000_000)

    assert expected(falling) == []
    (need,) = expected(rising)
    assert (need.expected_minimum, need.amends) == (600_000, None)


def test_a_change_of_the_days_alone_expects_nothing(case):
    held = deposited(case)

    changed(case, work_ends_date=case.work_ends_date + timedelta(days=60))

    assert expected(case) == []
    assert state_of(held) == GuaranteeState.DEEMED_DEPOSITED


def test_a_guarantee_that_covers_the_new_price_too_is_left_alone(case):
    checked_high = checked(submitted(case, type_="contract"), amount=15_000_000)
    services.accept(checked_high, actor=officer(case.tenant), at=timezone.now())

    changed(case, amount=120_000_000)

    assert expected(case) == []


def test_a_change_certificate_may_bear_the_number_of_the_one_before_and_replaces_it_when_accepted(case):
    held = deposited(case)
    changed(case, amount=120_000_000)
    change = submitted(case, type_="contract", number=NUMBER)
    assert change.amends == held

    accepted = services.accept(checked(change, amount=12_000_000), actor=officer(case.tenant), at=timezone.now())

    assert (accepted.state, state_of(held)) == (GuaranteeState.DEEMED_DEPOSITED, CHANGED)


def test_a_change_certificate_short_by_one_yen_changes_nothing(case):
    held = deposited(case)
    changed(case, amount=120_000_000)

    change = checked(submitted(case, type_="contract", number="2070009999"), amount=11_999_999)

    assert change.state == GuaranteeState.CHECKED_NG
    assert "1円 足りません" in str(change.findings)
    assert state_of(held) == GuaranteeState.DEEMED_DEPOSITED


def test_a_refused_change_certificate_leaves_the_change_expected(case):
    held = deposited(case)
    changed(case, amount=120_000_000)
    change = submitted(case, type_="contract", number=NUMBER)

    services.reject(change, actor=officer(case.tenant), at=timezone.now(), reason="変更の記載がありません")

    (need,) = expected(case)
    assert (need.amends, need.delta) == (held, 2_000_000)


def test_without_a_change_of_price_the_number_of_a_held_guarantee_is_refused(case):
    deposited(case)

    with pytest.raises(GuaranteeRefused, match="すでに登録されています"):
        submitted(case, type_="contract", number=NUMBER)


def test_the_number_of_a_replaced_guarantee_is_not_taken_for_another_need(case):
    deposited(case)
    changed(case, amount=120_000_000)
    change = checked(submitted(case, type_="contract", number="2070009999"), amount=12_000_000)
    services.accept(change, actor=officer(case.tenant), at=timezone.now())

    with pytest.raises(GuaranteeRefused, match="すでに変更または返還・解除されています"):
        submitted(case, type_="contract", number=NUMBER)


def test_a_second_change_of_price_moves_the_same_need(case):
    deposited(case)
    changed(case, amount=120_000_000)
    changed(case, amount=130_000_000)

    (need,) = expected(case)
    assert need.delta == 3_000_000


def test_a_price_that_goes_back_needs_no_change_any_more(case):
    held = deposited(case)
    changed(case, amount=120_000_000)
    changed(case, amount=100_000_000)

    assert expected(case) == []
    (settled,) = held.amendments.all()
    assert settled.state == GuaranteeState.NOT_NEEDED
    assert "要らなくなりました" in settled.reason


def test_what_was_checked_but_not_accepted_is_compared_again_at_the_new_price(case):
    guarantee = checked(submitted(case, type_="contract"), amount=10_000_000)
    assert guarantee.state == GuaranteeState.CHECKED_OK

    changed(case, amount=100_000_010)

    assert state_of(guarantee) == GuaranteeState.CHECKED_NG
    assert "必要な額 10,000,001円 に 1円 足りません" in str(guarantee.findings)


def test_a_paper_guarantee_is_amended_like_an_electronic_one(case):
    clerk, at = officer(case.tenant), timezone.now()
    paper = {"type_": "contract", "paper_kind": PaperKind.BANK, "guarantor": "みずほ銀行"}
    held = services.receive_paper(case, actor=clerk, at=at, amount=10_000_000, **paper)
    changed(case, amount=120_000_000)

    after = services.receive_paper(case, actor=clerk, at=at, amount=12_000_000, **paper)

    assert (after.amends, after.state, state_of(held)) == (held, GuaranteeState.PAPER, CHANGED)


def test_an_electronic_amendment_raises_what_is_expected(db):
    told = story(amount=100_000_000)
    told.concluded()
    told.case.refresh_from_db()
    held = deposited(told.case)

    carry_through(told, edit(told, amend(told), amount=110_000_000))

    (need,) = expected(told.case)
    assert (need.amends, need.delta) == (held, 1_000_000)
