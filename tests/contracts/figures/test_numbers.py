"""Figures add up: medians of days by hand, rates of the guide, and a city that is the sum of its departments."""

import random
from datetime import date
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contracts.figures.charts import SCALE, charts
from contracts.figures.numbers import Figures, Spread
from contracts.figures.reporting import Report, Row, summed
from contracts.figures.usage import Line, rate


@pytest.mark.parametrize(
    ("days", "median", "p90"),
    [
        ([5], 5, 5),
        ([1, 2, 3, 4, 5], 3, 5),
        ([1, 2, 3, 4], 2, 4),
        ([0, 0, 0, 0, 0, 0, 0, 0, 0, 9], 0, 0),
        ([0, 0, 0, 0, 0, 0, 0, 0, 9, 9], 0, 9),
        ([7, 3, 3, 12, 5, 3, 30, 4, 5, 6], 5, 12),
    ],
)
def test_half_and_nine_tenths_of_the_contracts_took_so_many_days(days, median, p90):
    spread = sum((Spread({each: 1}) for each in days), Spread())

    assert (spread.total, spread.median, spread.p90) == (len(days), median, p90)


def test_of_no_contract_there_is_no_median_and_no_rate():
    assert (Spread().median, Spread().p90, Figures().rate) == (None, None, "—")


def test_the_rate_is_of_the_contracts_that_could_have_been_electronic():
    made = Figures(contracts=5, refused=1, other=2, amendments=9)

    assert (made.possible, made.on_paper, made.rate) == (8, 3, "62.5%")


def made_up(dice):
    days = Spread({dice.randrange(60): dice.randint(1, 30) for _ in range(dice.randrange(8))})
    return Figures(*(dice.randrange(5_000) for _ in range(4)), dice.randrange(10**9), days)


@pytest.mark.parametrize("seed", range(60))
def test_a_city_is_the_sum_of_its_departments(seed):
    dice = random.Random(seed)
    parts = [made_up(dice) for _ in range(dice.randrange(7))]
    rows = [Row(f"{number}課", made, Line("", None, 0, 0)) for number, made in enumerate(parts)]
    every = sorted(day for made in parts for day, count in made.days.counts.items() for _ in range(count))

    whole = summed(rows)

    for name in ("contracts", "amendments", "refused", "other", "stamps", "possible"):
        assert getattr(whole, name) == sum(getattr(made, name) for made in parts)
    assert whole.days.total == len(every)
    if every:  # 順位で数えた中央値と同じ
        assert whole.days.median == every[(len(every) * 50 + 99) // 100 - 1]
        assert whole.days.p90 == every[(len(every) * 90 + 99) // 100 - 1]


@given(st.integers(0, 10**6), st.integers(1, 10**6))
def test_a_rate_is_rounded_to_a_tenth_of_a_percent(part, whole):
    told = Fraction(rate(part, whole).removesuffix("%"))

    assert abs(told - Fraction(part * 100, whole)) <= Fraction(1, 20)


def test_bars_are_to_one_scale_and_say_in_words_what_they_show():
    rows = [
        Row("建設課", Figures(contracts=8, refused=2, stamps=10_000, days=Spread({5: 8})), Line("", None, 4, 3)),
        Row("農政課", Figures(contracts=5, stamps=5_000, days=Spread({10: 5})), Line("", None, 0, 0)),
    ]
    found = Report(2025, "課", rows, Row("鳥栖市", summed(rows), Line("", date(2025, 4, 1), 4, 3)))

    by_rate, by_days, by_stamps, by_usage = charts(found)

    assert [(bar.full, bar.pale, bar.said) for bar in by_rate.bars] == [
        (800, 200, "80.0%（10件のうち8件）"),
        (500, 0, "100.0%（5件のうち5件）"),
    ]
    assert [bar.full for bar in by_days.bars] == [SCALE // 2, SCALE]
    assert [bar.said for bar in by_stamps.bars] == ["10,000円", "5,000円"]
    assert [(bar.label, bar.full, bar.pale) for bar in by_usage.bars] == [("建設課", 750, 250)]


def test_where_there_is_nothing_nothing_is_drawn():
    row = Row("建設課", Figures(), Line("", None, 0, 0))

    assert charts(Report(2025, "課", [row], row)) == []
