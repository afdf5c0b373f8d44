"""Roles are terms: both ends count, and outside them a person is a stranger who is told so politely."""

import pytest
from django.urls import reverse
from django.utils import timezone

from accounts import roles
from accounts.acting import actor_for
from accounts.models import Department, Membership, Role, User
from accounts.services import delegating
from tests import factories
from tests.accounts.conftest import days, set_term, today

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    ("starts", "ends", "counts"),
    [
        (None, None, True),
        (0, None, True),
        (None, 0, True),
        (0, 0, True),
        (-1, 1, True),
        (1, None, False),
        (None, -1, False),
    ],
)
def test_a_role_counts_from_its_first_day_to_its_last(tosu, starts, ends, counts):
    user = factories.member(tosu, Role.SIGNATORY)
    set_term(user, starts=None if starts is None else days(starts), ends=None if ends is None else days(ends))

    actor = actor_for(user, on=today(), ip=None)

    assert (actor is not None) == counts
    assert roles.holders(tosu, Role.SIGNATORY, on=today()).contains(user) == counts
    assert Membership.unscoped.get(user=user).holds_on(today()) == counts


def test_someone_acts_only_with_the_roles_held_today(tosu):
    user = factories.member(tosu, Role.DRAFTER, Role.SIGNATORY)
    Membership.unscoped.filter(user=user, role=Role.SIGNATORY).update(ends_date=days(-1))

    actor = actor_for(user, on=today(), ip=None)

    assert actor.roles == {Role.DRAFTER}


def test_holders_are_active_people_of_the_city_and_the_department(tosu):
    here = factories.member(tosu, Role.APPROVER)
    elsewhere = factories.member(tosu, Role.APPROVER)
    inspection = Department.unscoped.get(tenant=tosu, name="契約検査課")
    Membership.unscoped.filter(user=elsewhere).update(department=inspection)
    gone = factories.member(tosu, Role.APPROVER)
    User.objects.filter(pk=gone.pk).update(is_active=False)
    factories.member(tosu, Role.DRAFTER)
    construction = Department.unscoped.get(tenant=tosu, name="建設課")

    assert set(roles.holders(tosu, Role.APPROVER, on=today())) == {here, elsewhere}
    assert set(roles.holders(tosu, Role.APPROVER, on=today(), department=construction)) == {here}


def test_a_delegate_stands_in_on_the_days_of_the_delegation_and_on_no_other(tosu, administrator):
    principal, delegate = factories.member(tosu, Role.APPROVER), factories.member(tosu, Role.DRAFTER)
    delegating.register(
        actor=administrator,
        at=timezone.now(),
        principal=principal,
        delegate=delegate,
        first_date=days(1),
        last_date=days(2),
        reason="出張",
    )

    standing = [roles.stands_in_for(delegate, tenant=tosu, on=days(number)) for number in (0, 1, 2, 3)]

    assert standing == [[], [principal], [principal], []]
    assert roles.stands_in_for(principal, tenant=tosu, on=days(1)) == []


def test_someone_whose_terms_have_all_ended_reads_since_when_and_whom_to_ask(tosu, client):
    user = factories.member(tosu, Role.SIGNATORY)
    set_term(user, ends=days(-1))
    client.force_login(user)

    page = client.get(reverse("home"))

    assert page.status_code == 403
    assert "鳥栖市での役割は" in page.content.decode()
    assert "で終わりました" in page.content.decode()
    assert tosu.help_phone in page.content.decode()
    assert "サインアウト" in page.content.decode()


def test_someone_whose_term_begins_tomorrow_reads_from_when(tosu, client):
    user = factories.member(tosu, Role.SIGNATORY)
    set_term(user, starts=days(1))
    client.force_login(user)

    page = client.get(reverse("case_list"))

    assert page.status_code == 403
    assert "から使えます" in page.content.decode()


def test_someone_who_never_had_a_role_is_sent_to_the_administrator_and_not_round_in_circles(db, client):
    client.force_login(User.objects.create_user(email="alone@example.jp", name="無所属"))

    page = client.get("/", follow=True)

    assert page.status_code == 403
    assert "まだ役割がありません" in page.content.decode()


def test_someone_without_a_role_can_post_nothing(tosu, client):
    user = factories.member(tosu, Role.DRAFTER)
    set_term(user, ends=days(-1))
    client.force_login(user)

    assert client.post(reverse("case_new"), {}).status_code == 403
