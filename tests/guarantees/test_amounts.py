"""What a guarantee must secure and what may be paid in advance: the guides' figures, and no yen lost on the way."""

from dataclasses import replace
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contracts import presets
from contracts.rules import Threshold, guarantee_terms
from guarantees.rules import amounts
from guarantees.rules.amounts import Work

TOSU = guarantee_terms(presets.load("tosu"), "construction")
PRICES = st.integers(1, 10**15)
WORK = Work(date(2026, 4, 1), date(2026, 9, 27))


def with_limit(type_, **limit):
    return replace(TOSU, thresholds={**TOSU.thresholds, type_: Threshold(**limit)})


@pytest.mark.parametrize(
    ("price", "type_", "fitting"),
    [
        (100_000_000, "advance", (1, 40_000_000)),
        (100_000_000, "contract", (10_000_000, None)),
        (50_000_000, "advance", (1, 20_000_000)),
        (50_000_000, "interim_advance", (1, 10_000_000)),
        (11, "contract", (2, None)),
        (11, "advance", (1, 4)),
    ],
)
def test_the_amounts_of_the_guide_come_out_to_the_yen(price, type_, fitting):
    found = amounts.expected(TOSU, type_=type_, price=price)

    assert (found.minimum, found.maximum, found.why_not) == (*fitting, "")


@given(price=PRICES)
def test_no_bound_gives_way_by_a_fraction_of_a_yen(price):
    minimum = amounts.expected(TOSU, type_="contract", price=price).minimum
    maximum = amounts.expected(TOSU, type_="advance", price=price).maximum

    assert minimum * 100 >= price * 10 > (minimum - 1) * 100
    assert maximum * 100 <= price * 40 < (maximum + 1) * 100


def test_an_amount_short_or_over_by_one_yen_is_named_to_the_yen():
    contract = amounts.expected(TOSU, type_="contract", price=100_000_000)
    advance = amounts.expected(TOSU, type_="advance", price=100_000_000)

    assert (contract.short(9_999_999), contract.short(10_000_000), contract.over(10**12)) == (1, 0, 0)
    assert (advance.over(40_000_001), advance.over(40_000_000), advance.short(1)) == (1, 0, 0)
    assert (contract.text, advance.text) == ("10,000,000円以上", "40,000,000円以下")


def test_design_and_survey_get_thirty_percent_and_no_interim():
    design = guarantee_terms(presets.load("tosu"), "survey_consulting")

    assert amounts.expected(design, type_="advance", price=10_000_000).maximum == 3_000_000
    assert amounts.expected(design, type_="interim_advance", price=10_000_000).why_not == (
        "割合の定めがないため、中間前払金は支払いません。"
    )


@pytest.mark.parametrize(("unit", "maximum"), [(1, 4_938_271), (1_000, 4_938_000), (100_000, 4_900_000)])
def test_an_advance_is_rounded_down_to_the_unit_of_the_city_and_a_guarantee_is_not(unit, maximum):
    terms = replace(TOSU, rounding=unit)

    assert amounts.expected(terms, type_="advance", price=12_345_678).maximum == maximum
    assert amounts.expected(terms, type_="contract", price=12_345_678).minimum == 1_234_568


def test_an_advance_is_reckoned_from_its_part_of_the_price_and_a_guarantee_from_the_whole():
    advance = amounts.expected(TOSU, type_="advance", price=100_000_000, base_price=60_000_000)
    contract = amounts.expected(TOSU, type_="contract", price=100_000_000, base_price=60_000_000)

    assert (advance.maximum, advance.base) == (24_000_000, 60_000_000)
    assert (contract.minimum, contract.base) == (10_000_000, 100_000_000)


def test_a_low_bid_raises_the_guarantee_where_the_city_says_so():
    terms = replace(TOSU, low_price_percents={"contract": 30, "advance": 20})

    def fitting(type_, **more):
        found = amounts.expected(terms, type_=type_, price=80_000_000, **more)
        return found.minimum, found.maximum

    assert (fitting("contract"), fitting("advance")) == ((8_000_000, None), (1, 32_000_000))
    assert fitting("contract", low_price=True) == (24_000_000, None)
    assert fitting("advance", low_price=True) == (1, 16_000_000)
    assert fitting("interim_advance", low_price=True) == (1, 16_000_000)


def test_below_the_threshold_no_guarantee_is_asked_for_and_no_advance_paid():
    contract = with_limit("contract", from_price=3_000_000)
    advance = with_limit("advance", from_price=1_300_000)

    assert amounts.expected(contract, type_="contract", price=3_000_000).minimum == 300_000
    below = amounts.expected(contract, type_="contract", price=2_999_999)
    assert (below.minimum, below.maximum) == (0, 0)
    assert below.text == "請負代金額が3,000,000円に満たないため、契約の保証は要りません。"
    assert amounts.expected(advance, type_="advance", price=1_299_999).why_not == (
        "請負代金額が1,300,000円に満たないため、前払金は支払いません。"
    )


@pytest.mark.parametrize(
    ("limit", "starts", "ends", "is_paid"),
    [
        ({"shortest_days": 90}, date(2026, 4, 1), date(2026, 6, 29), True),
        ({"shortest_days": 90}, date(2026, 4, 1), date(2026, 6, 28), False),
        ({"shortest_months": 3}, date(2026, 4, 1), date(2026, 6, 30), True),
        ({"shortest_months": 3}, date(2026, 4, 1), date(2026, 6, 29), False),
        ({"shortest_months": 3}, date(2026, 11, 30), date(2027, 2, 27), True),
        ({"shortest_months": 3}, date(2026, 11, 30), date(2027, 2, 26), False),
    ],
)
def test_short_works_get_no_advance(limit, starts, ends, is_paid):
    terms = with_limit("advance", **limit)
    found = amounts.expected(terms, type_="advance", price=10_000_000, work=Work(starts, ends))

    assert (not found.why_not) == is_paid
    assert is_paid or "に満たないため、前払金は支払いません。" in found.why_not


# 増額と減額


def more(type_, price, advance, interim=0):
    return amounts.payable(TOSU, type_=type_, price=price, advance=advance, interim=interim)


def test_a_raised_price_allows_what_is_missing_to_its_share():
    assert more("advance", 130_000_000, 40_000_000) == 12_000_000
    assert more("advance", 130_000_000, 52_000_001) == 0
    assert more("advance", 130_000_000, 40_000_000, 20_000_000) == 12_000_000
    assert more("interim_advance", 130_000_000, 40_000_000, 20_000_000) == 6_000_000


def test_an_interim_advance_adds_its_own_share_and_does_not_make_up_for_the_first():
    assert more("interim_advance", 100_000_000, 40_000_000) == 20_000_000
    assert more("interim_advance", 100_000_000, 35_000_000) == 20_000_000


def test_what_was_received_too_much_of_one_is_not_paid_again_as_the_other():
    assert more("interim_advance", 90_000_000, 40_000_000) == 14_000_000


def test_a_reduced_price_asks_back_only_what_exceeds_half_of_it():
    def back(price, received, *, with_interim=False):
        return amounts.refund(TOSU, price=price, received=received, with_interim=with_interim)

    assert back(80_000_000, 40_000_000) == 0
    assert back(70_000_000, 40_000_000) == 5_000_000
    assert back(90_000_000, 60_000_000, with_interim=True) == 6_000_000
    assert back(100_000_000, 60_000_000, with_interim=True) == 0


@given(price=PRICES, received=PRICES, with_interim=st.booleans())
def test_a_refund_never_takes_a_fraction_too_much_and_leaves_less_than_a_yen(price, received, with_interim):
    share = price * (60 if with_interim else 50)
    back = amounts.refund(TOSU, price=price, received=received, with_interim=with_interim)

    assert 0 <= back <= received
    assert back == 0 or (received - back) * 100 >= share
    assert (received - back - 1) * 100 < share


def test_a_guarantee_goes_on_covering_what_was_received_when_the_price_falls():
    found = amounts.expected(TOSU, type_="advance", price=80_000_000, received=40_000_000)

    assert (found.minimum, found.maximum) == (40_000_000, 40_000_000)


# 中間前払金の認定


def proof(**facts):
    found = {"base": 100_000_000, "done_amount": 50_000_000, "work": WORK, "on": date(2026, 6, 30), "on_schedule": True}
    return amounts.unproven(TOSU, **found | facts)


def test_an_interim_advance_is_recognised_when_half_the_time_and_half_the_work_are_behind():
    assert WORK.days == 180
    assert proof() == ()


def test_each_thing_that_is_missing_for_the_recognition_is_named():
    assert proof(on=date(2026, 6, 29)) == ("工期（180日）の100分の50を経過していません（経過は89日）。",)
    assert proof(done_amount=49_999_999) == ("行われた作業に要する経費が、請負代金額の100分の50に 1円 足りません。",)
    assert proof(on_schedule=False) == ("工程表によりその時期までに実施すべき作業が行われていません。",)
    assert len(proof(on=WORK.starts - timedelta(days=9), done_amount=0, on_schedule=False)) == 3
