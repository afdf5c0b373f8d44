"""What is typed into the box and ticked beside it comes to one question."""

from datetime import date

import pytest
from django.http import QueryDict
from hypothesis import given
from hypothesis import strategies as st

from contracts.archive.asking import Wanted
from contracts.archive.box import order_by, together, wanted_by
from contracts.archive.names import Names
from contracts.archive.paging import COLUMNS, Order, write_order
from contracts.forms.archive import CHOSEN, ORDERS, ArchiveForm
from contracts.models import Archived, EntryState
from contracts.phrases import read_phrase

TODAY = date(2026, 3, 11)
NAMES = Names(kinds={"construction": "建設工事", "other": "その他"}, departments={7: "道路課", 8: "建築課"})


def wanted(text: str) -> Wanted:
    return wanted_by(read_phrase(text, today=TODAY, vocabulary=NAMES.vocabulary))


def form(**asked: str | list[str]) -> ArchiveForm:
    query = QueryDict(mutable=True)
    for name, value in asked.items():
        query.setlist(name, value if isinstance(value, list) else [value])
    return ArchiveForm(query, names=NAMES, today=TODAY)


@pytest.mark.parametrize(
    ("text", "asks"),
    [
        (
            "令和7年度 橋梁 500万円以上 松尾建設",
            Wanted(fiscal_years=(2025,), words=("橋梁",), least_amount=5_000_000, parties=("松尾建設",)),
        ),
        ("令和5年度以降 令和7年度以前", Wanted(first_year=2023, last_year=2025)),
        ("令和5年度 令和7年度", Wanted(fiscal_years=(2023, 2025))),
        ("道路課の変更契約", Wanted(departments=(7,), whats=(Archived.AMENDMENT,))),
        ("建設工事 有効", Wanted(kinds=("construction",), states=(EntryState.IN_FORCE,))),
        ("R7.4.1〜R7.9.30", Wanted(first_date=date(2025, 4, 1), last_date=date(2025, 9, 30))),
        ("件名:松尾 工事番号:R7-12", Wanted(titles=("松尾",), numbers=("R7-12",))),
        ("松尾建設 山口組", Wanted(parties=("松尾建設", "山口組"))),
        ("高い順 橋", Wanted(words=("橋",))),
        ("", Wanted()),
    ],
)
def test_a_phrase_asks_for_what_it_says(text, asks):
    assert wanted(text) == asks


def test_a_phrase_may_say_in_which_order():
    phrase = read_phrase("橋 古い順 高い順", today=TODAY, vocabulary=NAMES.vocabulary)

    assert order_by(phrase) == Order("amount", descending=True)


def test_ticked_conditions_narrow_ranges_and_stand_beside_choices():
    asked = form(q="令和7年度 500万円以上 橋 道路課", least_amount="3百円", most_amount="9,000,000円", department="8")
    assert not asked.is_valid()
    asked = form(q="令和7年度 500万円以上 橋 道路課", most_amount="9,000,000円", department="8", title="補修 工事")

    assert asked.is_valid()
    assert asked.wanted == Wanted(
        fiscal_years=(2025,),
        least_amount=5_000_000,
        most_amount=9_000_000,
        words=("橋",),
        titles=("補修", "工事"),
        departments=(7, 8),
    )


def test_what_has_no_department_can_be_asked_for():
    asked = form(department="none", inside="on")

    assert asked.is_valid()
    assert asked.wanted == Wanted(departments=(None,), inside=True)


def test_an_address_may_ask_for_what_the_city_no_longer_names():
    asked = form(kind="forestry", year="1998", firm="松尾建設")

    assert asked.is_valid()
    assert asked.wanted == Wanted(kinds=("forestry",), fiscal_years=(1998,), party_keys=("松尾建設",))


@pytest.mark.parametrize(
    "asked",
    [{"year": "9999"}, {"department": "1"}, {"firm": "㈱松尾"}, {"what": "x"}, {"kind": "a b"}, {"q": "あ" * 201}],
)
def test_what_cannot_be_asked_is_refused(asked):
    assert not form(**asked).is_valid()


def test_the_order_that_is_chosen_goes_before_the_one_in_the_box():
    asked, said = form(q="高い順", order="title"), form(q="高い順")

    assert asked.is_valid()
    assert said.is_valid()
    assert asked.sorting == Order("title", descending=False)
    assert said.sorting == Order("amount", descending=True)


def test_every_order_can_be_chosen():
    assert set(ORDERS) == {write_order(Order(by, down)) for by in COLUMNS for down in (True, False)}
    assert set(CHOSEN.values()) <= set(Wanted.__dataclass_fields__)


SAID = ["令和7年度", "R5年度以降", "R6年度以降", "橋梁", "500万円以上", "700万円以上", "1億円以下", "先月", "松尾建設"]
PHRASES = st.lists(st.sampled_from(SAID), max_size=5, unique=True).map(" ".join)


@given(PHRASES, PHRASES)
def test_two_questions_together_ask_no_more_than_each(one, other):
    both = together(wanted(one), wanted(other))

    for first in ("first_date", "first_year", "least_amount"):
        limits = [value for each in (one, other) if (value := getattr(wanted(each), first)) is not None]
        assert getattr(both, first) == max(limits, default=None)
    for last in ("last_date", "last_year", "most_amount"):
        limits = [value for each in (one, other) if (value := getattr(wanted(each), last)) is not None]
        assert getattr(both, last) == min(limits, default=None)
    assert set(both.words) == {*wanted(one).words, *wanted(other).words}
    assert together(wanted(one), Wanted()) == wanted(one)
