"""The figures across municipalities: rows that each city's night leaves, and a table of all of them for operators."""

import csv
import io
from datetime import datetime, timedelta

import pytest
from django.core.exceptions import PermissionDenied
from django.test import Client

from accounts import tenancy
from accounts.models import Organization, OrganizationKind, Role
from contracts.dates import JST
from contracts.figures import platform, reporting
from contracts.models import CityFigures
from contracts.services import figures
from tests import factories
from tests.contracts.figures import scene
from tests.guarantees.test_usage_table import PRINTED

EVERY = {"transaction": True, "databases": ["default", "owner", "ops"]}
NOON = datetime(2026, 5, 11, 12, tzinfo=JST)


def operator() -> factories.Actor:
    house, _ = Organization.objects.get_or_create(slug="ops", kind=OrganizationKind.OPERATOR, name="運営者")
    with tenancy.acting_for(house.pk):
        return factories.Actor(
            kind=factories.ActorKind.STAFF, tenant_id=house.pk, name="運営", roles=frozenset({Role.OPERATOR})
        )


def rows_of(city) -> dict[int, CityFigures]:
    with tenancy.acting_for(city.pk):
        return {row.fiscal_year: row for row in CityFigures.unscoped.filter(tenant=city)}


@pytest.mark.django_db
def test_a_night_writes_every_year_of_every_city_and_the_next_only_what_may_change():
    tosu, kiyama = factories.city("tosu"), factories.city("kiyama")
    scene.year(kiyama)

    assert figures.write_all(at=NOON) == 2
    assert figures.write_all(at=NOON + timedelta(hours=1)) == 0
    assert figures.write_all(at=NOON + timedelta(days=1)) == 2

    written = {year: row.written_at for year, row in rows_of(kiyama).items()}
    assert written == {2024: NOON, 2025: NOON + timedelta(days=1), 2026: NOON + timedelta(days=1)}
    assert sorted(rows_of(tosu)) == [2025, 2026]
    row = rows_of(kiyama)[2025]
    assert (row.contracts, row.amendments, row.refused, row.other, row.stamps) == (4, 1, 1, 1, 26_200)
    assert row.days == {"5": 1, "3": 1, "9": 1, "2": 1}


@pytest.mark.django_db
def test_a_city_that_fails_holds_up_no_other_and_is_done_when_asked_again(monkeypatch):
    tosu, kiyama = factories.city("tosu"), factories.city("kiyama")
    whole = figures.report

    def stumble(year, *, actor):
        if actor.tenant_id == tosu.pk and year == 2026:
            raise RuntimeError("途中で止まった")
        return whole(year, actor=actor)

    monkeypatch.setattr(figures, "report", stumble)
    assert figures.write_all(at=NOON) == 1
    assert (sorted(rows_of(tosu)), sorted(rows_of(kiyama))) == ([], [2025, 2026])  # 一市の取引は、全部か無か

    monkeypatch.setattr(figures, "report", whole)
    assert figures.write_all(at=NOON + timedelta(minutes=5)) == 1
    assert sorted(rows_of(tosu)) == [2025, 2026]


def printed() -> None:
    """Write the rows of the guide (R97) as if their cities' nights had left them."""
    for number, (name, start, count, electronic, _) in enumerate(PRINTED):
        year, month = start.removesuffix("月").split("年")
        city = Organization.objects.create(slug=f"saga{number}", name=name, kind=OrganizationKind.MUNICIPALITY)
        with tenancy.acting_for(city.pk):
            CityFigures.unscoped.create(
                tenant=city,
                fiscal_year=2025,
                contracts=number,
                amendments=0,
                refused=1,
                other=0,
                stamps=1_000,
                days={str(number): number} if number else {},
                guarantee_start=datetime(int(year), int(month), 1, tzinfo=JST).date(),
                guarantees=count,
                electronic_guarantees=electronic,
                written_at=NOON,
            )


@pytest.mark.django_db(**EVERY)
def test_operators_see_all_municipalities_in_the_columns_of_the_guide():
    printed()

    found = platform.report(2025, actor=operator())

    lines = list(csv.reader(io.StringIO(b"".join(reporting.write(found)).decode("utf-8-sig"))))
    assert lines[0][0] == "自治体"
    assert sorted((row[0], *row[-4:]) for row in lines[1:-1]) == sorted(
        (name, start, str(count), str(electronic), rate) for name, start, count, electronic, rate in PRINTED
    )
    assert [lines[-1][0], *lines[-1][-4:]] == ["すべての自治体", "", "3265", "2656", "81.3%"]
    whole = found.total.figures
    assert (whole.contracts, whole.refused, whole.rate, whole.stamps) == (28, 8, "77.8%", 8_000)
    assert (whole.days.median, whole.days.p90) == (5, 7)  # 1,2,2,3,3,3,… と並べた28件の14番目と26番目


@pytest.mark.django_db(**EVERY)
def test_the_operator_s_pages_show_it_and_nobody_of_a_city_comes_in():
    printed()
    house = Organization.objects.create(slug="ops", kind=OrganizationKind.OPERATOR, name="運営者")
    with tenancy.acting_for(house.pk):
        factories.Department.unscoped.create(tenant=house, name="建設課")
        person = factories.member(house, Role.OPERATOR)
    client, stranger = Client(), Client()
    client.force_login(person)
    tosu = Organization.objects.get(slug="saga1")
    with tenancy.acting_for(tosu.pk):
        factories.Department.unscoped.create(tenant=tosu, name="建設課")
        clerk = factories.member(tosu, *Role.of("municipality"))
    stranger.force_login(clerk)

    html = client.get("/platform/figures/", {"year": 2025}).content.decode()

    for name, start, _, _, rate in PRINTED:
        assert all(word in html for word in (name, start, rate))
    assert client.get("/platform/figures.csv", {"year": 2025}).status_code == 200
    assert client.post("/platform/figures.pdf", {"year": 2025})["Content-Type"] == "application/pdf"
    assert stranger.get("/platform/figures/").status_code == stranger.get("/platform/figures.csv").status_code == 403
    assert stranger.post("/platform/figures.pdf").status_code == 403


@pytest.mark.django_db
def test_asking_without_being_an_operator_is_refused():
    with pytest.raises(PermissionDenied):
        platform.report(2025, actor=factories.staff(factories.city("tosu"), Role.ADMINISTRATOR))


@pytest.mark.django_db
def test_a_city_sees_no_row_of_another_city():
    tosu, kiyama = factories.city("tosu"), factories.city("kiyama")
    figures.write_all(at=NOON)

    tenancy.set_tenant(tosu.pk)

    assert set(CityFigures.unscoped.values_list("tenant_id", flat=True)) == {tosu.pk}
    assert kiyama.pk != tosu.pk
