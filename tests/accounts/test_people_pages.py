"""The pages about people: open to the administrator, closed to colleagues, and empty of the next city's people."""

import pytest
from allauth.mfa.totp.internal.auth import TOTP, generate_totp_secret
from django.urls import reverse

from accounts import tenancy
from accounts.models import Delegation, Department, Membership, Role, User
from contracts.dates import wareki
from notifications.models import Delivery
from tests import factories
from tests.accounts.conftest import days, last_event, role_of, today, user_of

pytestmark = pytest.mark.django_db


@pytest.fixture
def desk(client, administrator):
    client.force_login(user_of(administrator))
    return client


@pytest.fixture
def colleague(tosu, client):
    def sit(*roles: Role, user: User | None = None):
        client.force_login(user or factories.member(tosu, *roles))
        return client

    return sit


@pytest.fixture
def stranger(tosu):
    usuki = factories.city("usuki")
    user = factories.member(usuki, *Role, name="臼杵　太郎")
    tenancy.set_tenant(tosu.pk)
    return user


TYPED = {
    "name": "新任　一郎",
    "email": "shin@tosu.example.jp",
    "roles": [Role.DRAFTER, Role.SIGNATORY],
    "title": "課長",
    "basis": "decision",
    "starts_date": "令和8年4月1日",
    "ends_date": "R9.3.31",
}


def test_a_person_is_registered_with_days_in_japanese_years(tosu, desk):
    place = Department.unscoped.get(tenant=tosu, name="建設課")

    answer = desk.post(reverse("person_new"), TYPED | {"department": place.pk})

    user = User.objects.get(email="shin@tosu.example.jp")
    assert answer["Location"] == reverse("person", args=[user.pk])
    signatory = role_of(user, Role.SIGNATORY)
    assert (wareki(signatory.starts_date), wareki(signatory.ends_date)) == ("令和8年4月1日", "令和9年3月31日")
    assert Delivery.unscoped.filter(to=user.email).exists()


def test_a_refused_registration_shows_what_was_typed(tosu, desk, stranger):
    answer = desk.post(reverse("person_new"), TYPED | {"email": stranger.email})

    page = answer.content.decode()
    assert answer.status_code == 422
    assert "新任　一郎" in page
    assert "令和8年4月1日" in page
    assert "ドメイン" in page
    assert stranger.name not in page


@pytest.mark.parametrize(
    ("field", "value", "said"),
    [
        ("name", "新任\u202e一郎", "3文字目"),
        ("starts_date", "令和0年4月1日", "元年"),
        ("ends_date", "令和8年3月31日", "就任日より前"),
        ("department", "999999999", "選択"),
        ("roles", [], "入力が必要"),
    ],
)
def test_bad_input_is_named_where_it_was_typed(desk, field, value, said):
    answer = desk.post(reverse("person_new"), TYPED | {field: value})

    assert answer.status_code == 422
    assert said in " ".join(answer.context["form"].errors[field])


def test_a_department_of_the_next_city_cannot_be_chosen(desk, stranger):
    usuki = stranger.memberships.model.unscoped
    tenancy.set_user(stranger.pk)
    theirs = usuki.filter(user=stranger).first().department_id

    answer = desk.post(reverse("person_new"), TYPED | {"department": theirs})

    assert "department" in answer.context["form"].errors


def test_the_list_is_searched_by_name_department_and_role_and_leaves_out_who_is_gone(tosu, desk, stranger):
    factories.member(tosu, Role.SIGNATORY, name="髙﨑　花子")
    gone = factories.member(tosu, Role.DRAFTER, name="転出　済子")
    Membership.unscoped.filter(user=gone).update(ends_date=days(-1))

    def listed(**query) -> str:
        return desk.get(reverse("people"), query).content.decode()

    assert "髙﨑　花子" in listed()
    assert "転出　済子" not in listed()
    assert "転出　済子" in listed(who="all")
    assert "髙﨑　花子" in listed(words="髙﨑 建設課")
    assert "髙﨑　花子" not in listed(role=Role.AUDITOR)
    assert stranger.name not in listed(who="all")


def test_a_list_of_many_asks_no_more_questions_than_a_list_of_few(tosu, desk, django_assert_num_queries):
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    factories.member(tosu, Role.DRAFTER, Role.APPROVER)
    desk.get(reverse("people"))
    with CaptureQueriesContext(connection) as few:
        desk.get(reverse("people"))
    for _ in range(12):
        factories.member(tosu, Role.DRAFTER, Role.APPROVER)

    with django_assert_num_queries(len(few)):
        desk.get(reverse("people"))


def test_a_person_page_tells_roles_terms_and_what_was_done(tosu, desk):
    user = factories.member(tosu, Role.DRAFTER, Role.SIGNATORY, name="髙﨑　花子")
    role = role_of(user, Role.SIGNATORY)
    desk.post(
        reverse("role_edit", args=[role.pk]),
        {"edit_number": 0, "title": "部長", "basis": "delegated", "ends_date": wareki(days(10))},
    )

    page = desk.get(reverse("person", args=[user.pk])).content.decode()

    assert "髙﨑　花子" in page
    assert f"{wareki(days(10))}まで" in page
    assert "役割の末日を決定" in page
    assert "設定済み" in page


def test_the_second_of_two_administrators_keeps_what_they_typed_and_overwrites_nothing(tosu, desk):
    role = role_of(factories.member(tosu, Role.DRAFTER), Role.DRAFTER)
    address = reverse("role_edit", args=[role.pk])
    first = {"edit_number": 0, "title": "係長"}
    desk.post(address, first)

    answer = desk.post(address, first | {"title": "主任"})

    assert answer.status_code == 422
    assert "先にこの役割を変えました" in answer.content.decode()
    assert 'value="主任"' in answer.content.decode()
    role.refresh_from_db()
    assert role.title == "係長"


def test_a_role_not_begun_is_taken_back_with_a_button_and_a_begun_one_has_none(tosu, desk):
    role = role_of(factories.member(tosu, Role.DRAFTER, Role.APPROVER), Role.DRAFTER)
    begun = desk.get(reverse("role_edit", args=[role.pk])).content.decode()
    Membership.unscoped.filter(pk=role.pk).update(starts_date=days(1))

    coming = desk.get(reverse("role_edit", args=[role.pk])).content.decode()
    answer = desk.post(reverse("role_withdraw", args=[role.pk]))

    assert "取りやめる" not in begun
    assert "取りやめる" in coming
    assert answer["Location"] == reverse("person", args=[role.user_id])
    assert not Membership.unscoped.filter(pk=role.pk).exists()


def test_someone_leaves_on_a_day(tosu, desk):
    user = factories.member(tosu, Role.DRAFTER)

    desk.post(reverse("person_leave", args=[user.pk]), {"last_date": wareki(today())})

    assert role_of(user, Role.DRAFTER).ends_date == today()
    assert last_event(tosu)[0] == "people.left"


def test_the_last_administrator_reads_why_they_cannot_leave(desk, administrator):
    answer = desk.post(reverse("person_leave", args=[administrator.user_id]), {"last_date": wareki(today())})

    assert answer.status_code == 422
    assert "後任の職員に運用管理者の役割" in answer.content.decode()


def test_a_name_is_corrected_and_a_role_is_added_on_the_persons_page(tosu, desk):
    user = factories.member(tosu, Role.DRAFTER, name="髙崎　花子")

    desk.post(reverse("person", args=[user.pk]), {"name": "髙﨑　花子", "seen": "髙崎　花子"})
    desk.post(reverse("role_new", args=[user.pk]), {"role": Role.APPROVER, "title": "課長"})
    late = desk.post(reverse("person", args=[user.pk]), {"name": "高崎　花子", "seen": "髙崎　花子"})

    user.refresh_from_db()
    assert user.name == "髙﨑　花子"
    assert role_of(user, Role.APPROVER).title == "課長"
    assert late.status_code == 422


def test_the_second_factor_is_reset_with_a_reason_only(tosu, desk):
    user = factories.member(tosu, Role.SIGNATORY)
    TOTP.activate(user, generate_totp_secret())
    address = reverse("person_second_factor", args=[user.pk])

    without = desk.post(address, {"reason": ""})
    desk.post(address, {"reason": "端末の紛失"})

    assert without.status_code == 422
    assert "設定していません" in desk.get(reverse("person", args=[user.pk])).content.decode()


def test_departments_are_added_and_renamed(tosu, desk):
    desk.post(reverse("department_new"), {"name": "農林課", "email": "norin@tosu.example.jp", "phone": ""})
    made = Department.unscoped.get(tenant=tosu, name="農林課")
    desk.post(reverse("department_edit", args=[made.pk]), {"name": "農政課", "edit_number": 0})
    late = desk.post(reverse("department_edit", args=[made.pk]), {"name": "林政課", "edit_number": 0})

    assert "農政課" in desk.get(reverse("department_list")).content.decode()
    assert late.status_code == 422


def test_the_principal_registers_and_revokes_their_own_delegate(tosu, colleague):
    principal = factories.member(tosu, Role.APPROVER, name="課長　一子")
    delegate = factories.member(tosu, Role.DRAFTER, name="補佐　二郎")
    browser = colleague(user=principal)
    typed = {
        "delegate": delegate.pk,
        "first_date": wareki(today()),
        "last_date": wareki(days(3)),
        "reason": "出張",
        "principal": delegate.pk,
    }

    browser.post(reverse("delegation_new"), typed)

    made = Delegation.unscoped.get()
    assert (made.principal, made.delegate) == (principal, delegate)
    page = browser.get(reverse("delegation_list")).content.decode()
    assert "補佐　二郎" in page
    assert "取り消す" in page
    browser.post(reverse("delegation_revoke", args=[made.pk]))
    made.refresh_from_db()
    assert made.last_date == today()


def test_colleagues_see_who_stands_in_and_cannot_revoke_it(tosu, administrator, colleague):
    principal, delegate = factories.member(tosu, Role.APPROVER), factories.member(tosu, Role.DRAFTER)
    made = Delegation.unscoped.create(
        tenant=tosu, principal=principal, delegate=delegate, first_date=today(), last_date=today(), reason="休暇"
    )
    browser = colleague(Role.GUARANTEE_OFFICER)

    page = browser.get(reverse("delegation_list")).content.decode()
    answer = browser.post(reverse("delegation_revoke", args=[made.pk]))

    assert principal.name in page
    assert "取り消す" not in page
    assert answer.status_code == 409


def test_the_page_says_that_a_delegate_does_not_sign(desk):
    assert "署名は代われません" in desk.get(reverse("delegation_new")).content.decode()


ADMINISTRATORS_ONLY = ("people", "person_new", "department_list", "department_new", "handover")


@pytest.mark.parametrize("name", ADMINISTRATORS_ONLY)
def test_colleagues_do_not_keep_the_people(name, colleague):
    assert colleague(*(set(Role) - {Role.ADMINISTRATOR})).get(reverse(name)).status_code == 403


def test_the_administrator_of_the_next_city_finds_nobody_here(tosu, client, stranger):
    user = factories.member(tosu, Role.DRAFTER)
    role = role_of(user, Role.DRAFTER)
    place = Department.unscoped.filter(tenant=tosu).first()
    client.force_login(stranger)

    for address in (
        reverse("person", args=[user.pk]),
        reverse("person_leave", args=[user.pk]),
        reverse("role_new", args=[user.pk]),
        reverse("role_edit", args=[role.pk]),
        reverse("department_edit", args=[place.pk]),
    ):
        assert client.get(address).status_code == 404
        assert client.post(address, {}).status_code == 404


def test_reading_the_pages_writes_nothing(tosu, desk):
    from tests.stories import written

    user = factories.member(tosu, Role.SIGNATORY)
    desk.get(reverse("people"))
    before = written()

    for name in ("people", "person_new", "department_list", "delegation_list", "authority_list", "handover"):
        assert desk.get(reverse(name)).status_code == 200
    for name in ("person", "person_leave", "person_second_factor", "role_new"):
        assert desk.get(reverse(name, args=[user.pk])).status_code == 200
    assert written() == before
