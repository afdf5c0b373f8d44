"""A mail that came back is work for staff as soon as its notice is read, and warnings of the deadline say so."""

from datetime import date, timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from accounts.models import Role
from contracts.models import Case
from contracts.services.mails import losing
from notifications.bounces import service
from notifications.models import Delivery
from tests import factories
from tests.contracts.pages.conftest import user_of
from tests.contracts.reminding import scene
from tests.notifications.bounces.test_taking import notice

WORK = "届いていないメールを確かめる"
pytestmark = pytest.mark.django_db


def come_back(case: Case) -> Delivery:
    """Let the newest mail of a case have left, and take the notice that it did not arrive."""
    mail = Delivery.unscoped.filter(thread=case.thread).latest("pk")
    left = {"sent_at": timezone.now(), "next_attempt_at": None, "sealed_link": None, "sealed_code": None}
    Delivery.unscoped.filter(pk=mail.pk).update(state="sent", **left)
    service.take(notice(mail), at=timezone.now())
    return mail


@pytest.mark.parametrize("page", ["home", "work_inbox"])
def test_staff_see_it_with_the_next_page_they_open(tosu, desk, page):
    tosu.invited()
    client = desk(tosu.tenant, user=user_of(tosu.drafter))
    assert WORK not in client.get(reverse(page)).content.decode()

    mail = come_back(tosu.case)

    shown = client.get(reverse(page)).content.decode()
    assert WORK in shown
    assert reverse("mail", args=[mail.pk]) in shown


def test_the_page_of_the_mail_says_why(tosu, desk):
    tosu.invited()
    mail = come_back(tosu.case)

    shown = desk(tosu.tenant, user=user_of(tosu.drafter)).get(reverse("mail", args=[mail.pk])).content.decode()

    assert "宛先のメールアドレスが見つかりません。" in shown
    assert "550 5.1.1 User unknown" in shown


def test_another_city_sees_nothing_of_it(tosu, desk, stranger):
    tosu.invited()

    mail = come_back(tosu.case)

    assert WORK not in stranger.get(reverse("work_inbox")).content.decode()
    assert stranger.get(reverse("mail", args=[mail.pk])).status_code == 404


def test_those_who_only_watch_a_deadline_are_told_too(tosu, desk):
    tosu.invited()
    Case.unscoped.filter(pk=tosu.case.pk).update(conclusion_deadline_date=timezone.localdate() + timedelta(days=2))
    auditor = desk(tosu.tenant, Role.APPROVER)
    assert losing.IN_A_WORD not in auditor.get(reverse("home")).content.decode()

    come_back(tosu.case)

    assert losing.IN_A_WORD in auditor.get(reverse("home")).content.decode()


@pytest.mark.parametrize("lost", [True, False])
def test_the_morning_says_it_beside_the_deadline(lost):
    city = factories.city("tosu")
    drafter = factories.member(city, Role.DRAFTER)
    case = scene.case(city, awarded=date(2026, 3, 3), by=factories.actor(drafter, city))
    link = scene.consent(case, asked=date(2026, 3, 3)).links.get()
    state = {"state": "bounced", "bounced_at": scene.moment(date(2026, 3, 3))} if lost else {"state": "failed"}
    hashed = link.token_hash if lost else "another"
    Delivery.unscoped.create(tenant=city, link_hash=hashed, created_at=scene.moment(date(2026, 3, 3)), **state)

    scene.sweep(city, date(2026, 3, 6))

    (mail,) = (each for each in scene.mails() if each.to == drafter.email)
    assert (losing.IN_A_WORD in str(mail.context)) is lost
