"""The usage table: the figures of the guide come out as they were printed (R97), however they are told apart."""

from datetime import date
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from guarantees.reports import usage
from guarantees.reports.usage import Cell, Line

# 案内の「佐賀県内電子保証導入自治体における利用実績（2026年1月末現在）」
PRINTED = [
    ("佐賀県", "2024年5月", 1_870, 1_554, "83.1%"),
    ("佐賀市", "2023年6月", 732, 561, "76.6%"),
    ("唐津市", "2024年4月", 373, 287, "76.9%"),
    ("多久市", "2025年4月", 29, 26, "89.7%"),
    ("伊万里市", "2025年10月", 31, 25, "80.6%"),
    ("武雄市", "2025年4月", 65, 56, "86.2%"),
    ("小城市", "2023年4月", 148, 134, "90.5%"),
    ("玄海町", "2025年7月", 17, 13, "76.5%"),
]
ADVANCE = {"advance": "前払金保証"}
TYPES = {"contract": "契約保証", "advance": "前払金保証", "interim_advance": "中間前払金保証"}


def cell(month="2025-05-01", n=1, electronic=0, *, type_="advance", department="建設課"):
    return Cell(type_, department, date.fromisoformat(month), n, electronic)


def folded(cells, by="department", types=ADVANCE, starts=None):
    shown, total = usage.lines(cells, by=by, types=types, starts=starts or {}, whole="鳥栖市")
    return [(line.label, line.count, line.electronic, line.rate) for line in shown], total


@pytest.mark.parametrize(("orderer", "start", "count", "electronic", "rate"), PRINTED, ids=[row[0] for row in PRINTED])
def test_a_municipality_of_the_guide_comes_out_as_printed(orderer, start, count, electronic, rate):
    year, month = start.removesuffix("月").split("年")
    starts = {"advance": date(int(year), int(month), 1)}
    cells = [cell(n=count - electronic), cell("2025-06-01", n=electronic, electronic=electronic, department="農政課")]

    _, line = usage.lines(cells, by="department", types=ADVANCE, starts=starts, whole=orderer)

    assert (line.label, line.start_text, line.count, line.electronic, line.rate) == (
        orderer,
        start,
        count,
        electronic,
        rate,
    )


def test_the_whole_of_the_guide_s_table_is_three_thousand_of_which_four_fifths_are_electronic():
    cells = [cell(n=count, electronic=electronic, department=name) for name, _, count, electronic, _ in PRINTED]

    _, total = folded(cells)

    assert (total.count, total.electronic, total.rate) == (3_265, 2_656, "81.3%")


@given(st.integers(1, 10**6).flatmap(lambda n: st.tuples(st.just(n), st.integers(0, n))))
def test_a_rate_is_the_nearest_tenth_with_halves_up(counted):
    count, electronic = counted
    rate = Line("", None, count, electronic).rate

    exact = Fraction(100 * electronic, count)
    assert -Fraction(1, 20) < Fraction(rate.removesuffix("%")) - exact <= Fraction(1, 20)


@pytest.mark.parametrize(
    ("count", "electronic", "rate"), [(0, 0, "—"), (1, 0, "0.0%"), (2000, 1, "0.1%"), (7, 7, "100.0%")]
)
def test_the_ends_of_the_scale(count, electronic, rate):
    assert Line("", None, count, electronic).rate == rate


def test_departments_are_told_apart_and_add_up():
    shown, total = folded(
        [cell(n=3, electronic=2), cell("2026-01-01", n=1), cell(n=4, electronic=4, department="下水道課")]
    )

    assert shown == [("下水道課", 4, 4, "100.0%"), ("建設課", 4, 2, "50.0%")]
    assert (total.label, total.count, total.electronic) == ("鳥栖市", 8, 6)


def test_every_type_is_shown_with_its_own_start():
    starts = {"contract": date(2026, 3, 1), "advance": date(2025, 4, 1)}
    cells = [cell(type_="contract", n=2, electronic=1), cell(n=5, electronic=5)]

    shown, total = usage.lines(cells, by="type", types=TYPES, starts=starts, whole="鳥栖市")

    assert [(line.label, line.start_text, line.rate) for line in shown] == [
        ("契約保証", "2026年3月", "50.0%"),
        ("前払金保証", "2025年4月", "100.0%"),
        ("中間前払金保証", "", "—"),
    ]
    assert total.start_text == "2025年4月"


def test_a_fiscal_year_begins_in_april_and_empty_years_are_not_skipped():
    shown, _ = folded([cell("2019-03-01"), cell("2019-04-01", electronic=1), cell("2022-03-01")], by="year")

    assert [label for label, *_ in shown] == ["平成30年度", "令和元年度", "令和2年度", "令和3年度"]
    assert [rate for *_, rate in shown] == ["0.0%", "100.0%", "—", "0.0%"]


def test_months_run_on_over_the_turn_of_the_year():
    shown, _ = folded([cell("2025-11-01", n=2), cell("2026-02-01", n=1, electronic=1)], by="month")

    assert [(label, n) for label, n, *_ in shown] == [
        ("2025年11月", 2),
        ("2025年12月", 0),
        ("2026年1月", 0),
        ("2026年2月", 1),
    ]


@pytest.mark.parametrize("by", usage.BREAKDOWNS)
def test_without_any_guarantee_there_is_a_total_of_nothing(by):
    _, total = folded([], by=by)

    assert (total.count, total.rate) == (0, "—")


def test_the_longest_bar_is_full_and_the_others_are_to_its_scale():
    drawn = usage.bars([Line("a", None, 40, 30), Line("b", None, 10, 0), Line("c", None, 0, 0)])

    assert [(bar.electronic, bar.on_paper) for bar in drawn] == [(750, 250), (0, 250), (0, 0)]
    assert usage.bars([]) == []
