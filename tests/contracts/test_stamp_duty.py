"""The stamp a paper contract would have carried, at every edge of every bracket."""

from datetime import date, timedelta
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contracts import law
from contracts.law.stamp_duty import saved, stamp_duty
from contracts.measures import days_to_conclude, measure

ON = date(2026, 3, 11)
LAST_REDUCED_DAY = date(2027, 3, 31)
# （この額まで、本則、建設工事の軽減）。国税庁 No.7140、No.7108 の表による。
BRACKETS = [
    (9_999, 0, 0),
    (1_000_000, 200, 200),
    (2_000_000, 400, 200),
    (3_000_000, 1_000, 500),
    (5_000_000, 2_000, 1_000),
    (10_000_000, 10_000, 5_000),
    (50_000_000, 20_000, 10_000),
    (100_000_000, 60_000, 30_000),
    (500_000_000, 100_000, 60_000),
    (1_000_000_000, 200_000, 160_000),
    (5_000_000_000, 400_000, 320_000),
    (10**15 - 1, 600_000, 480_000),
]


def yen(kind: str, amount: int | None, on: date = ON) -> int:
    return stamp_duty(kind=kind, amount_without_tax=amount, on=on).yen


@pytest.mark.parametrize(("edge", "usual", "reduced"), BRACKETS)
def test_an_amount_at_the_edge_still_falls_in_its_bracket(edge, usual, reduced):
    assert yen("construction", edge) == reduced
    assert yen("survey_consulting", edge) == yen("maintenance", edge) == yen("other", edge) == usual


@pytest.mark.parametrize(
    ("edge", "usual", "reduced"),
    [(before[0], *after[1:]) for before, after in pairwise(BRACKETS)],
)
def test_one_yen_more_falls_in_the_next_bracket(edge, usual, reduced):
    assert yen("construction", edge + 1) == reduced
    assert yen("survey_consulting", edge + 1) == usual


def test_a_contract_says_by_which_table_and_bracket():
    duty = stamp_duty(kind="construction", amount_without_tax=45_454_546, on=ON)

    assert (duty.yen, duty.table, duty.bracket) == (10_000, "建設工事の軽減税率", "1,000万円を超え5,000万円以下")
    assert stamp_duty(kind="construction", amount_without_tax=0, on=ON).bracket == "1万円未満（非課税）"


@pytest.mark.parametrize("kind", ["construction", "survey_consulting"])
def test_a_contract_without_an_amount_carries_200_yen(kind):
    duty = stamp_duty(kind=kind, amount_without_tax=None, on=ON)

    assert (duty.yen, duty.bracket) == (200, "契約金額の記載のないもの")


def test_the_reduction_ends_with_march_2027():
    day_after = LAST_REDUCED_DAY + timedelta(days=1)

    assert yen("construction", 50_000_000, LAST_REDUCED_DAY) == 10_000
    assert yen("construction", 50_000_000, day_after) == 20_000
    assert stamp_duty(kind="construction", amount_without_tax=50_000_000, on=day_after).table == "本則"


@pytest.mark.parametrize("amount", [None, 0, 50_000_000])
def test_a_day_before_the_tables_is_refused(amount):
    assert yen("construction", 50_000_000, date(2014, 4, 1)) == 10_000
    for ask in (stamp_duty, saved):
        with pytest.raises(ValueError, match="平成26年3月31日の印紙税の税額表がありません。"):
            ask(kind="construction", amount_without_tax=amount, on=date(2014, 3, 31))


def test_a_correction_on_an_unknown_day_is_refused_too():
    with pytest.raises(ValueError, match="税額表がありません"):
        saved(kind="other", amount_without_tax=1, before=1, important=False, on=date(2014, 3, 31))


def test_a_negative_amount_is_refused():
    with pytest.raises(ValueError, match="0円以上"):
        yen("construction", -1)


@pytest.mark.parametrize(
    ("before", "after", "spared"),
    [
        (None, 50_000_000, 10_000),
        (50_000_000, 51_000_000, 200),
        (50_000_000, 51_000_001, 200),
        (50_000_000, 60_000_001, 10_000),
        (50_000_000, 50_009_999, 0),
        (50_000_000, 50_000_000, 200),
        (50_000_000, 40_000_000, 200),
        (50_000_000, None, 200),
    ],
)
def test_an_amendment_is_taxed_on_the_increase_only(before, after, spared):
    assert saved(kind="construction", amount_without_tax=after, before=before, on=ON).yen == spared


def test_an_increase_has_the_usual_rate_where_nothing_is_reduced():
    assert saved(kind="survey_consulting", amount_without_tax=12_000_000, before=10_000_000, on=ON).yen == 400


def test_a_correction_of_nothing_important_needs_no_stamp():
    correction = saved(kind="construction", amount_without_tax=50_000_000, before=50_000_000, important=False, on=ON)

    assert (correction.yen, correction.bracket) == (0, "重要な事項を改めないもの")
    assert saved(kind="construction", amount_without_tax=50_000_000, before=50_000_000, on=ON).yen == 200


def test_the_tables_rise_and_end_open():
    for table in law.read("stamp_duty")["tables"]:
        edges = [row["up_to"] for row in table["brackets"][:-1]]
        duties = [row["yen"] for row in table["brackets"]]

        assert edges == sorted(set(edges))
        assert duties == sorted(duties)
        assert "up_to" not in table["brackets"][-1]


@given(st.integers(0, 10**11), st.integers(0, 10**11))
def test_a_reduction_never_costs_more_and_a_larger_amount_never_less(one, other):
    low, high = sorted((one, other))

    assert yen("construction", low) <= yen("construction", high)
    assert yen("construction", low) <= yen("other", low)


def test_a_conclusion_is_measured_in_yen_and_days():
    measures = measure(
        kind="construction", amount_without_tax=45_454_546, awarded=date(2026, 3, 6), fixed=date(2026, 3, 11)
    )

    assert (measures.stamp_duty_saved, measures.days_to_conclude) == (10_000, 5)


def test_an_amendment_is_measured_without_days():
    measures = measure(kind="construction", amount_without_tax=46_000_000, before=45_000_000, fixed=date(2026, 9, 1))

    assert (measures.stamp_duty_saved, measures.days_to_conclude) == (200, None)


def test_the_day_of_the_award_is_not_counted():
    assert days_to_conclude(awarded=ON, fixed=ON) == 0
    assert days_to_conclude(awarded=date(2026, 2, 27), fixed=ON) == 12


def test_days_that_run_backwards_measure_nothing():
    assert days_to_conclude(awarded=ON, fixed=ON - timedelta(days=1)) is None
