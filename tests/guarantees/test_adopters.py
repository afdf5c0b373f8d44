"""The list of adopters (R98): read with its era months, counted by class, laid out by area, replaced whole."""

from datetime import date
from pathlib import Path

import pytest
from django.conf import settings

from contracts.dates import parse_month, wareki_month
from contracts.tables import TableRefused
from guarantees.reports import adopters
from tests.guarantees.test_usage_table import PRINTED

HEADINGS = "区分,地域,発注者名,運用開始,要確認\r\n"
SAMPLE = Path(settings.BASE_DIR, "config/demo/adopters.csv").read_bytes()


def table(*rows: str) -> bytes:
    return (HEADINGS + "".join(f"{row}\r\n" for row in rows)).encode()


@pytest.mark.parametrize(
    ("text", "month"),
    [
        ("R7.4", date(2025, 4, 1)),
        ("Ｒ８．１", date(2026, 1, 1)),
        ("R4.12", date(2022, 12, 1)),
        ("令和5年10月", date(2023, 10, 1)),
        ("H31.4", date(2019, 4, 1)),
        ("2025年7月", date(2025, 7, 1)),
    ],
)
def test_a_start_month_is_read_from_every_era_notation(text, month):
    (adopter,) = adopters.read(table(f"市町村,佐賀,武雄市,{text},"))

    assert adopter.started_month == month
    assert parse_month(wareki_month(month)) == month


def test_an_orderer_without_area_or_month_is_an_orderer_still():
    (adopter,) = adopters.read(table("国,,国土交通省,,"))

    assert (adopter.kind, adopter.area, adopter.orderer, adopter.started_month) == ("state", "", "国土交通省", None)


def test_every_wrong_row_is_named_and_none_is_taken():
    with pytest.raises(TableRefused) as refused:
        adopters.read(
            table("市町村,佐賀,小城市,R5.4,", "市,佐賀,武雄市,R7.4,", "市町村,佐賀,多久市,R7.13,", "国,,,,たぶん")
        )

    said = "\n".join(refused.value.problems)
    for words in (
        "3行目の区分: 「市」という区分はありません",
        "4行目の運用開始",
        "5行目の発注者名: 空です",
        "5行目の要確認",
    ):
        assert words in said
    assert "2行目" not in said


def test_an_orderer_named_twice_is_refused_by_name():
    with pytest.raises(TableRefused, match="同じ発注者が二度あります: 小城市。"):
        adopters.read(table("市町村,佐賀,小城市,R5.4,", "市町村,佐賀,小城市,R6.4,"))


def test_the_months_of_the_two_tables_of_the_guide_agree():
    listed = {each.orderer: each.started_month for each in adopters.read(SAMPLE)}

    for orderer, start, *_ in PRINTED:
        assert listed[orderer] == parse_month(start)


def test_the_sample_holds_what_is_legible_in_the_guide():
    kinds = [each.kind for each in adopters.read(SAMPLE)]

    assert (kinds.count("state"), kinds.count("prefecture"), kinds.count("capital")) == (10, 22, 15)
