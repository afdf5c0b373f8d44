"""書庫の計測に使う契約と問いは、いつも同じで、現実の形をしている。"""

from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from itertools import islice, pairwise

import psycopg
import pytest
from django.db import connections

from benchmarks.archive import ours, plain, run
from benchmarks.archive.deeds import BUNDLE, Deed, bundle, deeds
from benchmarks.archive.loading import TABLE, is_loaded, load, settle, tenant_of
from benchmarks.archive.questions import ABSENT, PARTIES, WORDS, Goal, Question, questions
from benchmarks.archive.telling import line
from benchmarks.archive.timing import percentile
from contracts.folding import search_key
from tests.copies import database_copy

pytestmark = pytest.mark.xdist_group("benchmarks")
SOME, SMALL = 3 * BUNDLE, 5_000


@pytest.fixture(scope="module")
def some() -> list[Deed]:
    return list(deeds(SOME))


def test_any_bundle_alone_is_the_same_as_within_the_whole(some: list[Deed]):
    assert list(bundle(1, of=SOME)) == some[BUNDLE : 2 * BUNDLE]


def test_the_deeds_are_the_same_in_every_run_and_on_every_machine():
    first = next(deeds(SOME))

    assert (first.town, first.concluded, first.amount) == (652, date(2016, 4, 1), 2_352_000)
    assert (first.title, first.party) == ("県道文月1号線区画線設置工事（長期継続契約）", "株式会社城北医療器")


def test_the_keys_are_what_the_product_would_fold(some: list[Deed]):
    for deed in islice(some, 0, None, 20):
        assert (deed.title_key, deed.party_key) == (search_key(deed.title), search_key(deed.party))


def test_the_days_run_through_ten_fiscal_years(some: list[Deed]):
    assert {deed.fiscal_year for deed in some} == set(range(2016, 2026))
    assert all(abs(later.concluded - sooner.concluded).days < 120 for sooner, later in pairwise(some))


def test_the_largest_town_holds_a_good_hundredth_of_all(some: list[Deed]):
    ((_, most),) = Counter(deed.town for deed in some).most_common(1)

    assert 0.012 < most / SOME < 0.018


def test_the_terms_that_are_asked_are_found_and_the_absent_ones_are_not(some: list[Deed]):
    titles, parties = "\n".join(deed.title_key for deed in some), "\n".join(deed.party_key for deed in some)

    assert [word for word in WORDS if search_key(word) not in titles] == []
    assert [party for party in PARTIES if search_key(party) not in parties] == []
    assert [word for word in ABSENT if search_key(word) in titles + parties] == []


def test_every_goal_is_asked_and_no_question_twice_and_dated_ones_within_a_year():
    asked = questions()

    assert len(set(asked)) == len(asked)
    assert set(Counter(question.goal for question in asked)) == set(Goal)
    assert all((q.last - q.first).days < 366 for q in asked if q.goal is Goal.DATED)


def connected(*, autocommit: bool = False, **instead: str) -> psycopg.Connection:
    """持ち主としてつなぐ。"""
    known = connections["owner"].settings_dict | instead
    names = {"host": "HOST", "port": "PORT", "user": "USER", "password": "PASSWORD", "dbname": "NAME"}
    return psycopg.connect(**{ours: known[theirs] for ours, theirs in names.items()}, autocommit=autocommit)


@pytest.fixture
def owner(django_db_setup: None) -> Iterator[psycopg.Connection]:
    """持ち主の接続。したことは、すべて取り消す。"""
    # 先に走った試験が写しを指していても、何も移していない元のほうへ
    original = connections["owner"].settings_dict["NAME"].removesuffix("_bench")
    with connected(NAME=original) as connection:
        yield connection
        connection.rollback()


def test_the_deeds_fit_the_archive_of_the_product_and_leave_it_as_it_was_made(owner: psycopg.Connection):
    before, rows = shape(owner), counted(owner)
    load(owner, count=2000)

    assert counted(owner) - rows == Counter(tenant_of(deed.town) for deed in deeds(2000))
    assert shape(owner) == before


def counted(connection: psycopg.Connection) -> Counter[int]:
    """団体ごとの件数。"""
    return Counter(dict(connection.execute(f"select tenant_id, count(*) from {TABLE} group by 1").fetchall()))


def shape(connection: psycopg.Connection) -> list[list[tuple]]:
    questions = (
        "select indexdef from pg_indexes where tablename = %s order by 1",
        "select conname, pg_get_constraintdef(oid) from pg_constraint where conrelid = %s::regclass order by 1",
        "select relrowsecurity, relforcerowsecurity from pg_class where oid = %s::regclass",
        "select tgname, tgenabled from pg_trigger where tgrelid = %s::regclass and not tgisinternal order by 1",
    )
    return [connection.execute(question, [TABLE]).fetchall() for question in questions]


@pytest.fixture(scope="module")
def loaded(django_db_setup: None, django_db_blocker) -> Iterator[None]:
    """小さな形の書庫を、計測と同じ手順で作る。"""
    with django_db_blocker.unblock(), database_copy("bench"):
        with connected(autocommit=True) as connection:
            load(connection, count=SMALL)
            settle(connection)
            assert is_loaded(connection)
        yield


# 書き方の揺れのない言葉では、ふつうの道も同じものを見つける。
PLAIN_WORDS = {"words": "道路"}, {"words": "清掃"}, {"party": "測量"}, {"words": "更生", "party": "工"}, {"words": "鯨"}


@pytest.mark.parametrize("town", [1, 30, None])
@pytest.mark.parametrize("asked", PLAIN_WORDS, ids=str)
def test_both_ways_answer_the_same_question(loaded, town, asked):
    question = Question(Goal.DATED, town, **asked, first=date(2018, 4, 1), least=500_000)

    assert ours.page(question) == plain.page(question)
    if town is not None:
        assert ours.total(question) == plain.total(question)


def test_totals_of_operators_are_those_of_the_plain_way(loaded):
    for party in ("測量", "電機", "鯨"):
        question = Question(Goal.TOTALS, None, party=party)
        assert ours.total(question) == plain.total(question)


def test_a_page_at_any_depth_is_the_one_that_offset_finds(loaded):
    for town in (1, None):
        question = Question(Goal.DEEP, town, depth=30)
        after = plain.place(replace(question, depth=29))
        assert ours.page(replace(question, depth=0), after=after) == plain.page(question)


def test_the_whole_table_is_measured_and_told_in_a_small_form(loaded, monkeypatch):
    monkeypatch.setattr(run, "ROUNDS", 1)
    monkeypatch.setattr(run, "PATIENCE", 0.05)
    monkeypatch.setattr(run, "PLAIN_PATIENCE", 0.05)
    monkeypatch.setattr(run, "questions", lambda: [*questions()[::9], Question(Goal.DEEP, 1)])

    figures = list(run._figures())

    assert {figure.title.partition("、頁")[0].partition("、件数")[0] for figure in figures} == {g.value for g in Goal}
    assert all(figure.questions and figure.sql[0] <= figure.sql[1] <= figure.whole[1] for figure in figures)
    assert [len(line(figure)) > len(figure.title) for figure in figures] == [True] * len(figures)
    assert line(run._recall()).endswith("達成")


def test_percentiles_are_values_that_were_taken():
    assert percentile([5, 1, 4, 2, 3], 0.5) == 3
    assert percentile(range(1, 101), 0.95) == 95
    assert percentile([7], 0.95) == 7
