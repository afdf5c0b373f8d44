"""A guarantee that does not come is asked for again, every week, until it does."""

from datetime import date

import pytest

from accounts.models import Role
from contracts.models import AccessLink, Case, Purpose
from contracts.states import CaseState, VersionState
from guarantees.models import Guarantee, GuaranteeType
from guarantees.states import GuaranteeState
from tests import factories
from tests.contracts.reminding import scene

pytestmark = pytest.mark.django_db
# 必要になったのは 2026-03-02（月）。七日後も月曜日
SINCE = date(2026, 3, 2)


@pytest.fixture
def city():
    return factories.city("tosu")


@pytest.fixture
def drafter(city):
    return factories.member(city, Role.DRAFTER, email="drafter@tosu.example.jp")


@pytest.fixture
def guarantee(city, drafter):
    other = factories.member(city, Role.DRAFTER, email="registrar@tosu.example.jp")
    case = scene.case(city, awarded=date(2026, 2, 2), by=factories.actor(other, city))
    at = scene.moment(SINCE)
    version = scene.version(case, drafter=drafter, signatory=other, state=VersionState.ALL_SIGNED)
    version.state, version.fixed_at, version.concluded_at = VersionState.CONCLUDED, at, at
    version.save()
    Case.unscoped.filter(pk=case.pk).update(state=CaseState.CONCLUDED)
    return Guarantee.unscoped.create(tenant=city, case=case, type=GuaranteeType.CONTRACT, expected_at=at)


def sweep_mondays(city) -> None:
    for day in (2, 9, 10, 16, 23):
        scene.sweep(city, date(2026, 3, day))


def test_the_firm_and_the_staff_are_asked_every_week(city, guarantee):
    sweep_mondays(city)

    told = scene.told(rule="guarantee")
    assert sorted({day for day, _to in told}) == [date(2026, 3, day) for day in (9, 16, 23)]
    assert {to for _day, to in told} == {scene.FIRM, "drafter@tosu.example.jp", "registrar@tosu.example.jp"}


def test_a_guarantee_that_is_not_needed_any_more_is_not_asked_for(city, guarantee):
    scene.sweep(city, date(2026, 3, 9))
    Guarantee.unscoped.filter(pk=guarantee.pk).update(state=GuaranteeState.NOT_NEEDED)

    sweep_mondays(city)

    assert {day for day, _to in scene.told(rule="guarantee")} == {date(2026, 3, 9)}


def test_the_page_on_which_it_is_registered_lives_on_while_it_is_asked_for(city, guarantee):
    scene.link(guarantee.case, Purpose.GUARANTEE, made=date(2026, 1, 5), days=30)

    scene.sweep(city, date(2026, 3, 9))

    assert AccessLink.unscoped.get(purpose=Purpose.GUARANTEE).is_live(at=scene.moment(date(2026, 3, 20)))
