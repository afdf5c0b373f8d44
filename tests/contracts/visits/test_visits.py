"""立入り: whoever runs the installation reads a city's pages for some hours, and the city knows and decides."""

import json
from datetime import datetime, timedelta

import pytest
import time_machine
from django.core.exceptions import PermissionDenied
from django.db import IntegrityError, transaction
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts import rounds, tenancy
from accounts.models import Membership, Organization, Role, User, Visit, VisitEnd
from audit.models import Event
from contracts import tasks
from contracts.models import Case
from contracts.services.visits import beginning, ending
from contracts.services.visits.beginning import VisitRefused
from notifications.models import Delivery
from tests import factories
from tests.architecture import guests
from tests.contracts.pages.conftest import give_second_factor

pytestmark = pytest.mark.django_db
ENTER = {"city": "鳥栖市", "reason": "7月1日のお問い合わせの確認", "minutes": "60"}


@pytest.fixture
def tosu() -> Organization:
    city = factories.city("tosu")
    factories.member(city, Role.ADMINISTRATOR, email="chief@tosu.example.jp")
    return city


@pytest.fixture
def case(tosu: Organization) -> Case:
    tenancy.set_tenant(tosu.pk)
    return factories.case(tosu, title="市道本町線改良工事")


@pytest.fixture
def visitor(tosu: Organization) -> User:
    return guests.worker()


@pytest.fixture
def browser(visitor: User) -> Client:
    return sit(visitor)


def sit(user: User) -> Client:
    client = Client()
    client.force_login(user)
    give_second_factor(client, user)
    return client


@pytest.fixture
def inside(browser: Client, case: Case) -> Client:
    """Enter the city as the operator does."""
    assert browser.post(reverse("platform_visits"), ENTER).status_code == 302
    tenancy.set_tenant(case.tenant_id)
    return browser


@pytest.fixture
def chief(tosu: Organization) -> Client:
    return sit(User.objects.get(email="chief@tosu.example.jp"))


def events(city: Organization, *actions: str) -> list[tuple[str, dict[str, object]]]:
    with tenancy.acting_for(city.pk):
        found = Event.objects.of_tenant(city.pk).filter(action__in=actions).order_by("seq")
        return [(event.action, json.loads(event.data)) for event in found]


def mails(city: Organization, template: str) -> list[Delivery]:
    with tenancy.acting_for(city.pk):
        return list(Delivery.unscoped.filter(template=f"contracts/{template}").order_by("pk"))


def the_visit(city: Organization) -> Visit:
    with tenancy.acting_for(city.pk):
        found: Visit = Visit.unscoped.get(tenant=city)
        return found


# 始まる -------------------------------------------------------------------------------------------


def test_an_operator_sees_nothing_of_a_city_before_asking(browser, case):
    assert browser.get(reverse("case", args=[case.pk])).status_code == 403
    assert browser.get(reverse("case_list")).status_code == 403


def test_whoever_enters_says_why_and_the_citys_administrators_are_told_at_once(inside, tosu, visitor):
    (mail,) = mails(tosu, "visit_begun")
    visit = the_visit(tosu)

    assert mail.to == "chief@tosu.example.jp"
    assert mail.context["visitor"] == "運営　太郎（むすび運営）"
    assert mail.context["reason"] == ENTER["reason"]
    assert visit.ends_at - visit.began_at == timedelta(hours=1)
    ((_, begun),) = events(tosu, "visit.begun")
    assert begun["reason"] == ENTER["reason"]
    assert begun["visitor"] == f"運営　太郎 <{visitor.email}>"
    ((_, entered),) = events(Organization.objects.get(slug="unei"), "operators.entered")
    assert (entered["city"], entered["reason"]) == ("鳥栖市", ENTER["reason"])


@pytest.mark.parametrize(
    "given",
    [{"reason": " "}, {"city": "どこにもない市"}, {"minutes": "600"}, {"city": "むすび運営"}],
    ids=["no reason", "no such city", "too long", "not a city"],
)
def test_without_a_reason_a_city_or_a_term_nobody_enters(given, browser, tosu):
    response = browser.post(reverse("platform_visits"), ENTER | given)

    assert response.status_code == 422
    assert "立ち入れませんでした" in response.content.decode()
    tenancy.set_tenant(tosu.pk)
    assert not Visit.unscoped.exists()
    assert mails(tosu, "visit_begun") == []


def test_a_city_where_nobody_would_be_told_is_not_entered(browser, tosu):
    tenancy.set_tenant(tosu.pk)
    Membership.unscoped.filter(tenant=tosu, role=Role.ADMINISTRATOR).update(
        starts_date=timezone.localdate() - timedelta(days=9), ends_date=timezone.localdate() - timedelta(days=1)
    )

    response = browser.post(reverse("platform_visits"), ENTER)

    assert response.status_code == 422
    assert "お知らせできる運用管理者がいない" in response.content.decode()


def test_only_operators_enter(chief, tosu):
    assert chief.post(reverse("platform_visits"), ENTER).status_code == 403
    staff = factories.staff(tosu, Role.ADMINISTRATOR)

    with pytest.raises(PermissionDenied):
        beginning.begin(tosu, actor=staff, at=timezone.now(), reason="照会", term=timedelta(hours=1))


def test_nobody_is_in_two_cities_at_once(inside, visitor, tosu):
    usuki = factories.city("usuki")
    factories.member(usuki, Role.ADMINISTRATOR)

    with pytest.raises(VisitRefused, match="いま鳥栖市に立ち入っています"):
        guests.visit(usuki, by=visitor)


def test_the_database_holds_the_length_of_a_visit(tosu, visitor):
    visit = guests.visit(tosu, by=visitor)

    with pytest.raises(IntegrityError, match="visit_lasts_some_hours"), transaction.atomic():
        Visit.unscoped.filter(pk=visit.pk).update(ends_at=visit.began_at + timedelta(hours=5))


# 続く ---------------------------------------------------------------------------------------------


def test_a_visitor_reads_what_an_auditor_reads_under_a_banner(inside, case):
    for address in (reverse("case", args=[case.pk]), reverse("case_list"), reverse("log"), reverse("visits")):
        page = inside.get(address)

        assert page.status_code == 200, address
        assert "鳥栖市に立入り中" in page.content.decode()
    assert "市道本町線改良工事" in inside.get(reverse("case", args=[case.pk])).content.decode()


def test_every_page_that_is_opened_stands_in_the_citys_journal(inside, case, tosu):
    inside.get(reverse("case", args=[case.pk]) + "?tab=log")
    inside.get(reverse("people"))

    looked = [data for _, data in events(tosu, "visit.looked")]
    assert [(each["path"], each["status"]) for each in looked] == [
        (f"/cases/{case.pk}/?tab=log", 200),
        ("/people/", 403),
    ]
    assert "市道本町線改良工事" in str(looked[0]["title"])


def test_a_visitor_presses_nothing(inside, case, tosu):
    before = Case.unscoped.values().get(pk=case.pk)

    for name in ("case_pack", "case_invite", "case_edit"):
        assert inside.post(reverse(name, args=[case.pk]), {"title": "書き換え"}).status_code == 403, name
    assert inside.post(reverse("record_check_ask")).status_code == 403
    assert inside.post(reverse("platform_visits"), ENTER).status_code == 403

    tenancy.set_tenant(tosu.pk)
    assert Case.unscoped.values().get(pk=case.pk) == before


@pytest.mark.parametrize("name", ["rule_file", "figures_file", "guarantee_usage_file"])
def test_a_visitor_takes_no_file_away(name, inside, case, tosu):
    args = [case.rule_set_id] if name == "rule_file" else []

    response = inside.get(reverse(name, args=args))

    assert response.status_code == 403
    assert "ファイルを取り出せません" in response.content.decode()
    assert [data["status"] for _, data in events(tosu, "visit.looked")] == [403]


def test_a_visit_shows_one_city_only(inside, tosu):
    theirs = factories.case(factories.city("usuki"))
    tenancy.set_tenant(tosu.pk)

    assert inside.get(reverse("case", args=[theirs.pk])).status_code == 404


def test_whoever_loses_the_operators_role_is_outside_at_once(inside, case, visitor):
    tenancy.set_user(visitor.pk)
    house = Organization.objects.get(slug="unei")
    with tenancy.acting_for(house.pk):
        day = timezone.localdate() - timedelta(days=1)
        Membership.unscoped.filter(user=visitor).update(starts_date=day, ends_date=day)

    assert inside.get(reverse("case", args=[case.pk])).status_code == 403


# 終わる -------------------------------------------------------------------------------------------


def test_a_visit_ends_by_itself_at_its_term_and_is_reported(inside, case, tosu):
    inside.get(reverse("case", args=[case.pk]))
    began = the_visit(tosu).began_at

    for minutes in (29, 58):
        with time_machine.travel(began + timedelta(minutes=minutes), tick=False):
            assert inside.get(reverse("case", args=[case.pk])).status_code == 200
    with time_machine.travel(began + timedelta(minutes=60), tick=False):
        assert inside.get(reverse("case", args=[case.pk])).status_code == 403
        tasks.end_visits()

    visit = the_visit(tosu)
    assert (visit.ended_how, visit.ended_at) == (VisitEnd.TERM, visit.ends_at)
    (report,) = mails(tosu, "visit_ended")
    assert report.to == "chief@tosu.example.jp"
    assert report.context["pages"] == 3
    assert report.context["looked"][0].startswith("市道本町線改良工事")


def test_only_what_is_due_calls_the_sweep(tosu, visitor):
    visit = guests.visit(tosu, by=visitor)

    def called(at: datetime) -> list[int]:
        return [turn.tenant_id for turn in rounds.waiting("accounts_whose_visits_end", at=at)]

    assert tosu.pk not in called(visit.ends_at - timedelta(seconds=1))
    assert tosu.pk in called(visit.ends_at)


def test_a_visitor_leaves_and_is_an_operator_again(inside, case, tosu):
    inside.get(reverse("case", args=[case.pk]))

    response = inside.post(reverse("visit_leave"), follow=True)

    assert response.request["PATH_INFO"] == reverse("platform_visits")
    assert "鳥栖市に立入り中" not in response.content.decode()
    assert inside.get(reverse("case", args=[case.pk])).status_code == 403
    assert the_visit(tosu).ended_how == VisitEnd.VISITOR
    assert mails(tosu, "visit_ended")[0].context["pages"] == 1
    assert inside.post(reverse("visit_leave")).status_code == 302
    assert len(events(tosu, "visit.ended")) == 1


def test_the_city_ends_a_visit_at_once(inside, chief, case, tosu):
    page = chief.get(reverse("visits")).content.decode()
    assert "運営　太郎" in page
    assert ENTER["reason"] in page
    visit = the_visit(tosu)
    assert reverse("visit_end", args=[visit.pk]) in page

    assert chief.post(reverse("visit_end", args=[visit.pk])).status_code == 302

    assert inside.get(reverse("case", args=[case.pk])).status_code == 403
    assert the_visit(tosu).ended_how == VisitEnd.CITY
    assert reverse("visit_end", args=[visit.pk]) not in chief.get(reverse("visits")).content.decode()


def test_the_city_sees_what_was_looked_at(inside, chief, case, tosu):
    inside.get(reverse("case", args=[case.pk]))

    page = chief.get(reverse("visit", args=[the_visit(tosu).pk])).content.decode()

    assert "市道本町線改良工事" in page


def test_a_visitor_does_not_end_it_in_the_citys_name(inside, tosu):
    assert inside.post(reverse("visit_end", args=[the_visit(tosu).pk])).status_code == 403


def test_a_visit_that_was_over_unnoticed_gives_way_to_the_next(tosu, visitor):
    first = guests.visit(tosu, by=visitor)

    second = guests.visit(tosu, by=visitor, at=first.ends_at + timedelta(hours=1))

    first.refresh_from_db()
    assert (first.ended_how, first.ended_at) == (VisitEnd.TERM, first.ends_at)
    assert second.ended_at is None


def test_a_visit_ends_once(tosu, visitor):
    visit = guests.visit(tosu, by=visitor)
    chief_ = factories.staff(tosu, Role.ADMINISTRATOR)

    ending.send_out(visit, actor=chief_, at=timezone.now())
    ending.end(visit, how=VisitEnd.TERM, actor=chief_, at=visit.ends_at)

    assert the_visit(tosu).ended_how == VisitEnd.CITY
    assert len(events(tosu, "visit.ended")) == 1
