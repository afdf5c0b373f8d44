"""The deadline of a conclusion: who hears of it, on which mornings."""

from datetime import date, timedelta

import pytest

from accounts.models import Delegation, Department, Membership, Role
from contracts.models import ApprovalAct, ApprovalKind, ApprovalStep, Case, Contract, Decision, Party
from contracts.states import ApprovalState, CaseState, ContractState, StepState, VersionState
from tests import factories
from tests.contracts.reminding import scene

pytestmark = pytest.mark.django_db
# 2026-03-05（木）の落札。鳥栖市の期限は、翌日から数えて五日目の 3月10日（火）
AWARDED, DEADLINE = date(2026, 3, 5), date(2026, 3, 10)


def days(first: date, last: date) -> list[date]:
    return [first + timedelta(days=n) for n in range((last - first).days + 1)]


@pytest.fixture
def city():
    return factories.city("tosu")


@pytest.fixture
def drafter(city):
    return factories.member(city, Role.DRAFTER, name="起案の人", email="drafter@tosu.example.jp")


@pytest.fixture
def case(city, drafter):
    return scene.case(city, awarded=AWARDED, by=factories.actor(drafter, city))


def test_from_the_third_counted_day_on_every_morning_tells_who_works_on_it(city, case, drafter):
    assert case.conclusion_deadline_date == DEADLINE

    for day in days(AWARDED, DEADLINE):
        scene.sweep(city, day)

    # 三日目の 3月8日は日曜日なので、金曜日に知らせる
    assert scene.told(rule="deadline") == [(date(2026, 3, day), drafter.email) for day in (8, 9, 10)]
    assert scene.mornings_of(drafter.email) == [date(2026, 3, day) for day in (6, 9, 10)]


def test_a_case_that_went_on_paper_is_not_told_of_again(city, case):
    scene.sweep(city, date(2026, 3, 6))
    Case.unscoped.filter(pk=case.pk).update(state=CaseState.PAPER)

    for day in days(date(2026, 3, 9), date(2026, 3, 20)):
        scene.sweep(city, day)

    assert {planned for planned, _to in scene.told(rule="deadline")} == {date(2026, 3, 8)}
    assert scene.told(rule="overdue") == []


def test_a_missed_deadline_is_told_the_day_after_and_every_week(city, case, drafter):
    for day in days(AWARDED, date(2026, 3, 31)):
        scene.sweep(city, day)

    assert scene.told(rule="overdue") == [(date(2026, 3, day), drafter.email) for day in (11, 18, 25)]


def test_whoever_is_to_decide_hears_of_it_until_they_have(city, case, drafter):
    first, second, deputy = (factories.member(city, Role.APPROVER) for _ in range(3))
    Membership.unscoped.filter(user=deputy).update(role=Role.AUDITOR)
    version = scene.version(case, drafter=drafter, signatory=first, state=VersionState.IN_APPROVAL)
    step = ApprovalStep.unscoped.create(
        tenant=city,
        version=version,
        order=1,
        kind=ApprovalKind.APPROVE,
        label="課長の承認",
        role=Role.APPROVER,
        need=2,
        state=ApprovalState.OPEN,
    )
    ApprovalAct.unscoped.create(
        tenant=city, step=step, user=first, decision=Decision.PASSED, at=scene.moment(AWARDED, 11)
    )
    day = date(2026, 3, 9)
    Delegation.unscoped.create(
        tenant=city, principal=second, delegate=deputy, first_date=day, last_date=day, reason="出張"
    )

    scene.sweep(city, day)

    assert {to for _day, to in scene.told(rule="deadline")} == {drafter.email, second.email, deputy.email}


def test_the_citys_signatory_hears_of_it_once_it_is_their_turn(city, case, drafter):
    mayor = factories.member(city, Role.SIGNATORY)
    version = scene.version(case, drafter=drafter, signatory=mayor, state=VersionState.SENT)
    step = scene.request(
        version, asked=AWARDED, email=mayor.email, party=Party.CITY, user=mayor, state=StepState.WAITING
    )

    scene.sweep(city, date(2026, 3, 6))
    assert {to for _day, to in scene.told(rule="deadline")} == {drafter.email}
    step.move_to(StepState.REQUESTED)
    step.save()
    scene.sweep(city, date(2026, 3, 9))

    assert (date(2026, 3, 9), mayor.email) in scene.told(rule="deadline")


def test_the_chief_of_the_department_hears_of_it_at_last(city, case):
    chief, other = factories.member(city, Role.APPROVER), factories.member(city, Role.APPROVER)
    elsewhere = Department.unscoped.get(tenant=city, name="契約検査課")
    Membership.unscoped.filter(user=other).update(department=elsewhere)

    for day in days(AWARDED, date(2026, 3, 18)):
        scene.sweep(city, day)

    assert scene.told(rule="escalation") == [(date(2026, 3, day), chief.email) for day in (9, 10, 11, 18)]


@pytest.mark.parametrize("has_general", [True, False])
def test_without_a_chief_the_general_approver_hears_of_it_or_else_the_administrator(city, case, has_general):
    administrator, general = factories.member(city, Role.ADMINISTRATOR), factories.member(city, Role.APPROVER)
    Membership.unscoped.filter(user=general).update(department=None)
    if not has_general:
        Membership.unscoped.filter(user=general).update(ends_date=AWARDED)

    scene.sweep(city, DEADLINE)

    assert {to for _day, to in scene.told(rule="escalation")} == {general.email if has_general else administrator.email}


def test_who_has_moved_on_is_not_told_and_the_chief_is_instead(city, case, drafter):
    chief = factories.member(city, Role.APPROVER)
    Membership.unscoped.filter(user=drafter).update(ends_date=AWARDED)

    scene.sweep(city, date(2026, 3, 6))

    assert {to for _day, to in scene.told(rule="deadline")} == {chief.email}


def test_a_contract_that_only_waits_for_the_council_has_met_its_deadline(city, case, drafter):
    version = scene.version(case, drafter=drafter, signatory=drafter)
    Contract.unscoped.filter(pk=version.contract_id).update(is_provisional=True, state=ContractState.COUNCIL_PENDING)

    assert scene.sweep(city, date(2026, 3, 11)).letters == {}
