"""The administrator keeps the people of the city; everything is in the journal, and the city keeps an administrator."""

import pytest
from django.core.exceptions import PermissionDenied
from django.core.management import call_command
from django.utils import timezone

from accounts import tenancy
from accounts.acting import actor_for
from accounts.models import Department, Membership, Role, SigningBasis, User
from accounts.services import members
from accounts.services.members import PeopleRefused, Post
from notifications.models import Delivery
from tests import factories
from tests.accounts.conftest import days, last_event, role_of, today, user_of

pytestmark = pytest.mark.django_db


def post(tosu, **values) -> Post:
    return Post(Department.unscoped.get(tenant=tosu, name="建設課"), **{"title": "主査"} | values)


def add(tosu, administrator, **values) -> User:
    asked = {
        "email": "shin@tosu.example.jp",
        "name": "新任　一郎",
        "roles": [Role.DRAFTER],
        "post": post(tosu),
    } | values
    return members.add(actor=administrator, at=timezone.now(), **asked)


def change(tosu, administrator, membership: Membership, *, edit_number: int | None = None, **values) -> Membership:
    return members.change_role(
        membership,
        actor=administrator,
        at=timezone.now(),
        edit_number=membership.edit_number if edit_number is None else edit_number,
        post=post(tosu, **values),
    )


def test_a_new_member_holds_the_roles_for_their_term_and_gets_a_link_by_mail(tosu, administrator):
    term = {"starts_date": days(5), "ends_date": days(365)}

    user = add(tosu, administrator, roles=[Role.DRAFTER, Role.SIGNATORY], post=post(tosu, basis="decision", **term))

    drafter, signatory = role_of(user, Role.DRAFTER), role_of(user, Role.SIGNATORY)
    assert (signatory.starts_date, signatory.ends_date, signatory.basis) == (days(5), days(365), SigningBasis.DECISION)
    assert drafter.basis == ""
    mail = Delivery.unscoped.get(to="shin@tosu.example.jp")
    assert mail.template == "accounts/password_link"
    assert mail.sealed_link is not None
    assert not user.has_usable_password()
    action, thread, data = last_event(tosu)
    assert (action, thread) == ("people.member_added", f"person:{user.pk}")
    assert data["person"] == "新任　一郎 <shin@tosu.example.jp>"
    assert {role["role"] for role in data["roles"]} == {"起案者", "署名者"}


def test_a_member_is_added_by_the_citys_administrator_only(tosu):
    drafter = factories.staff(tosu, Role.DRAFTER)

    with pytest.raises(PermissionDenied):
        add(tosu, drafter)


def test_a_member_needs_a_role(tosu, administrator):
    with pytest.raises(PeopleRefused, match="一つ以上"):
        add(tosu, administrator, roles=[])


def test_a_member_of_the_city_is_not_added_twice_whatever_the_case_of_the_letters(tosu, administrator):
    known = factories.member(tosu, Role.DRAFTER, email="known@tosu.example.jp")

    with pytest.raises(PeopleRefused, match="すでに一覧にあります"):
        add(tosu, administrator, email="KNOWN@TOSU.example.jp")
    assert User.objects.filter(email__iexact=known.email).count() == 1


def test_what_is_said_about_a_strange_domain_does_not_tell_whether_the_address_is_known_elsewhere(tosu):
    usuki = factories.city("usuki")
    theirs = factories.member(usuki, Role.DRAFTER)
    tenancy.set_tenant(tosu.pk)
    administrator = factories.staff(tosu, Role.ADMINISTRATOR)

    said = []
    for email in (theirs.email, "nobody@usuki.example.jp"):
        with pytest.raises(PeopleRefused) as refused:
            add(tosu, administrator, email=email)
        said.append(str(refused.value))

    assert said[0] == said[1]
    assert theirs.name not in said[0]


def test_an_address_of_our_domain_that_another_city_uses_is_refused_without_naming_anyone(tosu):
    usuki = factories.city("usuki")
    theirs = factories.member(usuki, Role.DRAFTER, email="kyodo@tosu.example.jp", name="臼杵　太郎")
    tenancy.set_tenant(tosu.pk)
    administrator = factories.staff(tosu, Role.ADMINISTRATOR)

    with pytest.raises(PeopleRefused) as refused:
        add(tosu, administrator, email=theirs.email)

    assert "臼杵" not in str(refused.value)
    assert not Membership.unscoped.filter(user=theirs, tenant=tosu).exists()


def test_the_installation_registers_the_first_of_a_new_domain_at_the_shell(tosu, capsys):
    call_command("add_member", "tosu", "kanri@city.tosu.example.jp", "管理　花子", "--department", "契約検査課")

    tenancy.set_tenant(tosu.pk)
    user = User.objects.get(email="kanri@city.tosu.example.jp")
    assert role_of(user, Role.ADMINISTRATOR).department.name == "契約検査課"
    assert "管理　花子" in capsys.readouterr().out
    assert last_event(tosu)[0] == "people.member_added"


def test_a_changed_role_is_kept_with_what_it_was(tosu, administrator):
    signatory = role_of(factories.member(tosu, Role.SIGNATORY), Role.SIGNATORY)

    change(tosu, administrator, signatory, title="部長", basis=SigningBasis.DELEGATED)

    action, _, data = last_event(tosu)
    assert action == "people.role_changed"
    assert (data["before"]["title"], data["after"]["title"]) == ("課長", "部長")
    assert data["after"]["basis"] == "委任"


def test_a_term_that_gets_a_last_day_is_told_as_an_end(tosu, administrator):
    signatory = role_of(factories.member(tosu, Role.SIGNATORY), Role.SIGNATORY)

    change(tosu, administrator, signatory, title="課長", ends_date=days(10))

    assert last_event(tosu)[0] == "people.role_ended"


def test_nothing_is_written_when_nothing_changes(tosu, administrator):
    drafter = role_of(factories.member(tosu, Role.DRAFTER), Role.DRAFTER)
    change(tosu, administrator, drafter)
    drafter.refresh_from_db()
    before = last_event(tosu)

    same = change(tosu, administrator, drafter)

    assert (same.edit_number, last_event(tosu)) == (drafter.edit_number, before)


def test_the_second_of_two_administrators_is_told_and_overwrites_nothing(tosu, administrator):
    drafter = role_of(factories.member(tosu, Role.DRAFTER), Role.DRAFTER)
    change(tosu, administrator, drafter, title="係長", edit_number=0)

    with pytest.raises(PeopleRefused, match="先にこの役割を変えました"):
        change(tosu, administrator, drafter, title="主任", edit_number=0)
    drafter.refresh_from_db()
    assert drafter.title == "係長"


def test_a_term_does_not_end_before_it_starts(tosu, administrator):
    drafter = role_of(factories.member(tosu, Role.DRAFTER), Role.DRAFTER)

    with pytest.raises(PeopleRefused, match="就任日より前"):
        change(tosu, administrator, drafter, starts_date=days(2), ends_date=days(1))


def test_the_last_administrator_cannot_end_their_own_role(tosu, administrator):
    own = role_of(user_of(administrator), Role.ADMINISTRATOR)

    for values in ({"ends_date": days(0)}, {"ends_date": days(-1)}, {"starts_date": days(1)}):
        with pytest.raises(PeopleRefused, match="運用管理者のいない日"):
            change(tosu, administrator, own, **values)
    with pytest.raises(PeopleRefused, match="運用管理者のいない日"):
        members.leave(user_of(administrator), actor=administrator, at=timezone.now(), last_date=days(30))


def test_an_administrator_goes_when_a_successor_begins_the_day_after(tosu, administrator):
    add(tosu, administrator, roles=[Role.ADMINISTRATOR], post=post(tosu, starts_date=days(11)))

    with pytest.raises(PeopleRefused, match="運用管理者のいない日"):
        members.leave(user_of(administrator), actor=administrator, at=timezone.now(), last_date=days(9))
    members.leave(user_of(administrator), actor=administrator, at=timezone.now(), last_date=days(10))

    assert actor_for(user_of(administrator), on=days(10), ip=None).has(Role.ADMINISTRATOR)
    assert actor_for(user_of(administrator), on=days(11), ip=None) is None


def test_the_successor_cannot_then_be_taken_back(tosu, administrator):
    successor = add(tosu, administrator, roles=[Role.ADMINISTRATOR], post=post(tosu, starts_date=days(11)))
    members.leave(user_of(administrator), actor=administrator, at=timezone.now(), last_date=days(10))

    with pytest.raises(PeopleRefused, match="運用管理者のいない日"):
        members.withdraw_role(role_of(successor, Role.ADMINISTRATOR), actor=administrator, at=timezone.now())


def test_leaving_ends_every_role_and_takes_back_those_not_begun(tosu, administrator):
    user = factories.member(tosu, Role.DRAFTER, Role.APPROVER, Role.SIGNATORY)
    Membership.unscoped.filter(user=user, role=Role.APPROVER).update(ends_date=days(-5))
    Membership.unscoped.filter(user=user, role=Role.SIGNATORY).update(starts_date=days(20))

    members.leave(user, actor=administrator, at=timezone.now(), last_date=days(3))

    assert role_of(user, Role.DRAFTER).ends_date == days(3)
    assert role_of(user, Role.APPROVER).ends_date == days(-5)
    assert not Membership.unscoped.filter(user=user, role=Role.SIGNATORY).exists()
    action, _, data = last_event(tosu)
    assert (action, data["last_date"], data["roles"]) == ("people.left", days(3).isoformat(), ["起案者", "署名者"])


def test_leaving_twice_on_the_same_day_is_refused(tosu, administrator):
    user = factories.member(tosu, Role.DRAFTER)
    members.leave(user, actor=administrator, at=timezone.now(), last_date=today())

    with pytest.raises(PeopleRefused, match="続く役割はありません"):
        members.leave(user, actor=administrator, at=timezone.now(), last_date=today())


def test_a_role_that_has_begun_is_ended_and_not_taken_back(tosu, administrator):
    user = factories.member(tosu, Role.DRAFTER)
    Membership.unscoped.filter(user=user).update(starts_date=today())

    with pytest.raises(PeopleRefused, match="始まった役割"):
        members.withdraw_role(role_of(user, Role.DRAFTER), actor=administrator, at=timezone.now())


def test_one_more_role_is_given_once(tosu, administrator):
    user = factories.member(tosu, Role.DRAFTER)
    members.give_role(user, actor=administrator, at=timezone.now(), role=Role.APPROVER, post=post(tosu))

    with pytest.raises(PeopleRefused, match="すでに記録"):
        members.give_role(user, actor=administrator, at=timezone.now(), role=Role.APPROVER, post=post(tosu))
    assert last_event(tosu)[0] == "people.role_given"


def test_a_name_is_corrected_by_the_one_who_saw_it(tosu, administrator):
    user = factories.member(tosu, Role.DRAFTER, name="髙﨑　花子")

    members.rename(user, actor=administrator, at=timezone.now(), name="渡邉󠄂　花子", seen="髙﨑　花子")

    with pytest.raises(PeopleRefused, match="先に氏名を変えました"):
        members.rename(user, actor=administrator, at=timezone.now(), name="濵田　花子", seen="髙﨑　花子")
    user.refresh_from_db()
    assert user.name == "渡邉󠄂　花子"
    assert last_event(tosu)[2] == {"before": "髙﨑　花子", "after": "渡邉󠄂　花子"}
