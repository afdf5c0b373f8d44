"""An open session ends with what it stood on: the account, the role, the password; at the very next request."""

from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts.models import Membership, Organization, Role, User
from tests import factories
from tests.architecture.scene import is_login
from tests.contracts.pages.conftest import give_second_factor

pytestmark = pytest.mark.django_db


@pytest.fixture
def person(tosu: Organization) -> User:
    return factories.member(tosu, Role.DRAFTER, Role.ADMINISTRATOR)


@pytest.fixture
def session(person: User) -> Client:
    client = Client()
    client.force_login(person)
    give_second_factor(client, person)
    assert client.get(reverse("people")).status_code == 200
    return client


def test_a_disabled_account_signs_in_anew_and_cannot(session, person):
    person.is_active = False
    person.save()

    assert is_login(session.get(reverse("people")))
    session.post(reverse("account_login"), {"login": person.email, "password": factories.PASSWORD})
    assert is_login(session.get(reverse("case_list")))


def test_a_role_that_is_over_opens_nothing_more(session, person):
    day = timezone.localdate() - timedelta(days=1)
    Membership.unscoped.filter(user=person, role=Role.ADMINISTRATOR).update(ends_date=day)

    assert session.get(reverse("people")).status_code == 403
    assert session.get(reverse("case_list")).status_code == 200


def test_whoever_left_the_city_sees_nothing_of_it(session, person, tosu):
    case = factories.case(tosu)
    Membership.unscoped.filter(user=person).update(ends_date=timezone.localdate() - timedelta(days=1))

    for address in (reverse("case_list"), reverse("case", args=[case.pk]), reverse("home")):
        response = session.get(address)

        assert response.status_code == 403
        assert case.title not in response.content.decode()


def test_a_new_password_ends_the_sessions_that_the_old_one_opened(session, person):
    person.set_password("まったく新しい長い合言葉-2026")
    person.save()

    assert is_login(session.get(reverse("people")))
