"""代決: for which days, by whom it is registered, and how it ends."""

import pytest
from django.db import IntegrityError, transaction
from django.utils import timezone

from accounts import roles, tenancy
from accounts.models import Delegation, Membership, Role
from accounts.services import delegating
from accounts.services.delegating import DelegationRefused
from tests import factories
from tests.accounts.conftest import days, last_event, today

pytestmark = pytest.mark.django_db


@pytest.fixture
def principal(tosu):
    return factories.member(tosu, Role.APPROVER, name="課長　一子")


@pytest.fixture
def delegate(tosu):
    return factories.member(tosu, Role.DRAFTER, name="課長補佐　二郎")


@pytest.fixture
def register(administrator, principal, delegate):
    def call(first: int, last: int, **values) -> Delegation:
        asked = {"actor": administrator, "principal": principal, "delegate": delegate, "reason": "出張"} | values
        return delegating.register(at=timezone.now(), first_date=days(first), last_date=days(last), **asked)

    return call


def test_the_principal_names_who_stands_in(tosu, register, principal, delegate):
    register(0, 2, actor=factories.actor(principal, tosu))

    assert roles.stands_in_for(delegate, tenant=tosu, on=today()) == [principal]
    action, thread, data = last_event(tosu)
    assert (action, thread) == ("people.delegation_registered", f"person:{principal.pk}")
    assert (data["delegate"], data["reason"]) == (f"課長補佐　二郎 <{delegate.email}>", "出張")


def test_nobody_names_a_delegate_for_someone_else(tosu, register):
    for role in (Role.APPROVER, Role.AUDITOR):
        with pytest.raises(DelegationRefused, match="本人と運用管理者"):
            register(0, 2, actor=factories.staff(tosu, role))


@pytest.mark.parametrize(("first", "last"), [(5, 5), (8, 8), (1, 5), (8, 12), (6, 7), (1, 12)])
def test_a_second_delegate_for_a_day_already_taken_is_refused(tosu, register, first, last):
    register(5, 8)

    with pytest.raises(DelegationRefused, match="重なる代決"):
        register(first, last, delegate=factories.member(tosu, Role.APPROVER))


def test_the_days_before_and_after_are_free(tosu, register):
    register(5, 8)
    other = factories.member(tosu, Role.APPROVER)

    register(1, 4, delegate=other)
    register(9, 12, delegate=other)

    assert Delegation.unscoped.count() == 3


def test_the_database_too_refuses_two_delegates_on_one_day(tosu, register, principal):
    register(5, 8)
    other = factories.member(tosu, Role.APPROVER)

    with pytest.raises(IntegrityError, match="one_delegate_at_a_time"), transaction.atomic():
        Delegation.unscoped.create(
            tenant=tosu, principal=principal, delegate=other, first_date=days(8), last_date=days(9), reason="直接"
        )


def test_days_gone_by_days_in_disorder_and_oneself_are_refused(register, principal):
    with pytest.raises(DelegationRefused, match="さかのぼって"):
        register(-1, 2)
    with pytest.raises(DelegationRefused, match="始まりの日より前"):
        register(3, 2)
    with pytest.raises(DelegationRefused, match="本人を"):
        register(0, 2, delegate=principal)


def test_nobody_stands_in_beyond_their_own_term_or_the_principals(register, principal, delegate):
    Membership.unscoped.filter(user=delegate).update(ends_date=days(3))
    register(0, 3)

    with pytest.raises(DelegationRefused, match="課長補佐　二郎さんの任期"):
        register(4, 4)
    Membership.unscoped.filter(user=delegate).update(ends_date=None)
    Membership.unscoped.filter(user=principal).update(starts_date=days(6))
    with pytest.raises(DelegationRefused, match="課長　一子さんの任期"):
        register(5, 7)


def test_a_stranger_cannot_stand_in(tosu, register):
    usuki = factories.city("usuki")
    stranger = factories.member(usuki, Role.APPROVER)
    tenancy.set_tenant(tosu.pk)

    with pytest.raises(DelegationRefused, match="任期"):
        register(0, 2, delegate=stranger)


def test_revoking_ends_it_today_and_takes_back_what_has_not_begun(tosu, administrator, register, principal, delegate):
    running, coming = register(0, 5), register(6, 9)

    for entry in (running, coming):
        delegating.revoke(entry, actor=administrator, at=timezone.now())

    assert Delegation.unscoped.get().last_date == today()
    assert roles.stands_in_for(delegate, tenant=tosu, on=today()) == [principal]
    assert roles.stands_in_for(delegate, tenant=tosu, on=days(1)) == []
    assert last_event(tosu)[0] == "people.delegation_revoked"


def test_only_the_principal_and_the_administrator_revoke_and_only_what_is_not_over(tosu, register, delegate, principal):
    running = register(0, 5)

    with pytest.raises(DelegationRefused, match="本人と運用管理者"):
        delegating.revoke(running, actor=factories.actor(delegate, tosu), at=timezone.now())
    Delegation.unscoped.update(first_date=days(-3), last_date=days(-1))
    with pytest.raises(DelegationRefused, match="すでに終わって"):
        delegating.revoke(running, actor=factories.actor(principal, tosu), at=timezone.now())
