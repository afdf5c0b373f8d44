"""Terms that end: the city's signatories, and the signers of firms."""

from datetime import date, timedelta

import pytest

from accounts.models import Membership, Role
from contracts.models import Authority, Basis, Case, JvMember
from contracts.states import CaseState
from tests import factories
from tests.contracts.reminding import scene

pytestmark = pytest.mark.django_db
# 任期は年度の末日まで。30日前は 3月1日（日）、7日前は 3月24日（火）
END = date(2026, 3, 31)


@pytest.fixture
def city():
    return factories.city("tosu")


@pytest.fixture
def keeper(city):
    return factories.member(city, Role.ADMINISTRATOR, email="keeper@tosu.example.jp")


def sweep_all(city) -> None:
    for day in (date(2026, 2, 27), date(2026, 3, 2), date(2026, 3, 24), date(2026, 3, 25)):
        scene.sweep(city, day)


def test_the_end_of_a_signatorys_term_is_told_to_the_administrators_before_it(city, keeper):
    mayor = factories.member(city, Role.SIGNATORY, Role.DRAFTER)
    Membership.unscoped.filter(user=mayor).update(ends_date=END)

    sweep_all(city)

    told = scene.told(rule="authority")
    assert told == [(END - timedelta(days=days), keeper.email) for days in (30, 7)]
    assert scene.mornings_of(keeper.email) == [date(2026, 2, 27), date(2026, 3, 24)]


def authority(firm) -> Authority:
    return Authority.unscoped.create(
        tenant=firm.tenant,
        contractor=firm,
        basis=Basis.REPRESENTATIVE,
        title="代表取締役",
        name="髙﨑　𠮷男",
        email=scene.FIRM,
        ends_date=END,
    )


def test_the_end_of_a_firms_signer_is_told_to_who_has_a_case_with_it_as_well(city, keeper):
    busy, idle = factories.member(city, Role.DRAFTER), factories.member(city, Role.DRAFTER)
    member, venture = factories.contractor(city), factories.contractor(city, is_joint_venture=True)
    JvMember.unscoped.create(tenant=city, joint_venture=venture, member=member, order=1)
    scene.case(city, awarded=date(2026, 1, 5), by=factories.actor(busy, city), contractor=venture)
    authority(member)

    scene.sweep(city, date(2026, 3, 24))

    assert {to for _day, to in scene.told(rule="authority")} == {keeper.email, busy.email}
    assert idle.email not in {each.to for each in scene.mails()}


def test_a_firm_that_left_the_register_is_not_told_of(city, keeper):
    authority(factories.contractor(city, active=False))
    done = scene.case(city, awarded=date(2026, 1, 5))
    Case.unscoped.filter(pk=done.pk).update(state=CaseState.PAPER)

    scene.sweep(city, date(2026, 3, 24))

    assert scene.told(rule="authority") == []
