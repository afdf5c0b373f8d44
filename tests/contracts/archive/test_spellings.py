"""Two hundred ways in which people write the same name otherwise: each is found, from one letter up."""

from datetime import date
from pathlib import Path

import pytest

from accounts.models import Role
from contracts.archive import entries, searching
from contracts.archive.asking import Wanted
from contracts.archive.entries import Filing, Outside
from contracts.folding import query_keys, search_key
from contracts.models import Archived
from tests import factories

LINES = Path(__file__).with_name("spelling_pairs.txt").read_text("utf-8").splitlines()
PAIRS = [tuple(line.split("\t")) for line in LINES if not line.startswith("#")]


@pytest.fixture
def auditor(db):
    """A city that has concluded something under each of the names, once with a firm and once as a title."""
    city = factories.city("tosu")
    for number, (written, _) in enumerate(PAIRS):
        entries.file(
            Filing(
                what=Archived.CONTRACT,
                subject=f"test:{number}",
                day=date(2025, 4, 1),
                amount=number,
                title=written,
                party=written,
                case=Outside(tenant_id=city.pk),
            )
        )
    return factories.staff(city, Role.AUDITOR)


def test_every_name_is_found_however_it_is_written(auditor):
    missed = []
    for number, (written, typed) in enumerate(PAIRS):
        for wanted in (Wanted(parties=(typed,)), Wanted(titles=(typed,))):
            amounts = searching.matching(wanted, actor=auditor).values_list("amount", flat=True)
            if number not in set(amounts):
                missed.append((written, typed))

    assert len(PAIRS) >= 200
    assert missed == []


@pytest.mark.parametrize(
    ("written", "typed"),
    [("霞が丘", "が丘"), ("霞ヶ丘団地", "霞"), ("一之瀬橋", "の瀬"), ("㈱髙﨑", "崎"), ("ｱﾋﾞｺ", "ビ")],
)
def test_any_part_of_a_name_finds_it(written, typed):
    assert any(key in search_key(written) for key in query_keys(typed))


@pytest.mark.parametrize(
    ("one", "other"), [("たけ組", "たが組"), ("一ノ瀬", "一瀬"), ("はし", "ばし"), ("ガス", "ケス")]
)
def test_other_ways_to_write_small_words_do_not_make_two_names_one(one, other):
    assert search_key(one) != search_key(other)
    assert search_key(other) not in query_keys(one)


def test_a_text_without_letters_asks_nothing():
    assert query_keys("・ー") == []
