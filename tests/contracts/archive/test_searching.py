"""The archive gives the same answers as reading every entry does, in any order, page by page."""

import random
from collections import Counter
from datetime import date, timedelta

import pytest
from django.db import DatabaseError, transaction

from contracts.archive import facets, paging, searching
from contracts.archive.asking import CHOICES, Wanted
from contracts.archive.paging import COLUMNS, Order
from contracts.folding import search_key
from contracts.models import ArchiveEntry

WORDS = ("橋", "橋梁", "工事", "センター", "道路 改良", "R7-3", "高﨑", "無い語", "・")
PARTIES = ("高崎", "㈱髙﨑", "アビコ", "NTT", "邊", "松尾建設", "株式会社")


def question(dice: random.Random) -> Wanted:
    """Ask for anything, each condition being there or not."""
    day = date(2024, 3, 20) + timedelta(days=dice.randrange(400))

    def maybe(value, nothing=None):
        return value if dice.random() < 0.3 else nothing

    return Wanted(
        first_date=maybe(day),
        last_date=maybe(day + timedelta(days=dice.randrange(200))),
        first_year=maybe(dice.choice((2023, 2024, 2025))),
        last_year=maybe(dice.choice((2023, 2024, 2025))),
        parties=maybe(tuple(dice.sample(PARTIES, dice.randint(1, 2))), ()),
        titles=maybe((dice.choice(WORDS),), ()),
        words=maybe(tuple(dice.sample(WORDS, dice.randint(1, 2))), ()),
        numbers=maybe((str(dice.randrange(40)), str(dice.randrange(40))), ()),
        least_amount=maybe(dice.randrange(1, 9) * 1_000_000),
        most_amount=maybe(dice.randrange(1, 9) * 1_000_000),
        whats=maybe(tuple(dice.sample((1, 2, 3, 4), 2)), ()),
        states=maybe((dice.randint(1, 3),), ()),
        kinds=maybe(("construction", "maintenance"), ()),
        fiscal_years=maybe((dice.choice((2023, 2024, 2025)),), ()),
    )


def reads(written: str, text: str) -> bool:
    return search_key(text) in search_key(written)


def answers(row: ArchiveEntry, wanted: Wanted, *, without: str = "") -> bool:
    """Judge one entry by reading it."""
    chosen = {column: getattr(wanted, name) for column, name in CHOICES.items() if column != without}
    return (
        row.is_current
        and (wanted.first_date or row.concluded_date) <= row.concluded_date <= (wanted.last_date or row.concluded_date)
        and (wanted.least_amount or 0) <= row.amount <= (wanted.most_amount or row.amount)
        and (wanted.first_year or row.fiscal_year) <= row.fiscal_year <= (wanted.last_year or row.fiscal_year)
        and (not wanted.parties or any(reads(row.party, text) for text in wanted.parties))
        and (not wanted.numbers or any(reads(row.number, text) for text in wanted.numbers))
        and all(reads(row.title, text) for text in wanted.titles)
        and all(any(reads(part, word) for part in (row.title, row.party, row.number)) for word in wanted.words)
        and all(getattr(row, column) in values for column, values in chosen.items() if values)
    )


def every_page(wanted, *, actor, order):
    """Follow the pages to the last, each by the address of the one before."""
    found = searching.search(wanted, actor=actor, order=order)
    yield from found.entries
    while found.following is not None:
        after = paging.read_place(paging.write_place(found.following), order)
        found = searching.search(wanted, actor=actor, order=order, after=after)
        yield from found.entries


def test_any_question_in_any_order_is_answered_as_by_reading_every_entry(auditor, monkeypatch):
    monkeypatch.setattr(paging, "PAGE", 40)
    rows = list(ArchiveEntry.unscoped.filter(tenant_id=auditor.tenant_id))
    dice = random.Random(7)

    for turn in range(60):
        wanted = question(dice)
        order = Order(by=list(COLUMNS)[turn % len(COLUMNS)], descending=turn % 2 == 0)
        right = [row for row in rows if answers(row, wanted)]
        right.sort(key=lambda row: (getattr(row, order.column), row.pk), reverse=order.descending)
        total = searching.search(wanted, actor=auditor).total

        assert [each.pk for each in every_page(wanted, actor=auditor, order=order)] == [row.pk for row in right], wanted
        assert (total.count, total.amount) == (len(right), sum(row.amount for row in right)), wanted


def test_the_divisions_leave_their_own_choice_out_and_add_up(auditor):
    rows = list(ArchiveEntry.unscoped.filter(tenant_id=auditor.tenant_id))
    wanted = Wanted(words=("橋",), kinds=("construction",), fiscal_years=(2024,))

    divided = facets.facets(wanted, actor=auditor)

    for column, shares in divided.items():
        field = f"{column}_id" if column == "department" else column
        right = Counter(getattr(row, field) for row in rows if answers(row, wanted, without=column))
        assert {share.value: share.total.count for share in shares} == right, column


def test_the_greatest_counterparties_come_first_under_all_their_spellings(auditor):
    shares = facets.parties(Wanted(), actor=auditor)

    sums = [share.total.amount for share in shares]
    assert sums == sorted(sums, reverse=True)
    names = ("高崎吉建設", "松尾建設", "アビコ電設", "渡辺組", "NTT西日本")
    assert {share.value for share in shares} == set(map(search_key, names))


@pytest.mark.parametrize(
    ("change", "allowed"), [({"is_current": False}, True), ({"amount": 1}, False), ({"title": "別の件名"}, False)]
)
def test_nothing_of_an_entry_can_be_changed_but_that_it_is_current(auditor, change, allowed):
    entry = ArchiveEntry.unscoped.filter(is_current=True, amount__gt=1).first()

    if allowed:
        assert ArchiveEntry.unscoped.filter(pk=entry.pk).update(**change) == 1
        return
    with pytest.raises(DatabaseError, match="Cannot"), transaction.atomic():
        ArchiveEntry.unscoped.filter(pk=entry.pk).update(**change)


def test_what_was_replaced_is_never_current_again(auditor):
    replaced = ArchiveEntry.unscoped.filter(is_current=False)

    with pytest.raises(DatabaseError, match="Cannot"), transaction.atomic():
        replaced.update(is_current=True)
    with pytest.raises(DatabaseError, match="Cannot"), transaction.atomic():
        replaced.delete()


@pytest.mark.parametrize("text", ["", "x.", "1.x", "a\x00b.3", "あ" * 201 + ".3", "-.1", "--5.1", "1.5.1", "５.１"])
@pytest.mark.parametrize("by", ["amount", "date"])
def test_a_place_of_another_order_starts_from_the_top(text, by):
    assert paging.read_place(text, Order(by=by)) is None
