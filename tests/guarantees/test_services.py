"""Guarantees are taken, checked and decided by the city's own rules, and every refusal says why."""

from datetime import date, timedelta

import pytest
from django.core.exceptions import PermissionDenied
from django.db import IntegrityError, transaction
from django.utils import timezone

from accounts.models import Department, Role
from audit.models import Event
from contracts.models import AccessLink, Case, Purpose, RuleSet
from contracts.services import links
from contracts.services.cases import registering
from contracts.services.consents import consenting
from contracts.states import IllegalMove
from guarantees import services
from guarantees.facts import CertificateFacts
from guarantees.models import Channel, Guarantee, Institution
from guarantees.services import GuaranteeRefused
from guarantees.states import GuaranteeState
from notifications.models import Delivery
from tests import factories
from tests.guarantees.conftest import KEY, NUMBER, READ, came, checked, contracted, holder, officer, submitted

pytestmark = pytest.mark.django_db
PAPERS = ("notice", "certificate_screen")


def brought(case: Case, **values):
    """Register a guarantee that came over the counter."""
    typed = {"actor": officer(case.tenant), "channel": Channel.BRING, "papers": PAPERS, "clause_set_used": True}
    return submitted(case, **(typed | values))


def mails(template: str) -> list[Delivery]:
    return list(Delivery.unscoped.filter(template=f"guarantees/{template}").order_by("pk"))


def actions(case: Case) -> list[str]:
    return list(Event.objects.of_thread(case.tenant_id, case.thread).order_by("seq").values_list("action", flat=True))


def test_a_contract_on_paper_brings_the_invitation_to_register_guarantees(case):
    (mail,) = mails("guarantee_invited")

    assert mail.to == case.contractor.email
    assert mail.sealed_link is not None
    assert "guarantee.invited" in actions(case)
    assert AccessLink.unscoped.filter(case=case, purpose=Purpose.GUARANTEE).count() == 1


def test_a_guarantee_is_taken_routed_receipted_and_recorded(case):
    guarantee = submitted(case)

    assert guarantee.state == GuaranteeState.ROUTED
    assert guarantee.routed_to == case.department
    assert [mail.to for mail in mails("guarantee_arrived")] == [case.department.email]
    (receipt,) = mails("guarantee_receipt")
    assert (receipt.to, receipt.context["receipt"]) == (case.contractor.email, guarantee.receipt)
    assert actions(case)[-2:] == ["guarantee.submitted", "guarantee.routed"]


def test_a_contract_guarantee_goes_to_the_inspection_department(case):
    assert submitted(case, type_="contract").routed_to.name == "契約検査課"


def test_a_number_typed_in_full_width_is_the_same_number(case):
    guarantee = submitted(case, number=" ２０７−０００４４２６ ", key="ＡＢｃ１２３")
    shown = services.reveal(guarantee, actor=officer(case.tenant), at=timezone.now(), reason="確認")

    assert (guarantee.number, shown.key) == ("207-0004426", "ABc123")


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ({"number": "番号"}, "保証契約番号は、お知らせに記載の番号"),
        ({"number": "123"}, "保証契約番号は"),
        ({"number": "1" * 33}, "保証契約番号は"),
        ({"key": "鍵です"}, "認証キーは、お知らせに記載のキー"),
        ({"key": "a b c d"}, "認証キーは"),
        ({"type_": "bid_bond"}, "契約保証予約（入札ボンド）は電子保証の対象外です。"),
        ({"type_": "nonsense"}, "電子保証の対象外です"),
        ({"channel": Channel.EMAIL}, "画面からの登録"),
    ],
)
def test_what_cannot_be_taken_is_refused_with_its_reason_and_changes_nothing(case, typed, said):
    before = actions(case)

    with pytest.raises(GuaranteeRefused, match=said):
        submitted(case, **typed)

    assert not came().filter(case=case).exists()
    assert actions(case) == before


def test_an_unusual_number_is_warned_about_and_taken(case):
    guarantee = submitted(case, number="200000002")

    assert ["見慣れた番号の形" in warning for warning in guarantee.warnings] == [True]
    assert submitted(contracted(number="別の工事"), number=NUMBER).warnings == []


def test_the_same_number_is_taken_once_until_it_is_rejected(case):
    first = submitted(case)
    with pytest.raises(GuaranteeRefused, match="すでに登録されています"):
        submitted(case)

    services.reject(first, actor=officer(case.tenant), at=timezone.now(), reason="金額が違います")

    assert submitted(case).state == GuaranteeState.ROUTED


def test_a_case_without_a_contract_takes_no_guarantee():
    city = factories.city("tosu")
    case = factories.case(city)

    with pytest.raises(GuaranteeRefused, match="契約が成立してから"):
        submitted(case, actor=officer(city), channel=Channel.EMAIL, papers=PAPERS)


@pytest.mark.parametrize(
    ("values", "said"),
    [
        ({"announced_date": date(2026, 2, 28)}, "入札公告の日が令和8年3月1日以降"),
        ({"kind": "maintenance"}, "建設維持関連業務"),
    ],
)
def test_a_case_outside_the_rules_of_tosu_is_neither_invited_nor_taken(db, values, said):
    case = contracted(**values)

    assert mails("guarantee_invited") == []
    with pytest.raises(GuaranteeRefused, match=said):
        submitted(case, actor=officer(case.tenant), channel=Channel.EMAIL, papers=PAPERS)


def test_usuki_takes_a_guarantee_for_a_paper_contract_from_its_first_day(db):
    case = contracted("usuki", on=date(2025, 4, 1))
    (mail,) = mails("guarantee_invited")

    guarantee = brought(case)

    assert mail.sealed_link is None
    assert mail.context["guide"]["channels"] == ["持参"]
    assert guarantee.routed_to.name == "契約検査課"
    assert guarantee.warnings == []


def test_usuki_refuses_a_contract_of_the_day_before(db):
    case = contracted("usuki", on=date(2025, 3, 31))

    with pytest.raises(GuaranteeRefused, match=r"令和7年4月1日以降.*令和7年3月31日"):
        brought(case)


@pytest.mark.parametrize(
    ("values", "said"),
    [
        ({"papers": ("notice",)}, "不足している書類：保証証書"),
        ({"papers": ()}, "「認証キー」等のお知らせ、保証証書"),
        ({"clause_set_used": False}, "臼杵市公共工事請負契約約款"),
        ({"channel": Channel.UPLOAD}, "受け取った方法"),
    ],
)
def test_usuki_wants_both_papers_and_the_right_general_terms(db, values, said):
    case = contracted("usuki", on=date(2025, 4, 1))

    with pytest.raises(GuaranteeRefused, match=said):
        brought(case, **values)


def test_a_contractor_cannot_register_on_screen_where_the_city_wants_papers_brought(db):
    case = contracted("usuki", on=date(2025, 4, 1))
    firm, at = case.contractor, timezone.now()
    links.issue(
        purpose=Purpose.GUARANTEE, case=case, name=firm.name, email=firm.email, at=at, expires_at=at + timedelta(1)
    )

    with pytest.raises(GuaranteeRefused, match="提出方法は持参です"):
        submitted(case)


def test_a_clerk_may_take_another_way_and_it_is_noted(case):
    guarantee = brought(case)

    assert guarantee.warnings == ["定められた提出方法（電子メール、画面から登録）と異なり、持参で受け取りました。"]
    assert brought(case, number="2070004427", channel=Channel.EMAIL).warnings == []


def test_a_guarantee_for_a_department_that_is_missing_waits_to_be_routed_by_hand(case):
    data = case.rule_set.data
    data["guarantee"]["routing"]["contract"] = "ない課"
    case.rule_set = RuleSet(data=data)
    guarantee = submitted(case, type_="contract")

    assert guarantee.state == GuaranteeState.SUBMITTED
    assert "「ない課」が登録されていません" in guarantee.warnings[0]
    assert mails("guarantee_arrived") == []
    assert len(mails("guarantee_receipt")) == 1
    department = Department.unscoped.get(tenant=case.tenant, name="契約検査課")
    routed = services.route(guarantee, department=department, actor=officer(case.tenant), at=timezone.now())

    assert (routed.state, routed.routed_to) == (GuaranteeState.ROUTED, department)
    assert [mail.to for mail in mails("guarantee_arrived")] == [department.email]


def test_a_fitting_certificate_is_checked_accepted_told_and_recorded(case):
    guarantee = checked(submitted(case))
    assert guarantee.state == GuaranteeState.CHECKED_OK
    assert {line["label"] for line in guarantee.findings} == {"適合", "記載なし"}

    accepted = services.accept(guarantee, actor=officer(case.tenant), at=timezone.now())

    assert accepted.state == GuaranteeState.DEEMED_DEPOSITED
    assert mails("guarantee_decided")[0].context["accepted"] is True
    assert actions(case)[-4:] == [
        "guarantee.submitted",
        "guarantee.routed",
        "guarantee.checked",
        "guarantee.accepted",
    ]


def test_a_contract_guarantee_short_by_one_yen_cannot_be_accepted(case):
    guarantee = checked(submitted(case, type_="contract"), amount=9_999_999)

    assert guarantee.state == GuaranteeState.CHECKED_NG
    assert "10,000,000円 に 1円 足りません" in str(guarantee.findings)
    with pytest.raises(GuaranteeRefused, match="先に照合の結果"):
        services.accept(guarantee, actor=officer(case.tenant), at=timezone.now())


def test_a_slip_of_reading_may_be_corrected_until_the_decision(case):
    guarantee = checked(submitted(case), guaranteed_until=date(2026, 9, 29))
    assert guarantee.state == GuaranteeState.CHECKED_NG
    guarantee = checked(guarantee)
    assert guarantee.state == GuaranteeState.CHECKED_OK
    guarantee = checked(guarantee, guaranteed_until=date(2026, 9, 29))
    assert guarantee.state == GuaranteeState.CHECKED_NG

    services.accept(checked(guarantee), actor=officer(case.tenant), at=timezone.now())

    with pytest.raises(GuaranteeRefused, match="今は照合できません"):
        checked(guarantee)


def test_an_amount_of_nothing_is_no_certificate(case):
    with pytest.raises(GuaranteeRefused, match="1円以上"):
        checked(submitted(case), amount=0)


def test_a_guarantee_is_accepted_once_and_only_after_it_was_checked(case):
    guarantee = submitted(case)
    with pytest.raises(GuaranteeRefused):
        services.accept(guarantee, actor=officer(case.tenant), at=timezone.now())
    services.accept(checked(guarantee), actor=officer(case.tenant), at=timezone.now())

    with pytest.raises(GuaranteeRefused):
        services.accept(guarantee, actor=officer(case.tenant), at=timezone.now())
    with pytest.raises(GuaranteeRefused):
        services.reject(guarantee, actor=officer(case.tenant), at=timezone.now(), reason="取消")

    assert len(mails("guarantee_decided")) == 1


def test_a_rejection_needs_a_reason_and_the_contractor_is_told_it(case):
    guarantee = submitted(case)
    with pytest.raises(GuaranteeRefused, match="受理しない理由を入力"):
        services.reject(guarantee, actor=officer(case.tenant), at=timezone.now(), reason="　 ")

    services.reject(guarantee, actor=officer(case.tenant), at=timezone.now(), reason="工事名が違います")

    (mail,) = mails("guarantee_decided")
    assert (mail.context["accepted"], mail.context["reason"]) == (False, "工事名が違います")


@pytest.mark.parametrize("role", [Role.APPROVER, Role.SIGNATORY, Role.AUDITOR, Role.ADMINISTRATOR])
def test_only_those_who_receive_guarantees_may_act_on_them(case, role):
    guarantee, stranger, at = submitted(case), factories.staff(case.tenant, role), timezone.now()

    with pytest.raises(PermissionDenied):
        submitted(case, actor=stranger, channel=Channel.EMAIL, papers=PAPERS, number="2070004427")
    for act in (
        lambda: services.check(guarantee, actor=stranger, at=at, facts=CertificateFacts(**READ)),
        lambda: services.accept(guarantee, actor=stranger, at=at),
        lambda: services.reject(guarantee, actor=stranger, at=at, reason="理由"),
        lambda: services.reveal(guarantee, actor=stranger, at=at, reason="理由"),
    ):
        with pytest.raises(GuaranteeRefused):
            act()


def test_a_holder_of_a_link_for_another_purpose_registers_nothing_and_sees_nothing(case):
    submitted(case)
    at, firm = timezone.now(), case.contractor
    consent = consenting.open_consent(case, firm)
    links.issue(
        purpose=Purpose.CONSENT,
        case=case,
        consent=consent,
        name=firm.name,
        email=firm.email,
        at=at,
        expires_at=at,
    )
    other = links.holder(AccessLink.unscoped.get(case=case, purpose=Purpose.CONSENT), ip=None)

    with pytest.raises(PermissionDenied):
        submitted(case, actor=other, number="2070004427")
    assert not Guarantee.objects.visible_to(other).exists()
    assert Guarantee.objects.visible_to(holder(case)).filter(number=NUMBER).count() == 1


def test_the_database_keeps_a_state_together_with_its_record(case):
    guarantee = submitted(case)

    for state, constraint in (
        (GuaranteeState.CHECKED_OK, "checked_guarantee_has_its_record"),
        (GuaranteeState.REJECTED, "decision_has_its_record"),
    ):
        with pytest.raises(IntegrityError, match=constraint), transaction.atomic():
            Guarantee.unscoped.filter(pk=guarantee.pk).update(state=state)
    with pytest.raises(IllegalMove):
        guarantee.move_to(GuaranteeState.DEEMED_DEPOSITED)


def test_two_cities_may_hold_the_same_number(db):
    ours = submitted(contracted())
    theirs = brought(contracted("usuki", on=date(2025, 4, 1)))

    assert ours.number == theirs.number
    assert ours.key_context != theirs.key_context
    assert Institution.unscoped.filter(tenant=ours.tenant).count() == 0  # いまは臼杵市の側から見ている


def test_an_electronic_contract_invites_too_and_a_case_is_asked_once_it_has_one(db):
    city = factories.city("tosu")
    case = factories.case(city)
    assert services.why_not(case) == "保証は、契約が成立してから登録できます。"

    drafter = factories.staff(city, Role.DRAFTER)
    registering.switch_to_paper(
        case, actor=drafter, at=timezone.now(), contract_date=case.awarded_date + timedelta(days=1)
    )
    case.refresh_from_db()

    assert services.why_not(case) == ""
    assert KEY not in str([mail.context for mail in Delivery.unscoped.all()])
