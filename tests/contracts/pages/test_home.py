"""The page that staff open at 8:30: their work by its deadline, where their cases stand, and what is coming."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from accounts.models import Department, Role
from accounts.permissions import OUTSIDE
from contracts import coming, work
from contracts.dates import fiscal_year
from contracts.models import Case, CityFigures
from contracts.services.consents import consenting
from contracts.work import Nearness
from tests import factories
from tests.contracts.pages.conftest import user_of
from tests.stories import written

pytestmark = pytest.mark.django_db
DAYS = {Nearness.LATE: -2, Nearness.TODAY: 0, Nearness.WEEK: 7, Nearness.LATER: 8, Nearness.UNDATED: None}


def due_in(case: Case, days: int | None) -> Case:
    """Move the deadline of a case to so many days from today; None for a case without one."""
    by = None if days is None else timezone.localdate() + timedelta(days=days)
    Case.unscoped.filter(pk=case.pk).update(conclusion_deadline_date=by)
    return case


def cases_of_every_nearness(tosu) -> None:
    due_in(tosu.case, DAYS[Nearness.LATE])
    for near, days in DAYS.items():
        for _ in range(2 if near != Nearness.LATE else 1):
            due_in(factories.case(tosu.tenant, by=tosu.drafter), days)


def page_of(client) -> str:
    return client.get(reverse("home")).content.decode()


@pytest.fixture
def clerk(tosu, desk):
    return desk(tosu.tenant, user=user_of(tosu.drafter))


def test_the_work_stands_in_parts_by_how_near_its_deadline_is_with_the_count_of_each(tosu, clerk):
    cases_of_every_nearness(tosu)

    mine = clerk.get(reverse("home")).context["mine"]

    # 期限を過ぎた案件は、依頼と扱いの二つの仕事になる
    assert [(part.near, part.count) for part in mine.parts] == [
        ("late", 4), ("today", 2), ("week", 2), ("later", 2), ("undated", 2),
    ]  # fmt: skip
    assert mine.count == work.count(tosu.drafter, at=timezone.now()) == 12


def test_each_part_leads_to_the_same_lines_in_the_inbox(tosu, clerk):
    cases_of_every_nearness(tosu)
    mine = clerk.get(reverse("home")).context["mine"]

    for part in mine.parts:
        ((near, lines),) = clerk.get(reverse("work_inbox"), {"near": part.near.value}).context["groups"]
        assert near == part.near
        assert [line for line, _ in lines] == part.lines


def test_a_part_shows_five_lines_and_the_way_to_the_rest(tosu, clerk):
    for _ in range(7):
        due_in(factories.case(tosu.tenant, by=tosu.drafter), 0)

    page = page_of(clerk)

    assert page.count(">承諾書の提出を依頼する</a>") == 5 + 1  # 今日までの五件と、tosu の一件
    assert "「今日まで」の残り2件も受信箱で見る" in page
    assert f"{reverse('work_inbox')}?near=today" in page


def test_of_what_is_to_be_watched_a_few_are_shown_with_the_way_to_the_rest(tosu, clerk):
    for _ in range(7):
        case = due_in(factories.case(tosu.tenant, by=tosu.drafter), 2)
        consenting.invite(case, actor=tosu.drafter, at=timezone.now())

    answer = clerk.get(reverse("home"))

    assert len(answer.context["watched"]) == 5
    assert "期限の近い案件をすべて一覧で見る" in answer.content.decode()
    assert len(clerk.get(answer.context["near_url"]).context["rows"]) == 7


def test_what_is_one_s_own_work_is_not_told_again_as_something_to_watch(tosu, clerk):
    for _ in range(8):
        due_in(factories.case(tosu.tenant, by=tosu.drafter), 1)

    answer = clerk.get(reverse("home"))

    assert [part.count for part in answer.context["mine"].parts] == [9]
    assert answer.context["watched"] == []


def test_the_department_s_cases_are_counted_and_added_up_by_where_they_stand(tosu, clerk):
    tosu.accepted()
    asked = factories.case(tosu.tenant, by=tosu.drafter, amount=2_000_000)
    other = Department.unscoped.get(tenant=tosu.tenant, name="契約検査課")
    factories.case(tosu.tenant, by=tosu.drafter, department=other)

    lanes = {lane.standing: (lane.count, lane.amount) for lane, _ in clerk.get(reverse("home")).context["lanes"]}

    assert lanes["asking"] == (1, asked.amount)
    assert lanes["drafting"] == (1, tosu.case.amount)
    assert lanes["signing"] == (0, 0)


def test_each_count_opens_the_list_of_just_those_cases(tosu, clerk):
    tosu.accepted()
    factories.case(tosu.tenant, by=tosu.drafter)

    for lane, address in clerk.get(reverse("home")).context["lanes"]:
        assert len(clerk.get(address).context["rows"]) == lane.count


def test_this_month_tells_how_much_comes_on_each_day_and_opens_that_day(tosu, clerk):
    today = timezone.localdate()
    due_in(tosu.case, 0)

    weeks = clerk.get(reverse("home")).context["weeks"]

    (cell,) = [cell for week in weeks for cell in week if cell and cell[0] == today]
    assert cell[1] == 1
    assert tosu.case.title in clerk.get(cell[2]).content.decode()


def test_the_counts_of_a_month_are_those_of_the_calendar(tosu):
    tosu.sent()
    today = timezone.localdate()
    due_in(tosu.case, (timezone.localdate(tosu.version.expires_at) - today).days)  # 署名の期限と同じ日
    span = (today - timedelta(days=5), today + timedelta(days=40))

    for whose in (coming.MINE, coming.DEPARTMENT, coming.EVERYTHING):
        found = coming.coming(tosu.drafter, span=span, whose=whose, most=1, today=today)
        counted = {day: sum(group.count for group in groups) for day, groups in found.items()}
        assert coming.counts(tosu.drafter, span=span, whose=whose) == counted != {}


def test_the_figures_of_the_year_are_those_the_last_night_counted(tosu, clerk):
    assert "毎晩2時を過ぎると" in page_of(clerk)
    CityFigures.unscoped.create(
        tenant=tosu.tenant, fiscal_year=fiscal_year(timezone.localdate()),
        contracts=3, amendments=0, refused=1, other=0, stamps=25_000,
        days={"4": 3}, guarantees=4, electronic_guarantees=3, written_at=timezone.now(),
    )  # fmt: skip

    page = page_of(clerk)

    assert "<strong>75.0%</strong>" in page
    assert "<strong>4</strong>日" in page
    assert "<strong>25,000</strong>円" in page


def test_a_city_without_cases_is_told_where_to_begin(db, desk):
    city = factories.city("kiyama")

    page = page_of(desk(city, Role.DRAFTER))

    assert "まだ案件がありません" in page
    assert reverse("case_new") in page
    assert reverse("case_new") not in page_of(desk(city, Role.APPROVER))


@pytest.mark.parametrize("role", sorted(set(Role) - OUTSIDE - {Role.AUDITOR}))
def test_everybody_with_nothing_to_do_is_told_what_will_come_to_their_role(tosu, desk, role):
    due_in(tosu.case, 30)
    tosu.sent()

    answer = desk(tosu.tenant, role).get(reverse("home"))

    assert answer.context["mine"].count == 0
    assert [lesson.role for lesson in answer.context["lessons"]] == [role]
    assert answer.context["lessons"][0].text in answer.content.decode()


def test_the_page_asks_as_much_of_the_database_for_many_cases_as_for_few(tosu, desk):
    client = desk(tosu.tenant, *set(Role) - OUTSIDE)

    def asked() -> int:
        with CaptureQueriesContext(connection) as queries:
            assert client.get(reverse("home")).status_code == 200
        return len(queries)

    cases_of_every_nearness(tosu)
    for case in Case.unscoped.filter(tenant=tosu.tenant)[:2]:
        consenting.invite(case, actor=tosu.drafter, at=timezone.now())
    asked()
    few = asked()
    for _ in range(12):
        factories.case(tosu.tenant, by=tosu.drafter)
    cases_of_every_nearness(tosu)

    assert asked() == few <= 25


def test_what_waits_can_be_ticked_and_done_together(tosu, clerk):
    page = page_of(clerk)

    assert f'name="case" value="{tosu.case.pk}" form="together"' in " ".join(page.split())
    assert 'formaction="/together/invite/"' in page
    assert 'formaction="/together/approve/"' not in page


def test_looking_writes_nothing(tosu, clerk):
    page_of(clerk)
    before = written()

    page_of(clerk)

    assert written() == before


def test_nothing_waits_for_whom_nothing_is_asked(tosu):
    found = work.Queue((), factories.staff(tosu.tenant), timezone.now()).parts(most=5)

    assert (found.count, found.parts, found.cases) == (0, [], frozenset())
