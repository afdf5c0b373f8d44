"""The arithmetic of guarantees: amounts to the yen, names that forgive spelling, periods to the day."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contracts import presets
from guarantees import rules
from guarantees.rules import CertificateFacts, ContractFacts, Finding

TERMS = presets.load("tosu")["guarantee"]["amounts"]
ENDS = date(2026, 9, 30)
CONTRACT = ContractFacts(("鳥栖市長", "鳥栖市"), "市道〇〇線道路改良工事", 100_000_000, ENDS)


def found(*, minimum: int = 1, maximum: int | None = None, **read: object) -> dict[str, rules.Line]:
    facts = {
        "beneficiary": "鳥栖市長",
        "work_title": CONTRACT.work_title,
        "guaranteed_amount": 40_000_000,
        "guaranteed_until": ENDS,
    } | read
    lines = rules.compare(CertificateFacts(**facts), CONTRACT, minimum=minimum, maximum=maximum)
    return {line.subject: line for line in lines}


@pytest.mark.parametrize(
    ("price", "type_", "expected"),
    [
        (100_000_000, "advance", (1, 40_000_000)),
        (100_000_000, "contract", (10_000_000, None)),
        (50_000_000, "advance", (1, 20_000_000)),
        (50_000_000, "interim_advance", (1, 10_000_000)),
        (11, "contract", (2, None)),
        (11, "advance", (1, 4)),
    ],
)
def test_the_amounts_of_the_guide_come_out_to_the_yen(price, type_, expected):
    assert rules.expected_amounts(TERMS, type_=type_, price=price) == expected


@given(price=st.integers(1, 10**15))
def test_no_bound_gives_way_by_a_fraction_of_a_yen(price):
    minimum, _ = rules.expected_amounts(TERMS, type_="contract", price=price)
    _, maximum = rules.expected_amounts(TERMS, type_="advance", price=price)

    assert minimum * 100 >= price * 10 > (minimum - 1) * 100
    assert maximum is not None
    assert maximum * 100 <= price * 40 < (maximum + 1) * 100


def test_short_by_one_yen_is_short_and_says_so():
    line = found(guaranteed_amount=9_999_999, minimum=10_000_000)["保証金額"]

    assert line.outcome is Finding.SHORT
    assert line.text == "必要な額 10,000,000円 に 1円 足りません。"
    assert found(guaranteed_amount=10_000_000, minimum=10_000_000)["保証金額"].outcome is Finding.FITS


def test_one_yen_above_the_limit_of_an_advance_is_for_a_person_to_decide():
    line = found(guaranteed_amount=40_000_001, maximum=40_000_000)["保証金額"]

    assert (line.outcome, line.text) == (Finding.UNSURE, "上限 40,000,000円 を 1円 超えています。")


@pytest.mark.parametrize("read", ["鳥栖市長", "鳥栖市", "鳥栖市　長", " 鳥栖市長 "])
def test_a_beneficiary_may_be_written_in_the_ways_people_write_it(read):
    assert found(beneficiary=read)["被保証者"].outcome is Finding.FITS


@pytest.mark.parametrize(
    ("title", "outcome"),
    [
        ("市道○○線　道路改良工事", Finding.FITS),
        ("市道〇〇線 道路改良工事", Finding.FITS),
        ("県道〇〇線道路改良工事", Finding.UNSURE),
    ],
)
def test_a_title_that_differs_is_shown_to_a_person_and_never_refused(title, outcome):
    lines = found(work_title=title)

    assert lines["工事名"].outcome is outcome
    assert (lines["工事名"].read, lines["工事名"].expected) == (title, CONTRACT.work_title)
    assert rules.passes(tuple(lines.values()))


@given(days=st.integers(-400, 400))
def test_a_period_fits_exactly_when_it_reaches_the_end_of_the_work(days):
    line = found(guaranteed_until=ENDS + timedelta(days=days))["保証期間の終わり"]

    assert (line.outcome is Finding.FITS) == (days >= 0)
    assert days >= 0 or f"{-days}日 足りません" in line.text


def test_papers_that_are_missing_are_named_in_the_order_of_the_rules():
    assert rules.missing(["notice", "certificate_screen"], ["notice"]) == ("certificate_screen",)
    assert rules.missing(["notice", "certificate_screen"], []) == ("notice", "certificate_screen")
    assert rules.missing(["notice"], ["notice", "certificate_screen"]) == ()
