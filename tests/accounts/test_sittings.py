"""Where someone is signed in, how that is ended, and how it ends by itself."""

import json
from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts import second_factor, tenancy
from accounts.models import Role, Session
from accounts.services import members
from accounts.services.members import Post
from accounts.sessions import BEGAN, SEEN, row_of
from accounts.tasks import sweep
from audit.models import Event
from tests import factories
from tests.accounts.conftest import days, last_event, role_of, user_of
from tests.contracts.pages.conftest import give_second_factor

pytestmark = pytest.mark.django_db
FIREFOX = "Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:140.0) Gecko/20100101 Firefox/140.0"


@pytest.fixture
def member(tosu):
    return factories.member(tosu, Role.DRAFTER)


def signed_in(user, **headers) -> Client:
    client = Client(**headers)
    client.post(reverse("account_login"), {"login": user.email, "password": factories.PASSWORD})
    return client


def let_pass(client, name: str, **time) -> None:
    session = client.session
    session[name] -= timedelta(**time).total_seconds()
    session.save()


def is_in(client) -> bool:
    return client.get(reverse("home")).status_code == 200


def test_a_key_from_before_the_sign_in_opens_nothing_and_nothing_opens_after_the_sign_out(member):
    client = Client()
    client.get(reverse("account_login"))
    client.cookies["session"] = planted = "x" * 32
    client.post(reverse("account_login"), {"login": member.email, "password": factories.PASSWORD})
    mine = client.cookies["session"].value
    client.post(reverse("account_logout"))

    thief = Client()
    thief.cookies["session"] = mine

    assert mine != planted
    assert not is_in(thief)
    assert not Session.objects.filter(user=member).exists()


def test_every_sign_in_is_written_down_with_where_and_how(tosu, member):
    signed_in(member, REMOTE_ADDR="198.51.100.7")

    tenancy.set_tenant(tosu.pk)
    event = Event.objects.of_tenant(tosu.pk)[0]
    assert (event.action, event.ip) == ("people.signed_in", "198.51.100.7")
    assert event.actor_name == f"{member.name} <{member.email}>"
    assert json.loads(event.data)["authentication"] == "パスワード"


def test_no_row_holds_the_key_that_opens_the_session(member):
    client = signed_in(member)
    (row,) = Session.objects.filter(user=member)

    thief = Client()
    thief.cookies["session"] = row.pk

    key = client.cookies["session"].value
    assert is_in(client)
    assert not is_in(thief)
    assert key not in f"{row.pk} {row.session_data} {row.get_decoded()}"


def test_the_page_lists_the_own_browsers_and_ends_the_one_that_is_chosen(tosu, member):
    here, lost = signed_in(member), signed_in(member, HTTP_USER_AGENT=FIREFOX, REMOTE_ADDR="198.51.100.7")
    tenancy.set_tenant(tosu.pk)
    signed_in(factories.member(tosu, Role.DRAFTER), REMOTE_ADDR="203.0.113.9")

    page = here.get(reverse("sitting_list"))
    mark = next(row.mark for row in page.context["rows"] if not row.is_here)
    here.post(reverse("sitting_end"), {"mark": mark})

    text = page.content.decode()
    assert "Firefox（Windows）" in text
    assert "198.51.100.7" in text
    assert "203.0.113.9" not in text
    assert lost.cookies["session"].value not in text
    assert (is_in(here), is_in(lost)) == (True, False)
    tenancy.set_tenant(tosu.pk)
    assert last_event(tosu)[0] == "people.signed_out"


def test_all_others_end_at_once_and_a_foreign_mark_ends_nobody(tosu, member):
    colleague = factories.member(tosu, Role.DRAFTER)
    here, there, other = signed_in(member), signed_in(member), signed_in(colleague)
    mark = other.get(reverse("sitting_list")).context["rows"][0].mark

    here.post(reverse("sitting_end"), {"mark": mark})
    before = is_in(there), is_in(other)
    here.post(reverse("sitting_end"))

    assert before == (True, True)
    assert (is_in(here), is_in(there), is_in(other)) == (True, False, True)


def test_the_administrator_signs_a_member_out_everywhere_but_nobody_of_the_next_city(tosu, member, administrator):
    boss, gone = Client(), signed_in(member)
    boss.force_login(user_of(administrator))
    stranger = factories.member(factories.city("usuki"), Role.DRAFTER)
    staying = signed_in(stranger)

    boss.post(reverse("person_sittings_end", args=[member.pk]))
    answer = boss.post(reverse("person_sittings_end", args=[stranger.pk]))

    assert answer.status_code == 404
    assert (is_in(boss), is_in(gone), is_in(staying)) == (True, False, True)


@pytest.mark.parametrize("change", ["role", "leave"])
def test_a_change_of_roles_by_someone_else_ends_every_sitting(tosu, member, administrator, change):
    client = signed_in(member)
    tenancy.set_tenant(tosu.pk)
    asked = {"actor": administrator, "at": timezone.now()}

    if change == "leave":
        members.leave(member, **asked, last_date=days(0))
    else:
        role = role_of(member, Role.DRAFTER)
        members.change_role(role, **asked, edit_number=role.edit_number, post=Post(None, title="主査"))

    assert not is_in(client)


def test_a_new_password_ends_the_other_sittings(member):
    here, there = signed_in(member), signed_in(member)
    new = "あたらしい合言葉-2027"

    here.post(
        reverse("account_change_password"), {"oldpassword": factories.PASSWORD, "password1": new, "password2": new}
    )

    assert (is_in(here), is_in(there)) == (True, False)


@pytest.mark.parametrize(
    ("name", "time", "stays"),
    [
        (SEEN, {"minutes": 29}, True),
        (SEEN, {"minutes": 30}, False),
        (BEGAN, {"hours": 11, "minutes": 59}, True),
        (BEGAN, {"hours": 12}, False),
    ],
)
def test_half_an_hour_without_a_sign_or_twelve_hours_end_a_sitting(member, name, time, stays):
    client = signed_in(member)

    let_pass(client, name, **time)

    answer = client.get(reverse("case_list"))
    assert (answer.status_code == 200) is stays
    if not stays:
        assert answer["Location"] == f"{reverse('account_login')}?next={reverse('case_list')}"
        assert not Session.objects.filter(user=member).exists()


def test_a_page_that_asks_by_itself_is_no_sign_of_life_but_the_button_is(member):
    client = signed_in(member)
    let_pass(client, SEEN, minutes=20)
    before = client.session[SEEN]

    client.get(reverse("work_number"), HTTP_HX_REQUEST="true")
    by_itself = client.session[SEEN]
    client.post(reverse("sitting_extend"), HTTP_HX_REQUEST="true")

    assert by_itself == before
    assert client.session[SEEN] > before


def test_being_there_is_written_once_a_minute_at_most(member):
    client = signed_in(member)
    is_in(client)
    first = client.session[SEEN]

    is_in(client)

    assert client.session[SEEN] == first


def test_signing_asks_for_the_second_factor_again_after_a_quarter_of_an_hour(member, rf):
    client = signed_in(member)
    give_second_factor(client, member)
    request = rf.get("/")
    request.user, request.session = member, client.session
    fresh = second_factor.described(request)

    for record in request.session["account_authentication_methods"]:
        record["at"] -= 15 * 60

    assert fresh
    assert second_factor.described(request) == ""


def test_what_is_over_is_dropped_at_night(member):
    signed_in(member)
    over = Client()
    over.get(reverse("account_login"))
    over.force_login(member)
    Session.objects.filter(pk=row_of(over.session.session_key)).update(
        expire_date=timezone.now() - timedelta(seconds=1)
    )

    sweep()

    assert Session.objects.filter(user=member).count() == 1
