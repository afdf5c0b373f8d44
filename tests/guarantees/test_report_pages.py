"""The usage table over real rows (R97), its CSV, and the list of adopters with its public page (R98)."""

import csv
import io
import re
from datetime import date, datetime
from itertools import count

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone
from django.utils.html import strip_tags

from accounts import tenancy
from accounts.models import Department, Role
from audit.models import Event
from contracts.dates import JST
from contracts.models import RuleSet
from guarantees import services
from guarantees.models import AdoptionRecord, GuaranteeType, PaperKind
from guarantees.reports import counting
from guarantees.reports.counting import Wanted
from tests import factories
from tests.guarantees.conftest import browser, checked, clerk, contracted, entered, officer, submitted
from tests.guarantees.test_adopters import SAMPLE, table

pytestmark = pytest.mark.django_db
LAST_OF_MARCH = datetime(2026, 3, 31, 23, 59, tzinfo=JST)
FIRST_OF_APRIL = datetime(2026, 4, 1, 0, 0, tzinfo=JST)
numbers = count(2_070_100_000)


@pytest.fixture
def city(db):
    return factories.city("tosu")


def electronic(case=None, *, at=FIRST_OF_APRIL):
    guarantee = checked(submitted(case, number=str(next(numbers))))
    return services.accept(guarantee, actor=officer(guarantee.tenant), at=at)


def on_paper(case=None, *, at=FIRST_OF_APRIL, **values):
    case = case or contracted()
    typed = {"type_": "advance", "paper_kind": PaperKind.CERTIFICATE, "amount": 40_000_000, "guarantor": "西日本"}
    return services.receive_paper(case, actor=officer(case.tenant), at=at, **(typed | values))


def lines(city, **asked):
    """Read the CSV of the table, without its headings."""
    response = clerk(city).get(reverse("guarantee_usage_file"), asked)
    assert response.status_code == 200
    return list(csv.reader(io.StringIO(response.content.decode("utf-8-sig"))))[1:]


def page(city, *roles, **asked):
    response = clerk(city, *(roles or (Role.AUDITOR,))).get(reverse("guarantee_usage"), asked)
    assert response.status_code == 200
    return response.content.decode()


def test_the_table_has_the_columns_of_the_guide_and_counts_by_department(city):
    sewage = Department.unscoped.create(tenant=city, name="下水道課", email="gesui@tosu.example.jp")
    electronic(contracted(department=sewage))
    electronic()
    on_paper()

    response = clerk(city).get(reverse("guarantee_usage_file"))

    assert response.content.decode("utf-8-sig").splitlines() == [
        "課,運用開始時期,前払金保証件数,うち、電子保証利用件数,電子保証利用率",
        "下水道課,2025年4月,1,1,100.0%",
        "建設課,2025年4月,2,1,50.0%",
        "鳥栖市,2025年4月,3,2,66.7%",
    ]
    assert response["Content-Type"] == "text/csv"
    assert "attachment" in response["Content-Disposition"]


def test_the_page_says_the_same_in_words_a_table_and_bars(city):
    electronic()
    on_paper()

    shown = page(city)

    for words in ("鳥栖市における電子保証の利用実績", "前払金保証件数", "うち、電子保証利用件数", "電子保証利用率"):
        assert words in shown
    assert 'aria-label="建設課：2件のうち電子証書1件"' in shown
    assert "50.0%" in shown


def test_only_what_was_deposited_is_counted_once_and_cash_is_no_guarantee(city):
    case = contracted()
    first = electronic(case)
    checked(submitted(contracted(), number="2070000001"))
    refused = submitted(contracted(), number="2070000002")
    services.reject(refused, actor=officer(city), at=FIRST_OF_APRIL, reason="番号が違います。")
    on_paper(type_=GuaranteeType.CONTRACT, paper_kind=PaperKind.CASH, amount=10_000_000, guarantor="")
    services.release(first, actor=officer(city), at=timezone.now(), reason="契約の解除のため。")

    assert lines(city, type="all") == [
        ["建設課", "2025年4月", "1", "1", "100.0%"],
        ["鳥栖市", "2025年4月", "1", "1", "100.0%"],
    ]


def test_a_change_certificate_is_no_further_guarantee(city):
    case = contracted()
    before = electronic(case)
    change = services.want(case, actor=officer(city), at=timezone.now(), type_="advance")
    type(change).unscoped.filter(pk=change.pk).update(amends=before)
    electronic(case)

    assert [line[2] for line in lines(city)] == ["1", "1"]


def test_a_month_begins_at_midnight_in_japan(city):
    electronic(at=LAST_OF_MARCH)
    on_paper(at=FIRST_OF_APRIL)

    assert [line[0] for line in lines(city, by="year")] == ["令和7年度", "令和8年度", "鳥栖市"]
    assert lines(city, until="R8.3")[-1][2:] == ["1", "1", "100.0%"]
    assert lines(city, since="令和8年4月")[-1][2:] == ["1", "0", "0.0%"]
    assert lines(city, since="2026/3", until="2026年4月")[-1][2:] == ["2", "1", "50.0%"]


def test_each_type_and_each_department_may_be_asked_for(city):
    electronic()
    on_paper(type_=GuaranteeType.CONTRACT, amount=10_000_000)
    other = Department.unscoped.get(tenant=city, name="契約検査課")

    assert [line[:1] + line[2:] for line in lines(city, type="all", by="type")] == [
        ["契約保証", "1", "0", "0.0%"],
        ["前払金保証", "1", "1", "100.0%"],
        ["中間前払金保証", "0", "0", "—"],
        ["鳥栖市", "2", "1", "50.0%"],
    ]
    assert lines(city, type="contract")[-1][2:] == ["1", "0", "0.0%"]
    assert lines(city, department=other.pk)[-1][2:] == ["0", "0", "—"]


def test_the_start_is_the_first_version_of_the_rules_that_takes_the_type(city):
    data = RuleSet.unscoped.get(tenant=city).data
    earlier = data | {"guarantee": data["guarantee"] | {"types": ["contract"]}}
    RuleSet.unscoped.create(tenant=city, number=2, name="前の版", effective_date=date(2023, 6, 1), data=earlier)
    never = data | {"guarantee": {"offered": False, "reason": "紙だけです。"}}
    RuleSet.unscoped.create(tenant=city, number=3, name="その前の版", effective_date=date(2020, 4, 1), data=never)

    found = counting.starts(officer(city))

    assert found["contract"] == date(2023, 6, 1)
    assert found["advance"] == date(2025, 4, 1)


@pytest.mark.parametrize(
    ("until", "as_of"),
    [
        (None, "2026年2月6日"),
        (date(2026, 1, 1), "2026年1月末"),
        (date(2026, 2, 1), "2026年2月6日"),
        (date(2030, 1, 1), "2026年2月6日"),
    ],
)
def test_the_table_says_up_to_when_it_counts(city, until, as_of):
    found = counting.report(Wanted(until=until), actor=officer(city), at=datetime(2026, 2, 6, 9, tzinfo=JST))

    assert found.as_of == as_of


def test_another_city_s_guarantees_are_not_counted(city):
    electronic()
    usuki = factories.city("usuki")

    assert lines(usuki, type="all") == [["臼杵市", "2025年4月", "0", "0", "—"]]


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        ({"since": "R7.13"}, "R7.13"),
        ({"since": "R8.4", "until": "R8.3"}, "終わりの月が、始まりの月より前になっています。"),
        ({"type": "bid_bond"}, "正しく選択"),
        ({"department": "0"}, "正しく選択"),
    ],
)
def test_a_question_that_makes_no_sense_is_answered_in_words(city, asked, said):
    for name in ("guarantee_usage", "guarantee_usage_file"):
        response = clerk(city).get(reverse(name), asked)

        assert response.status_code == 422
        assert said in response.content.decode()


def test_many_guarantees_cost_no_more_queries_than_one(city):
    desk = clerk(city)

    def cost():
        with CaptureQueriesContext(
            connection,
        ) as asked:
            assert desk.get(reverse("guarantee_usage"), {"by": "month", "type": "all"}).status_code == 200
        return len(asked)

    electronic()
    cost()
    few = cost()
    for _ in range(3):
        electronic()
        on_paper()

    assert cost() == few


def load(city, content, *roles, as_of="令和8年2月2日", follow=False):
    data = {"as_of_date": as_of, "file": SimpleUploadedFile("導入発注者.csv", content)}
    return clerk(city, *(roles or (Role.ADMINISTRATOR,))).post(
        reverse("guarantee_adopters_replace"), data, follow=follow
    )


def test_the_administrator_replaces_the_list_whole_and_everyone_may_read_it(city):
    load(city, table("市町村,佐賀,古い市,R4.4,"))

    response = load(city, SAMPLE, follow=True)

    assert "導入発注者の一覧を入れ替えました（53件）" in response.content.decode()
    tenancy.set_tenant(city.pk)
    assert not AdoptionRecord.unscoped.filter(orderer="古い市").exists()
    event = Event.objects.of_thread(city.pk, "city").filter(action="adopters.replaced").latest("seq")
    assert '"rows":53' in event.data.replace(" ", "")
    shown = browser().get(reverse("city_adopters", kwargs={"city": "tosu"})).content.decode()
    for words in ("令和8年2月2日現在", "都道府県 22", "国土交通省", "R7.10", "伊万里市"):
        assert words in shown
    assert "導入発注者" in browser().get(reverse("city_guide", kwargs={"city": "tosu"})).content.decode()


def test_a_city_without_the_list_does_not_offer_its_page(city):
    assert "導入発注者" not in browser().get(reverse("city_guide", kwargs={"city": "tosu"})).content.decode()
    assert "一覧はまだありません" in clerk(city).get(reverse("guarantee_adopters")).content.decode()


def test_a_list_with_a_wrong_row_changes_nothing_and_names_the_row(city):
    load(city, SAMPLE)

    response = load(city, table("市町村,佐賀,小城市,R5.13,"))

    assert response.status_code == 422
    assert "2行目の運用開始" in response.content.decode()
    tenancy.set_tenant(city.pk)
    assert AdoptionRecord.unscoped.count() == 53


def test_a_list_from_the_future_is_refused(city):
    response = load(city, SAMPLE, as_of="令和50年1月1日")

    assert response.status_code == 422
    assert "きょうより後になっています" in response.content.decode()


def test_one_city_s_list_is_not_another_s(city):
    load(city, SAMPLE)
    factories.city("usuki")

    shown = browser().get(reverse("city_adopters", kwargs={"city": "usuki"})).content.decode()

    assert "国土交通省" not in shown


def test_an_unsure_row_is_marked_for_the_reader(city):
    load(city, table("市町村,熊本,小国町,R6.4,要確認", "市町村,熊本,錦町,R7.2,"))

    words = re.sub(r"\s+", "", strip_tags(clerk(city).get(reverse("guarantee_adopters")).content.decode()))

    assert "R6.4小国町（要確認）R7.2錦町" in words


def test_only_the_administrator_sees_the_form(city):
    assert "一覧を入れ替える" not in clerk(city).get(reverse("guarantee_adopters")).content.decode()
    assert "一覧を入れ替える" in clerk(city, Role.ADMINISTRATOR).get(reverse("guarantee_adopters")).content.decode()
    assert load(city, SAMPLE, Role.GUARANTEE_OFFICER).status_code == 403


def test_the_contractor_s_page_shows_what_was_announced_and_the_way_to_the_guide(city):
    client, page = entered(contracted())

    shown = client.get(page).content.decode()

    assert "e-Net保証の保証料計算について" in shown
    assert reverse("city_checklist", kwargs={"city": "tosu"}) in shown
