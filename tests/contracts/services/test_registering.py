"""Registering a case: the rules in force judge it, and it keeps them; switching to paper ends what was electronic."""

import json
from datetime import date, timedelta

import pytest
from django.core.exceptions import PermissionDenied
from django.utils import timezone

from accounts.models import Role
from audit.models import Event
from contracts.folding import search_keys
from contracts.models import AccessLink, Purpose, RuleSet
from contracts.services.cases import registering
from contracts.services.cases.registering import CaseRefused
from contracts.services.editing import Overtaken
from contracts.states import CaseState, ConsentState, StepState, VersionState
from tests import factories

pytestmark = pytest.mark.django_db


def test_an_ordinary_construction_case_is_eligible_and_shows_how_its_deadline_was_counted():
    tosu = factories.city("tosu")

    case = factories.case(tosu, announced_date=date(2026, 3, 1), awarded_date=date(2026, 3, 6))

    assert case.is_eligible
    assert case.conclusion_deadline_date == date(2026, 3, 11)
    assert "落札日 3/6(金)" in case.deadline_working


def test_a_negotiated_contract_is_outside_the_rules_and_says_which_rule_decided():
    case = factories.case(factories.city("tosu"), procurement_method="negotiated")

    assert not case.is_eligible
    assert "随意契約は対象外です" in case.econtract_verdict["decided_by"]


def test_a_city_without_e_contracts_still_registers_cases_and_has_no_deadline():
    case = factories.case(factories.city("usuki"))

    assert not case.is_eligible
    assert case.conclusion_deadline_date is None


def test_an_award_before_its_notice_is_refused():
    today = timezone.localdate()

    with pytest.raises(CaseRefused, match="落札日が公告日より前"):
        factories.case(factories.city("tosu"), announced_date=today, awarded_date=today - timedelta(days=1))


def test_a_number_can_be_registered_once():
    tosu = factories.city("tosu")
    case = factories.case(tosu)

    with pytest.raises(CaseRefused, match="すでに登録されています"):
        factories.case(tosu, number=case.number)


def test_two_cities_may_use_the_same_number():
    number = factories.case(factories.city("tosu")).number

    assert factories.case(factories.city("usuki"), number=number).number == number


def test_a_case_keeps_the_rules_it_was_registered_under():
    tosu = factories.city("tosu")
    case = factories.case(tosu)
    rules = case.rule_set.data | {"version": "改正版"}
    RuleSet.unscoped.create(tenant=tosu, number=2, name="改正版", effective_date=timezone.localdate(), data=rules)

    later = factories.case(tosu)

    case.refresh_from_db()
    assert (case.rule_set.number, later.rule_set.number) == (1, 2)


def test_only_drafters_register():
    tosu = factories.city("tosu")

    with pytest.raises(PermissionDenied):
        factories.case(tosu, by=factories.staff(tosu, Role.AUDITOR))


def test_switching_to_paper_voids_the_consent_and_ends_the_request(tosu):
    tosu.sent()

    registering.switch_to_paper(tosu.case, actor=tosu.drafter, at=timezone.now(), contract_date=timezone.localdate())

    tosu.case.refresh_from_db()
    assert tosu.case.state == CaseState.PAPER
    assert tosu.consent.state == ConsentState.VOID_BY_PAPER
    assert tosu.version.state == VersionState.SWITCHED_TO_PAPER
    assert {step.state for step in tosu.version.steps.all()} == {StepState.CANCELLED}
    assert not AccessLink.unscoped.filter(
        case=tosu.case, purpose__in=[Purpose.SIGN, Purpose.CONSENT], revoked_at=None
    ).exists()


def test_a_paper_contract_cannot_be_dated_before_the_award(tosu):
    before = tosu.case.awarded_date - timedelta(days=1)

    with pytest.raises(CaseRefused, match="契約日が落札日より前"):
        registering.switch_to_paper(tosu.case, actor=tosu.drafter, at=timezone.now(), contract_date=before)


def correct(story, **typed):
    return registering.correct(story.case, actor=story.drafter, at=timezone.now(), **{"edit_number": 0} | typed)


def test_a_correction_is_judged_again_under_the_rules_the_case_started_with(tosu):
    rules = tosu.case.rule_set.data | {"econtract": {"offered": False, "reason": "休止しました。"}}
    RuleSet.unscoped.create(tenant=tosu.tenant, number=2, name="休止", effective_date=timezone.localdate(), data=rules)
    awarded = tosu.case.awarded_date - timedelta(days=2)

    case = correct(tosu, title="市道△△線舗装工事", awarded_date=awarded, amount=22_000_000)

    case.refresh_from_db()
    assert (case.is_eligible, case.rule_set.number, case.edit_number) == (True, 1, 1)
    assert case.conclusion_deadline_date == awarded + timedelta(days=5)
    assert case.search_key.startswith(search_keys(case.number, "市道△△線舗装工事", longest=500))
    event = Event.objects.of_thread(case.tenant_id, case.thread).get(action="case.corrected")
    changes = json.loads(event.data)["changes"]
    assert changes["amount"] == {"before": 11_000_000, "after": 22_000_000}
    assert changes["awarded_date"]["after"] == awarded.isoformat()


def test_a_correction_may_take_a_case_out_of_the_rules(tosu):
    assert not correct(tosu, procurement_method="negotiated").is_eligible


def test_the_second_of_two_correctors_is_told_and_overwrites_nothing(tosu):
    correct(tosu, place="宿町")

    with pytest.raises(Overtaken, match="他の職員が先に保存しました"):
        correct(tosu, place="元町")
    tosu.case.refresh_from_db()
    assert tosu.case.place == "宿町"


def test_saving_a_case_as_it_is_writes_nothing(tosu):
    before = Event.objects.count()

    assert correct(tosu, title=tosu.case.title, contractor=tosu.case.contractor).edit_number == 0
    assert Event.objects.count() == before


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ({"amount": 0}, "1円以上"),
        ({"work_ends_date": date(2020, 1, 1)}, "工期の終期が始期より前"),
        ({"awarded_date": date(2020, 1, 1)}, "落札日が公告日より前"),
        ({"kind": "space"}, "規程にありません"),
    ],
)
def test_a_correction_that_contradicts_itself_is_refused(tosu, typed, said):
    with pytest.raises(CaseRefused, match=said):
        correct(tosu, **typed)


def test_a_number_taken_by_another_case_is_refused_in_a_correction_too(tosu):
    other = factories.case(tosu.tenant)

    with pytest.raises(CaseRefused, match="すでに登録されています"):
        correct(tosu, number=other.number)


def test_the_awardee_stays_once_the_consent_was_asked_for(tosu):
    tosu.invited()

    with pytest.raises(CaseRefused, match="落札者を変えられません"):
        correct(tosu, contractor=factories.contractor(tosu.tenant))
    assert correct(tosu, place="元町").place == "元町"


def test_a_case_whose_contract_is_under_way_is_not_corrected(tosu):
    tosu.sent()

    with pytest.raises(CaseRefused, match="契約の手続きが進んでいる"):
        correct(tosu, place="元町")


def test_only_drafters_correct(tosu):
    with pytest.raises(PermissionDenied):
        registering.correct(tosu.case, actor=tosu.approver, at=timezone.now(), edit_number=0, place="元町")
