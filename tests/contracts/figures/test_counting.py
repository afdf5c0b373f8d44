"""A fiscal year counted from real rows, by hand, on the page, in CSV and on paper."""

import csv
import io
import re

import pikepdf
import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils.html import strip_tags
from PIL import Image

from accounts.models import Role
from accounts.tenancy import set_tenant
from contracts.figures.counting import Span, count
from contracts.figures.reporting import report
from contracts.views import figures
from tests import factories
from tests.contracts.figures import scene
from tests.stories import story, written

pytestmark = pytest.mark.django_db
HEADING = [
    *("課", "電子で締結した契約", "紙（承諾なし）", "紙（そのほか）", "電子契約率", "変更契約・訂正合意"),
    *("落札から締結までの日数（中央値）", "同（9割がこの日数まで）", "節約した印紙税（円）"),
    *("電子保証の運用開始時期", "保証件数", "うち、電子保証利用件数", "電子保証利用率"),
]
NOTHING = ["2025年4月", "0", "0", "—"]


@pytest.fixture
def tosu(db):
    tosu = factories.city("tosu")
    scene.year(tosu)
    return tosu


def browser(city, *roles) -> Client:
    client = Client()
    client.force_login(factories.member(city, *(roles or (Role.AUDITOR,))))
    return client


def table(city, **asked) -> list[list[str]]:
    response = browser(city).get("/figures.csv", asked)
    return list(csv.reader(io.StringIO(response.content.decode("utf-8-sig"))))


def test_a_year_is_counted_by_department_as_a_hand_counts_it_whatever_the_next_city_has(tosu):
    scene.year(factories.city("kiyama"))
    set_tenant(tosu.pk)

    assert table(tosu, year=2025) == [
        HEADING,
        ["建設課", "3", "0", "1", "75.0%", "1", "5", "9", "25200", *NOTHING],
        ["農政課", "1", "1", "0", "50.0%", "0", "2", "2", "1000", *NOTHING],
        ["鳥栖市", "4", "1", "1", "66.7%", "1", "3", "9", "26200", *NOTHING],
    ]


def test_each_year_has_its_own_rows_and_an_unknown_one_shows_this_year(tosu):
    assert [row[1] for row in table(tosu, year=2024)[1:]] == ["1", "0", "1"]
    assert table(tosu, year="千年") == table(tosu, year=2026) == table(tosu)


def test_what_was_really_concluded_is_measured_by_the_law_s_table(db):
    told = story("tosu").concluded()
    year = report(2026, actor=told.drafter)

    made = year.total.figures

    assert (made.contracts, made.days.counts, made.stamps) == (1, {0: 1}, 5_000)  # 税抜1,000万円の建設工事、軽減後
    assert [row.label for row in year.rows] == ["建設課"]


def test_the_page_shows_charts_that_say_what_they_show_and_a_table_behind_each(tosu):
    client = browser(tosu)
    before = written()

    html = client.get("/figures/", {"year": 2025}).content.decode()

    assert written() == before
    for key in ("rate", "days", "stamps"):
        assert f'id="table-{key}"' in html
        named = re.findall(rf'aria-labelledby="({key}-\d+-title) ({key}-\d+-desc)"', html)
        assert len(named) == 2
        for title, desc in named:
            assert re.search(rf'<title id="{title}">[^<]+課</title>', html)
            assert re.search(rf'<desc id="{desc}">[^<]+</desc>', html)
    words = " ".join(strip_tags(html).split())
    for said in ("75.0%（4件のうち3件）", "中央値5日、9割が9日まで", "25,200円", "66.7%", "令和7年度"):
        assert said in words


def test_the_figures_are_printed_with_charts_and_table(tosu):
    response = browser(tosu).post("/figures.pdf", {"year": 2025})

    assert response["Content-Type"] == "application/pdf"
    with pikepdf.open(io.BytesIO(response.content)) as paper:
        assert "鳥栖市" in str(paper.docinfo["/Title"])
        assert len(paper.pages) in {1, 2}


def test_each_chart_is_handed_out_as_a_picture_of_what_is_on_it(tosu):
    client = browser(tosu)
    assert "/figures.png?chart=days&amp;year=2025" in client.get("/figures/", {"year": 2025}).content.decode()

    pictures = {}
    for key in ("rate", "days", "stamps"):
        response = client.get("/figures.png", {"year": 2025, "chart": key})
        assert response["Content-Type"] == "image/png"
        assert response["Cache-Control"] == "no-store"
        with Image.open(io.BytesIO(response.content)) as picture:
            assert picture.width == 1800
            assert picture.height < picture.width / 2  # 余白を残さない
            assert len(picture.getcolors()) > 2
        pictures[key] = response.content

    assert len(set(pictures.values())) == 3
    assert len(max(pictures.values(), key=len)) < 100_000


def test_many_departments_are_shown_page_by_page_with_the_sum_of_all(tosu, monkeypatch):
    monkeypatch.setattr(figures, "LINES", 1)
    client = browser(tosu)

    pages = [client.get("/figures/", {"year": 2025, "page": number}).content.decode() for number in (1, 2)]

    assert [[name in page for name in ("建設課", "農政課")] for page in pages] == [[True, False], [False, True]]
    assert all("66.7%" in page for page in pages)
    assert client.get("/figures.png", {"year": 2025})["Content-Type"] == "image/png"


def test_a_year_without_contracts_says_so(db):
    client = browser(factories.city("tosu"))
    html = client.get("/figures/").content.decode()

    assert "この年度には、まだ契約がありません" in html
    assert client.get("/figures.png")["Location"].startswith("/figures/?year=")


@pytest.mark.parametrize("role", [role for role in Role if role not in {Role.UNDERWRITER, Role.OPERATOR}])
def test_everyone_of_the_city_may_look_auditors_too(db, role):
    assert browser(factories.city("tosu"), role).get("/figures/").status_code == 200


def test_the_cost_of_a_page_does_not_grow_with_the_rows(tosu):
    client = browser(tosu)

    def asked() -> int:
        with CaptureQueriesContext(connection) as queries:
            assert client.get("/figures/", {"year": 2025}).status_code == 200
        return len(queries)

    before = asked()
    set_tenant(tosu.pk)
    scene.year(tosu)

    assert asked() == before


def test_the_departments_of_real_rows_add_up_to_the_city(tosu):
    actor = factories.staff(tosu, Role.AUDITOR)

    found = report(2025, actor=actor)

    counted = count(Span(2025), actor=actor)
    assert sum(made.contracts for made in counted.values()) == found.total.figures.contracts == 4
    assert sum(row.usage.count for row in found.rows) == found.total.usage.count


@pytest.mark.parametrize(
    ("index", "columns"),
    [
        ("archive_current", "(tenant_id, concluded_date DESC,"),
        ("case_on_paper", "(tenant_id, paper_contract_date)"),
        ("guarantee_deposited", "(tenant_id, decided_at)"),
    ],
)
def test_each_number_of_a_year_has_an_index_over_its_days(db, index, columns):
    with connection.cursor() as cursor:
        cursor.execute("select indexdef from pg_indexes where indexname = %s", [index])
        ((definition,),) = cursor.fetchall()

    assert columns in definition
