"""受信箱: all that waits for one person, sorted by deadline, and its number on every page."""

from datetime import timedelta

import pytest
from django.core.cache import caches
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts.models import Role
from accounts.permissions import OUTSIDE
from contracts import glance, work
from contracts.models import AccessLink, Case, Purpose
from contracts.services.consents import consenting
from contracts.services.mails import recalling, resending
from contracts.services.versions import drafting
from notifications.models import Delivery
from tests import factories
from tests.contracts.pages.conftest import user_of
from tests.guarantees.conftest import contracted, submitted

pytestmark = pytest.mark.django_db


def lines(client: Client, **asked: str) -> str:
    return client.get(reverse("work_inbox"), asked).content.decode()


def due_in(case: Case, days: int) -> Case:
    """Move the deadline of a case to so many days from today."""
    case.conclusion_deadline_date = timezone.localdate() + timedelta(days=days)
    case.save(update_fields=["conclusion_deadline_date"])
    return case


def test_what_waits_stands_under_how_near_its_deadline_is(tosu, desk):
    due_in(tosu.case, 12)
    names = {"過ぎた工事": -2, "今日の工事": 0, "近い工事": 3}
    for title, days in names.items():
        due_in(factories.case(tosu.tenant, by=tosu.drafter, title=title), days)

    page = lines(desk(tosu.tenant, user=user_of(tosu.drafter)))

    places = [
        page.index(word) for word in ("期限を過ぎています", "過ぎた工事", "今日の工事", "近い工事", tosu.case.title)
    ]
    assert places == sorted(places)
    assert page.index("あと7日以内") < page.index("近い工事") < page.index("それより先")


def test_a_case_whose_deadline_has_passed_asks_what_becomes_of_it(tosu, desk):
    due_in(tosu.case, -1)
    client = desk(tosu.tenant, user=user_of(tosu.drafter))

    assert "期限を過ぎた案件の扱いを決める" in lines(client)
    due_in(tosu.case, 0)
    assert "期限を過ぎた案件の扱いを決める" not in lines(client)


def test_every_kind_of_work_is_counted_as_it_is_listed(tosu, desk):
    at = timezone.now()
    everything = factories.staff(tosu.tenant, *set(Role) - OUTSIDE)
    due_in(factories.case(tosu.tenant, by=tosu.drafter), -1)
    tosu.accepted()
    drafting.draft(tosu.case, actor=tosu.drafter, at=timezone.now(), signatory=tosu.signatory)

    queue = work.mine(everything, at=at)

    assert {line.verb for line in queue[:50]} == {
        "承諾書の提出を依頼する",
        "期限を過ぎた案件の扱いを決める",
        "条件と文書をそろえ、承認を依頼する",
    }
    assert work.count(everything, at=at) == queue.count() == len(queue[:50]) == 3


def mail_of(case: Case) -> Delivery:
    return Delivery.unscoped.filter(thread=case.thread, state__in=["queued", "sent"]).latest("pk")


def bounce(delivery: Delivery) -> None:
    delivery.state, delivery.bounced_at, delivery.next_attempt_at = "bounced", timezone.now(), None
    delivery.sealed_link = None
    delivery.save()


def test_a_mail_that_came_back_waits_until_it_is_sent_again(tosu, desk):
    tosu.invited()
    delivery = mail_of(tosu.case)
    client = desk(tosu.tenant, user=user_of(tosu.drafter))
    assert "届いていないメールを確かめる" not in lines(client)

    bounce(delivery)
    assert "届いていないメールを確かめる" in lines(client)
    assert reverse("mail", args=[delivery.pk]) in lines(client)
    resending.resend(delivery, actor=tosu.drafter, at=timezone.now(), addresses_checked=True)

    assert "届いていないメールを確かめる" not in lines(client)


def test_those_who_receive_guarantees_look_after_the_mails_that_ask_for_them(tosu, desk):
    case = contracted()
    officer = desk(case.tenant, Role.GUARANTEE_OFFICER)
    bounce(mail_of(tosu.invited().case))
    assert "届いていないメールを確かめる" not in lines(officer)

    bounce(mail_of(case))

    assert lines(officer).count("届いていないメールを確かめる</a>") == 1


def test_a_mail_that_was_taken_back_waits_until_it_is_sent_again(tosu, desk):
    tosu.invited()
    client = desk(tosu.tenant, user=user_of(tosu.drafter))

    recalling.recall(mail_of(tosu.case), actor=tosu.drafter, at=timezone.now())

    assert "承諾書の依頼を送り直す" in lines(client)
    resending.resend(Delivery.unscoped.get(state="cancelled"), actor=tosu.drafter, at=timezone.now())
    assert "承諾書の依頼を送り直す" not in lines(client)


def test_a_signer_whose_link_ran_out_waits_for_another(tosu, desk):
    tosu.sent()
    client = desk(tosu.tenant, user=user_of(tosu.drafter))
    assert "署名の依頼を送り直す" not in lines(client)

    AccessLink.unscoped.filter(purpose=Purpose.SIGN).update(expires_at=timezone.now())

    assert "署名の依頼を送り直す" in lines(client)


def test_the_inbox_is_paged_and_asks_no_more_of_the_database_for_more_lines(tosu, desk, django_assert_max_num_queries):
    for _ in range(60):
        factories.case(tosu.tenant, by=tosu.drafter)
    client = desk(tosu.tenant, user=user_of(tosu.drafter))
    lines(client)

    with django_assert_max_num_queries(16):
        first = lines(client)
    second = lines(client, page="2")

    assert "全61件" in first
    shown = [page.count("承諾書の提出を依頼する</a>") for page in (first, second)]
    assert shown == [50, 11]
    numbers = set(Case.unscoped.values_list("number", flat=True))
    assert all((number in first) != (number in second) for number in numbers)


def test_the_work_of_guarantees_stands_among_the_rest_without_a_deadline_of_the_contract(tosu, desk):
    guarantee = submitted()

    page = lines(desk(tosu.tenant, Role.GUARANTEE_OFFICER))

    assert guarantee.number in page
    assert "期限の定めなし" in page


def test_every_page_tells_how_much_waits_in_its_header_and_its_title(tosu, desk):
    client = desk(tosu.tenant, user=user_of(tosu.drafter))

    page = client.get(reverse("archive")).content.decode()

    assert "<title>(1) 締結済みの契約" in page
    assert 'data-number="1"' in page


def test_the_number_is_counted_again_once_one_has_done_something(tosu, desk):
    client = desk(tosu.tenant, user=user_of(tosu.drafter))
    assert 'data-number="1"' in lines(client)

    client.post(reverse("case_invite", args=[tosu.case.pk]))

    assert 'data-number="0"' in client.get(reverse("case_list")).content.decode()


def test_the_number_is_kept_for_half_a_minute_and_costs_one_question(tosu, django_assert_num_queries):
    with django_assert_num_queries(1):
        assert glance.number(tosu.drafter) == 1
    with django_assert_num_queries(0):
        assert glance.number(tosu.drafter) == 1


def test_the_header_is_told_nothing_new_while_nothing_changed(tosu, desk):
    client = desk(tosu.tenant, user=user_of(tosu.drafter))

    same = client.get(reverse("work_number"), {"seen": "1"})
    changed = client.get(reverse("work_number"), {"seen": "7"})

    assert (same.status_code, same.content) == (204, b"")
    assert 'data-number="1"' in changed.content.decode()
    assert 'aria-current="page"' in lines(client)


def test_without_redis_pages_show_the_way_to_the_inbox_and_no_number(tosu, desk, settings):
    client = desk(tosu.tenant, user=user_of(tosu.drafter))
    nowhere = settings.CACHES["glance"] | {"LOCATION": "redis://127.0.0.1:1/0"}
    settings.CACHES = settings.CACHES | {"glance": nowhere}
    caches.close_all()

    page = client.get(reverse("archive")).content.decode()

    assert reverse("work_inbox") in page
    assert "<title>締結済みの契約" in page
    assert client.get(reverse("work_number"), {"seen": "1"}).status_code == 204


def test_those_for_whom_nothing_ever_waits_have_no_inbox(tosu, desk):
    client = desk(tosu.tenant, Role.AUDITOR)

    assert reverse("work_inbox") not in client.get(reverse("archive")).content.decode()
    assert client.get(reverse("work_inbox")).status_code == 403


def test_another_city_and_another_department_count_their_own(tosu, desk, stranger):
    consenting.invite(tosu.case, actor=tosu.drafter, at=timezone.now())

    assert "あなたの番の仕事はありません" in lines(stranger)
