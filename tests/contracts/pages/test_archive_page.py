"""The archive's page: what stands in the address is what is answered, and every link changes one thing of it."""

import random
import re
from datetime import date

import pytest
from django.http import QueryDict

from accounts.models import Role
from contracts.archive import paging, searching
from contracts.archive.asking import Wanted
from contracts.archive.paging import COLUMNS, Order
from contracts.folding import search_key
from contracts.models import ArchiveEntry
from tests import factories
from tests.contracts.archive.conftest import fill

ADDRESS = "/archive/"
SAID = {
    "令和6年度": {"fiscal_years": (2024,)},
    "令和6年度以降": {"first_year": 2024},
    "橋": {"words": ("橋",)},
    "ｾﾝﾀｰ": {"words": ("ｾﾝﾀｰ",)},
    "㈱髙﨑": {"parties": ("㈱髙﨑",)},
    "500万円以上": {"least_amount": 5_000_000},
    "2024年10月以降": {"first_date": date(2024, 10, 1)},
    "番号:R7-3": {"numbers": ("R7-3",)},
    "変更契約": {"whats": (2,)},
    "有効": {"states": (1,)},
    "建設工事": {"kinds": ("construction",)},
}
TICKED = {
    ("title", "橋梁"): {"titles": ("橋梁",)},
    ("number", "7"): {"numbers": ("7",)},
    ("most_amount", "7,000,000円"): {"most_amount": 7_000_000},
    ("last_date", "R7.3.31"): {"last_date": date(2025, 3, 31)},
    ("state", "3"): {"states": (3,)},
    ("what", "4"): {"whats": (4,)},
    ("kind", "maintenance"): {"kinds": ("maintenance",)},
    ("department", "none"): {"departments": (None,)},
    ("firm", "アビコ電設"): {"party_keys": ("アビコ電設",)},
}


@pytest.fixture
def city(db):
    fill(factories.city("usuki"), seed=2)
    tosu = factories.city("tosu")
    fill(tosu, seed=1)
    return tosu


@pytest.fixture
def auditor(city):
    return factories.staff(city, Role.AUDITOR)


@pytest.fixture
def page(city, desk):
    client = desk(city, Role.AUDITOR)

    def look(address=ADDRESS, **asked):
        return client.get(address, asked)

    return look


def question(dice):
    """Say some things in the box and tick some beside it; return the address's part, and what it must come to."""
    wanted: dict[str, tuple] = {}
    query = QueryDict(mutable=True)
    said = dice.sample(list(SAID), dice.randrange(4))
    ticked = dice.sample(list(TICKED), dice.randrange(3))
    for asks in [*(SAID[each] for each in said), *(TICKED[each] for each in ticked)]:
        for name, value in asks.items():
            wanted[name] = wanted.get(name, ()) + value if isinstance(value, tuple) else value
    if said:
        query["q"] = " ".join(said)
    for name, value in ticked:
        query.appendlist(name, value)
    return query, Wanted(**wanted)


def walked(page, address, turn):
    """Follow the pages from an address one way, to the last."""
    while address:
        context = page(address).context
        yield [row.entry.pk for row in context["rows"]]
        address = context["turns"].get(turn)


def test_the_page_answers_what_the_address_asks(page, auditor, monkeypatch):
    monkeypatch.setattr(paging, "PAGE", 80)
    dice = random.Random(11)

    for turn in range(15):
        query, wanted = question(dice)
        order = Order(list(COLUMNS)[turn % len(COLUMNS)], descending=turn % 2 == 0)
        query["order"] = paging.write_order(order)
        right = searching.matching(wanted, actor=auditor).order_by(*order.columns)
        pages = walked(page, f"{ADDRESS}?{query.urlencode()}", "after")
        total = page(f"{ADDRESS}?{query.urlencode()}").context["found"].total

        assert [pk for each in pages for pk in each] == list(right.values_list("pk", flat=True)), query
        assert total.count == len(right), query
        assert total.amount == sum(entry.amount for entry in right), query


def test_the_pages_lead_back_the_way_they_came(page, monkeypatch):
    monkeypatch.setattr(paging, "PAGE", 40)
    forwards, address = [], f"{ADDRESS}?order=party"
    while address:
        context = page(address).context
        forwards.append([row.entry.pk for row in context["rows"]])
        last, address = context["turns"].get("before"), context["turns"].get("after")

    backwards = list(walked(page, last, "before"))

    assert len(forwards) > 5
    assert backwards == forwards[-2::-1]


def test_going_back_to_the_first_page_shows_it_whole(page, monkeypatch):
    monkeypatch.setattr(paging, "PAGE", 10)
    first = page().context
    fifth = paging.write_place(paging.NEWEST_FIRST.place_of(first["rows"][4].entry))

    again = page(before=fifth).context

    assert [row.entry.pk for row in again["rows"]] == [row.entry.pk for row in first["rows"]]
    assert "before" not in again["turns"]


def test_the_cross_of_each_condition_takes_off_only_that_one(page):
    dice = random.Random(5)
    for _ in range(12):
        query, _ = question(dice)
        told = page(f"{ADDRESS}?{query.urlencode()}").context["conditions"]
        for condition in told:
            left = [(each.subject, each.text) for each in told if each is not condition]
            after = page(condition.href).context["conditions"]
            assert [(each.subject, each.text) for each in after] == left, condition


def test_what_was_not_understood_is_a_word_that_can_be_taken_off(page):
    told = page(q="令和7年度 むにゃむにゃ").context["conditions"]

    assert [(each.subject, each.text) for each in told] == [("年度", "令和7年度"), ("語", "むにゃむにゃ")]


@pytest.mark.parametrize("said", ["", "令和6年度 橋", "変更契約 建設工事"])
def test_each_part_brings_as_many_as_it_says_and_is_taken_off_again(page, said):
    start = page(q=said) if said else page()
    groups = start.context["groups"]

    assert {"種類", "状態", "取引先（金額の多い順）"} <= {group.label for group in groups}
    for group in groups:
        assert [*group.few, *group.rest] == sorted([*group.few, *group.rest], key=group.parts.index)
        if any(part.is_chosen for part in group.parts):
            continue
        part = group.parts[0]
        chosen = page(part.href)
        assert chosen.context["found"].total == part.share.total, part
        (again,) = [each for other in chosen.context["groups"] for each in other.parts if each.id == part.id]
        assert again.is_chosen
        assert page(again.href).context["found"].total == start.context["found"].total


def test_a_kind_without_a_name_is_no_part_to_press(city, page):
    row = ArchiveEntry.unscoped.filter(subject="test:1").get()
    row.pk, row.subject, row.kind, row.is_current = None, "foreign:1", "", True
    row.save(force_insert=True)

    (kinds,) = [group for group in page().context["groups"] if group.label == "区分"]

    assert {part.share.value for part in kinds.parts} == {"construction", "survey_consulting", "maintenance"}


def test_a_part_that_the_box_asks_for_is_taken_off_the_box(page):
    groups = {group.label: group for group in page(q="令和6年度 橋").context["groups"]}
    (chosen,) = [part for part in groups["年度"].parts if part.is_chosen]

    assert chosen.label == "令和6年度"
    assert QueryDict(chosen.href.partition("?")[2]).dict() == {"q": "橋"}


@pytest.mark.parametrize("by", COLUMNS)
def test_pressing_a_heading_sorts_and_pressing_it_again_turns_round(page, by):
    once = page(page(q="高い順 橋").context["heads"][by].href)
    twice = page(once.context["heads"][by].href)

    assert "高い順" not in once.context["form"].data["q"]
    assert {once.context["heads"][by].sorted, twice.context["heads"][by].sorted} == {"ascending", "descending"}
    assert once.content.decode().count("aria-sort") == 1
    rows = [getattr(row.entry, COLUMNS[by]) for row in once.context["rows"]]
    assert rows == sorted(rows, reverse=once.context["heads"][by].sorted == "descending")


def test_hits_are_marked_and_all_else_is_escaped(city, page):
    title = "<script>alert(1)</script>橋梁&補修"
    ArchiveEntry.unscoped.create(
        tenant=city, what=1, subject="test:mark", concluded_date=date(2026, 3, 1), fiscal_year=2025, amount=1,
        kind="construction", kind_label="<b>工事</b>", number="特1", title=title, party="㈱髙﨑", number_key="特1",
        title_key=search_key(title), party_key="高崎",
    )  # fmt: skip

    html = page(q="橋梁 特1 取引先:高崎").content.decode()

    assert "&lt;script&gt;alert(1)&lt;/script&gt;<mark>橋梁</mark>&amp;補修" in html
    assert "<mark>特1</mark>" in html
    assert "㈱<mark>髙﨑</mark>" in html
    assert "<b>工事</b>" not in html


def test_where_nothing_answers_the_page_says_which_condition_to_take_off(page):
    context = page(q="橋 むにゃむにゃ 建設工事").context

    ((condition, total),) = context["loosened"]
    assert condition.text == "むにゃむにゃ"
    assert page(condition.href).context["found"].total.count == total.count > 0
    assert "一文字からでも" in page(q="むにゃむにゃ").content.decode()


def test_a_place_beyond_the_end_leads_back_to_the_beginning(page):
    html = page(q="橋", after="1999-01-01.1").content.decode()

    assert "この続きはもうありません" in html
    assert "初めから見る" in html


def test_an_address_keeps_only_what_asks_something(page):
    response = page(q=" 橋 ", party="", order="", utm="x", what="1")

    assert response.status_code == 302
    assert QueryDict(response.url.partition("?")[2]).dict() == {"q": "橋", "what": "1"}
    assert page(party="").url == ADDRESS


def test_a_question_that_cannot_be_read_stays_as_it_was_typed(page):
    response = page(q="橋", least_amount="たくさん")

    html = response.content.decode()
    assert response.status_code == 422
    assert 'value="たくさん"' in html
    assert 'value="橋"' in html
    assert re.search(r'<details class="more"\s+open>', html)


@pytest.mark.parametrize(
    ("subject", "has_case", "href"),
    [
        ("version:7", True, "/cases/{case}/"),
        ("consent:8", True, "/consents/8/paper/"),
        ("guarantee:9", True, "/guarantees/9/"),
        ("test:10", False, ""),
    ],
)
def test_every_entry_leads_to_the_page_of_what_it_stands_for(city, page, subject, has_case, href):
    case = factories.case(city)
    entry = ArchiveEntry.unscoped.filter(subject="test:1").get()
    entry.pk, entry.subject, entry.number_key, entry.is_current = None, subject, "印", True
    entry.case = case if has_case else None
    entry.save(force_insert=True)

    (row,) = page(number="印").context["rows"]

    assert row.href == href.format(case=case.pk)
    assert f'href="{row.href}"' in page(number="印").content.decode() or not row.href


def test_a_row_says_what_it_is_unless_it_is_a_contract_in_force(page):
    for row in page().context["rows"]:
        said = [label for _, label in row.badges]
        assert (row.entry.get_what_display() in said) == (row.entry.what != 1)
        assert (row.entry.get_state_display() in said) == (row.entry.state != 1)


def test_the_page_asks_no_more_for_many_rows_than_for_few(city, page, django_assert_max_num_queries):
    for asked in (
        {},
        {"q": "橋"},
        {"q": "橋 無い語 500万円以上 松尾建設 令和6年度 有効"},
        {"q": "橋", "inside": "on"},
        {"q": "橋 無い語 契約 工事 有効", "inside": "on"},
        {"q": " ".join(f"{first}{second}セツ" for first in "アカサタナ" for second in "イキシチニ")},
    ):
        with django_assert_max_num_queries(30) as many:
            page(**asked)
        ArchiveEntry.unscoped.filter(tenant=city).exclude(subject__startswith="test:1").update(is_current=False)
        with django_assert_max_num_queries(30) as few:
            page(**asked)
        assert len(many) <= len(few) + 8
