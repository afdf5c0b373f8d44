"""The calendar: what is coming, on its day, for those whose cases they are."""

from datetime import UTC, date, datetime, timedelta

import pytest
import time_machine
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from accounts.models import Department, Membership, Role
from contracts.dates import JST
from contracts.models import AccessLink, Authority, Case, Certificate
from contracts.services.cases import registering
from tests import factories
from tests.stories import written

pytestmark = pytest.mark.django_db
AWARDED = date(2026, 3, 6)
MARCH = "/calendar/?month=2026-03&whose=all"
DATES = {
    "announced_date": date(2026, 2, 10),
    "awarded_date": AWARDED,
    "work_starts_date": date(2026, 3, 20),
    "work_ends_date": date(2026, 9, 30),
}


def case(tenant, **values) -> Case:
    """Register a case whose contract is due on 2026-03-11."""
    return factories.case(tenant, **(DATES | values))


def cell(client, day: int, address: str = MARCH) -> str:
    """Read what a day of a month says."""
    text = client.get(address).content.decode()
    return "".join(text.split(f'<time datetime="2026-03-{day:02}">')[1].split("<td")[0].split())


@pytest.fixture
def clerk(tosu, desk):
    return desk(tosu.tenant, Role.DRAFTER)


def test_a_deadline_stands_on_its_day_and_leads_to_the_case(tosu, clerk):
    due = case(tosu.tenant, title="市道元町線道路改良工事")

    shown = cell(clerk, 11)

    assert f'href="/cases/{due.pk}/">市道元町線道路改良工事' in shown
    assert "市道元町線" not in cell(clerk, 10) + cell(clerk, 12)


@time_machine.travel(datetime(2026, 3, 11, 12, tzinfo=JST), tick=False)
def test_a_missed_deadline_says_so_from_the_next_day_on(tosu, clerk):
    case(tosu.tenant)
    case(tosu.tenant, awarded_date=AWARDED - timedelta(days=1))

    assert "契約締結期限" in cell(clerk, 11)
    assert "締結期限を過ぎた案件" in cell(clerk, 10)


def test_a_case_that_has_its_contract_is_due_no_more(tosu, clerk):
    due = case(tosu.tenant)
    registering.switch_to_paper(due, actor=tosu.drafter, at=timezone.now(), contract_date=date(2026, 3, 9))

    assert f"/cases/{due.pk}/" not in cell(clerk, 11)


def test_closed_days_say_why(clerk):
    assert "春分の日" in cell(clerk, 20)
    assert "calendar__closed" not in cell(clerk, 19)


def test_one_may_look_at_ones_own_cases_those_of_the_department_or_all(tosu, desk):
    person = factories.member(tosu.tenant, Role.DRAFTER)
    other = Department.unscoped.get(tenant=tosu.tenant, name="契約検査課")
    case(tosu.tenant, title="自分の工事", by=factories.actor(person, tosu.tenant), department=other)
    case(tosu.tenant, title="同じ課の工事")
    case(tosu.tenant, title="ほかの課の工事", department=other)
    client = desk(tosu.tenant, user=person)

    def titles(whose: str) -> set[str]:
        shown = cell(client, 11, f"/calendar/?month=2026-03{whose}")
        return {name for name in ("自分の工事", "同じ課の工事", "ほかの課の工事") if name in shown}

    assert titles("&whose=mine") == {"自分の工事"}
    assert titles("&whose=department") == titles("") == {"同じ課の工事"}
    assert titles("&whose=all") == {"自分の工事", "同じ課の工事", "ほかの課の工事"}


def test_what_one_drafts_is_ones_own_too(tosu, desk):
    tosu.sent()
    Case.unscoped.filter(pk=tosu.case.pk).update(
        conclusion_deadline_date=date(2026, 3, 11), registered_by=factories.member(tosu.tenant, Role.DRAFTER)
    )
    client = desk(tosu.tenant, user=factories.User.objects.get(pk=tosu.drafter.user_id))

    assert tosu.case.title in cell(client, 11, "/calendar/?month=2026-03&whose=mine")


def test_another_city_sees_none_of_it(tosu, stranger):
    due = case(tosu.tenant)

    assert f"/cases/{due.pk}/" not in cell(stranger, 11)


def test_links_that_end_are_shown_in_japan_until_the_documents_are_fetched(tosu, clerk):
    tosu.concluded()
    step = tosu.step(1)
    # 日本では3月15日の0時30分
    ends = datetime(2026, 3, 14, 15, 30, tzinfo=UTC)
    AccessLink.unscoped.filter(step=step, purpose="download").update(expires_at=ends)

    assert "未ダウンロードの期限" in cell(clerk, 15)
    assert "未ダウンロードの期限" not in cell(clerk, 14)

    type(step).unscoped.filter(pk=step.pk).update(downloaded_at=timezone.now())

    assert "未ダウンロードの期限" not in cell(clerk, 15)


def test_a_request_to_sign_ends_with_its_version(tosu, clerk):
    tosu.sent()
    type(tosu.version).unscoped.filter(pk=tosu.version.pk).update(expires_at=datetime(2026, 3, 17, tzinfo=UTC))

    assert f'href="/cases/{tosu.case.pk}/"' in cell(clerk, 17)
    assert "署名の期限" in cell(clerk, 17)


def test_terms_and_certificates_that_end_are_shown(tosu, clerk):
    Membership.unscoped.filter(user=tosu.signatory).update(ends_date=date(2026, 3, 31))
    firm = factories.contractor(tosu.tenant, name="任期建設㈱")
    Authority.unscoped.create(
        tenant=tosu.tenant,
        contractor=firm,
        basis="agent",
        title="支店長",
        name="任期　太郎",
        email="a@b.jp",
        ends_date=date(2026, 3, 30),
    )
    for name, owners in (("共用の鍵", []), ("鳥栖の鍵", ["tosu"]), ("隣の市の鍵", ["usuki"])):
        Certificate.objects.create(
            fingerprint=name.encode().hex(),
            public_key="0",
            kind="signing",
            name=name,
            subject="CN",
            owners=owners,
            is_last=True,
            starts_at=datetime(2024, 3, 1, tzinfo=UTC),
            ends_at=datetime(2026, 3, 25, tzinfo=UTC),
        )

    assert "向門慶人" in cell(clerk, 31)
    assert f'href="/register/{firm.pk}/">任期建設㈱' in cell(clerk, 30)
    keys = cell(clerk, 25)
    assert "共用の鍵" in keys
    assert "鳥栖の鍵" in keys
    assert "隣の市の鍵" not in keys


def test_a_full_day_names_three_and_counts_the_rest_which_stand_on_its_own_page(tosu, clerk):
    cases = [case(tosu.tenant, title=f"第{number}工区") for number in range(53)]

    shown = cell(clerk, 11)
    assert shown.count("工区</a>") == 3
    assert "53件" in shown
    assert "ほか50件" in shown

    day = "/calendar/?day=2026-03-11&whose=all"
    pages = clerk.get(day).content.decode() + clerk.get(f"{day}&page=2").content.decode()
    assert {each.title for each in cases} == {each.title for each in cases if f">{each.title}</a>" in pages}


@time_machine.travel(datetime(2026, 3, 6, 12, tzinfo=JST), tick=False)
def test_the_mornings_to_come_tell_what_they_will_say_and_to_whom(tosu, desk):
    """Won on Friday the 6th, due on the 11th: the third day is Monday the 9th."""
    person = factories.member(tosu.tenant, Role.DRAFTER, name="催促　受太")
    Case.unscoped.filter(pk=tosu.case.pk).update(conclusion_deadline_date=None)
    case(tosu.tenant, by=factories.actor(person, tosu.tenant), title="轟木川護岸補修工事")
    client = desk(tosu.tenant, user=person)

    mine, everyone = (f"/calendar/?month=2026-03&whose={whose}&show=letters" for whose in ("mine", "all"))
    for day in (9, 10, 11):
        assert "朝のお知らせ（予定）" in cell(client, day, mine)
    assert "朝のお知らせ（予定）" not in cell(client, 6, mine) + cell(client, 7, mine) + cell(client, 8, mine)
    # 10日からは、登録した人のほかに課長も
    assert ">1通<" in cell(client, 9, everyone)
    assert ">2通<" in cell(client, 10, everyone)
    assert ">1通<" in cell(client, 10, mine)
    told = client.get("/calendar/?day=2026-03-09&whose=all&show=letters").content.decode()
    assert "催促　受太" in told
    assert "契約締結期限が近い 1件" in told


@time_machine.travel(datetime(2026, 3, 6, 12, tzinfo=JST), tick=False)
def test_more_cases_ask_the_database_no_more(tosu, clerk):
    def asked() -> int:
        with CaptureQueriesContext(
            connection,
        ) as queries:
            clerk.get(MARCH)
        return len(queries)

    case(tosu.tenant)
    asked()
    few = asked()
    for number in range(4):
        case(tosu.tenant, awarded_date=AWARDED + timedelta(days=number))

    assert asked() == few


@time_machine.travel(datetime(2026, 3, 6, 12, tzinfo=JST), tick=False)
def test_what_is_due_and_the_mornings_lead_to_each_other_and_neither_asks_too_much(tosu, clerk):
    case(tosu.tenant)
    address, asked = MARCH, []
    for _ in range(2):
        with CaptureQueriesContext(connection) as queries:
            page = clerk.get(address)
        asked.append(len(queries))
        address = f"/calendar/{page.context['other_url']}"

    assert "show=letters" in page.context["circles"][0][1]
    assert page.context["is_letters"]
    assert "show" not in address
    assert max(asked) <= 30


def test_looking_writes_nothing(tosu, clerk):
    case(tosu.tenant)
    clerk.get(MARCH)
    before = written()

    clerk.get(MARCH)
    clerk.get("/calendar/?day=2026-03-11")

    assert written() == before


@pytest.mark.parametrize("month", ["2026-13", "1600-01", "3000-01", "x"])
def test_a_month_that_nobody_can_count_is_refused_in_words(tosu, clerk, month):
    answer = clerk.get(f"/calendar/?month={month}")

    assert answer.status_code == 422
    assert "この月は開けませんでした" in answer.content.decode()
