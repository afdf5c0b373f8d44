"""At many rows: every question reads the index alone, in its order, and finds what reading the whole table finds.

ARCHIVE_ROWS sets how many rows there are, ARCHIVE_QUESTIONS how many questions are asked (`make archive-questions`).
"""

import importlib
import json
import os
import random
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta

import psycopg
import pytest
from django.db import DatabaseError, connection, connections, transaction
from django.db.migrations.loader import MigrationLoader
from django.test.utils import CaptureQueriesContext

from accounts import tenancy
from accounts.actors import Actor, system
from benchmarks.archive.deeds import DAYS, FIRST_DAY
from benchmarks.archive.loading import TABLE, load, settle, tenant_of
from contracts.archive import facets, searching
from contracts.archive.asking import Wanted
from contracts.archive.paging import COLUMNS, Order
from contracts.archive.totals import Total, by_what
from contracts.models import ArchiveEntry
from tests.copies import database_copy

ROWS = int(os.environ.get("ARCHIVE_ROWS", "30000"))
QUESTIONS = int(os.environ.get("ARCHIVE_QUESTIONS", "40"))
LARGEST, OTHER = tenant_of(1), tenant_of(2)
WORDS = ("橋", "橋梁", "補修", "道路 改良", "令和7年度", "学校", "ｾﾝﾀｰ", "無い語", "7-00")
PARTIES = ("㈱髙﨑", "渡邉", "アビコ", "NTT", "建設", "松尾", "無い人")
WAYS = ("indexscan", "indexonlyscan", "bitmapscan")


def owner() -> psycopg.Connection:
    """Connect as the owner of the tables, each statement by itself."""
    known = connections["owner"].settings_dict
    names = {"host": "HOST", "port": "PORT", "user": "USER", "password": "PASSWORD", "dbname": "NAME"}
    return psycopg.connect(**{ours: known[theirs] for ours, theirs in names.items()}, autocommit=True)


@pytest.fixture(scope="module")
def town(django_db_setup: None, django_db_blocker) -> Iterator[Actor]:
    """The largest of many towns, in a copy of the test database whose archive is full."""
    with django_db_blocker.unblock(), database_copy("scale"):
        with owner() as loading:
            # 運営者の索引は、自治体の検索には使われず、作るのに時がかかる
            loading.execute("drop index if exists archive_gram")
            with loading.transaction():
                load(loading, count=ROWS)
            settle(loading)
        yield system(LARGEST)


def question(dice: random.Random) -> Wanted:
    """Ask for anything, each condition being there or not."""
    day = FIRST_DAY + timedelta(dice.randrange(DAYS))
    year = dice.randrange(2016, 2026)
    amount = dice.choice((500_000, 5_000_000, 50_000_000))
    conditions = {
        "first_date": day,
        "last_date": day + timedelta(dice.randrange(800)),
        "first_year": year,
        "last_year": year + dice.randrange(3),
        "least_amount": amount,
        "most_amount": amount * 10,
        "parties": tuple(dice.sample(PARTIES, dice.randint(1, 2))),
        "titles": (dice.choice(WORDS),),
        "numbers": (f"{year}-0", "0007"),
        "words": (dice.choice(WORDS), dice.choice(PARTIES))[: dice.randint(1, 2)],
        "whats": (1, 2),
        "states": (dice.randint(1, 3),),
        "kinds": ("kind-1", "kind-2"),
    }
    asked = dice.sample(sorted(conditions), dice.randint(0, 3))
    return Wanted(**{name: conditions[name] for name in asked})


class Plan:
    """How the database did what was asked."""

    def __init__(self, statement: str, *, prepared: str = "") -> None:
        with tenancy.acting_for(LARGEST), connection.cursor() as cursor:
            if prepared:
                cursor.execute("set local plan_cache_mode = force_generic_plan")
                cursor.execute(prepared)
            cursor.execute(f"explain (analyze, buffers, format json) {statement}")
            told = cursor.fetchone()[0]
            if prepared:
                cursor.execute("deallocate kept")
        self.top = (json.loads(told) if isinstance(told, str) else told)[0]["Plan"]
        self.steps = list(_steps(self.top))
        self.names = [step["Node Type"] for step in self.steps]
        self.buffers = self.top["Shared Hit Blocks"] + self.top["Shared Read Blocks"]

    @property
    def indexes(self) -> set[str]:
        """Name the indexes that were read without the table, and 「表」 for whatever read the table."""
        return {
            step["Index Name"] if step.get("Heap Fetches") == 0 else "表"
            for step in self.steps
            if "Scan" in step["Node Type"]
        }


def _steps(node: dict) -> Iterator[dict]:
    yield node
    for below in node.get("Plans", ()):
        yield from _steps(below)


def plans(ask: Callable[[], object]) -> tuple[list[Plan], list[Plan]]:
    """Ask as the town; return how the pages were found, and how the totals and divisions were."""
    with tenancy.acting_for(LARGEST), CaptureQueriesContext(connection) as sent:
        ask()
    statements = [each["sql"] for each in sent if TABLE in each["sql"]]
    pages = [statement for statement in statements if "LIMIT 51" in statement]
    totals = [statement for statement in statements if "GROUP BY" in statement]
    return list(map(Plan, pages)), list(map(Plan, totals))


def _literal(value: object) -> str:
    return str(value) if isinstance(value, (int, bool)) else f"'{value}'"


@contextmanager
def by_scan() -> Iterator[None]:
    """Take the indexes away: whatever is asked reads the whole table."""
    with tenancy.acting_for(LARGEST), connection.cursor() as cursor:
        cursor.execute("; ".join(f"set local enable_{way} = off" for way in WAYS))
        yield


def held() -> int:
    with tenancy.acting_for(LARGEST):
        return ArchiveEntry.unscoped.count()


ASKED = [
    Wanted(),
    Wanted(words=("橋",)),
    Wanted(words=("橋梁", "建設")),
    Wanted(parties=("無い人",)),
    Wanted(parties=("渡邉", "㈱髙﨑"), least_amount=5_000_000, whats=(1, 2), states=(1,), kinds=("kind-1", "kind-2")),
    Wanted(first_date=FIRST_DAY + timedelta(700), last_date=FIRST_DAY + timedelta(1000), titles=("補修",)),
    Wanted(first_year=2019, departments=(1, None), numbers=("2019-0",)),
]


@pytest.mark.parametrize("wanted", ASKED)
def test_a_page_walks_the_covering_index_in_its_order_and_never_the_table(town, wanted):
    (page,), (total,) = plans(lambda: searching.search(wanted, actor=town))

    assert page.indexes == total.indexes == {"archive_current"}
    assert "Sort" not in page.names
    assert max(page.buffers, total.buffers) <= 8 + held() / 30


@pytest.mark.parametrize("wanted", ASKED)
def test_the_plan_that_the_database_keeps_for_all_questions_of_a_form_reads_the_index_too(town, wanted):
    rows = searching.matching(wanted, actor=town).order_by("-concluded_date", "-id").values_list("id")[:51]
    statement, values = rows.query.sql_with_params()
    for number in range(1, len(values) + 1):
        statement = statement.replace("%s", f"${number}", 1)

    kept = Plan(f"execute kept ({', '.join(map(_literal, values))})", prepared=f"prepare kept as {statement}")

    assert kept.indexes == {"archive_current"}
    assert "Sort" not in kept.names


@pytest.mark.parametrize("by", COLUMNS)
@pytest.mark.parametrize("descending", [True, False])
def test_every_order_has_its_own_index_and_a_page_deep_in_it_costs_what_the_first_does(town, by, descending):
    order = Order(by=by, descending=descending)
    with tenancy.acting_for(LARGEST):
        deep = order.place_of(ArchiveEntry.unscoped.order_by(*order.columns)[held() * 3 // 4])

    (first,), _ = plans(lambda: searching.search(Wanted(), actor=town, order=order))
    (later,), _ = plans(lambda: searching.search(Wanted(), actor=town, order=order, after=deep))

    assert first.indexes == later.indexes == {"archive_current" if by == "date" else f"archive_by_{by}"}
    assert not {"Sort", "Incremental Sort"} & {*first.names, *later.names}
    assert max(first.buffers, later.buffers) <= 10


def test_the_divisions_read_the_index_alone(town):
    _, divided = plans(lambda: (facets.facets(Wanted(), actor=town), facets.parties(Wanted(), actor=town)))

    assert len(divided) == 6
    assert all(each.indexes == {"archive_current"} for each in divided)
    assert all(each.buffers <= 8 + held() / 30 for each in divided)


def test_no_row_of_another_town_is_seen_whatever_is_asked(town):
    other = system(OTHER)
    with tenancy.acting_for(LARGEST):
        assert searching.search(Wanted(), actor=other).total.count == 0
        assert not ArchiveEntry.unscoped.exclude(tenant_id=LARGEST).exists()
        assert 0 < ArchiveEntry.unscoped.count() < ROWS / 20
    with transaction.atomic():
        assert not ArchiveEntry.unscoped.exists()


def found(wanted: Wanted, order: Order, town: Actor) -> tuple[list[int], int, int]:
    rows = searching.matching(wanted, actor=town)
    total = Total.of(by_what(rows).values())
    return list(rows.order_by(*order.columns).values_list("id", flat=True)), total.count, total.amount


def ask_at_random(town: Actor, *, seed: int, count: int) -> int:
    """Ask by index and by reading the whole table; return how many questions had an answer."""
    dice, answered = random.Random(seed), 0
    for turn in range(count):
        wanted, order = question(dice), Order(by=list(COLUMNS)[turn % len(COLUMNS)], descending=turn % 2 == 0)
        with tenancy.acting_for(LARGEST):
            by_index = found(wanted, order, town)
        with by_scan():
            assert found(wanted, order, town) == by_index, wanted
        answered += by_index[1] > 0
    return answered


def test_random_questions_find_by_the_index_what_reading_the_table_finds(town):
    assert ask_at_random(town, seed=1, count=QUESTIONS) > QUESTIONS / 4


def test_an_index_built_anew_under_way_gives_the_same_answers(town):
    with owner() as building:
        building.execute(f"reindex table concurrently {TABLE}")

    assert ask_at_random(town, seed=2, count=QUESTIONS // 4)
    (page,), _ = plans(lambda: searching.search(Wanted(), actor=town))
    assert page.indexes == {"archive_current"}


def test_a_crash_while_an_index_is_built_changes_no_answer_and_the_migration_mends_it(town):
    with owner() as building:
        building.execute("drop index concurrently archive_current")
    migration = importlib.import_module("contracts.migrations.0026_archive_indexed").Migration
    with owner() as writing, writing.transaction():
        writing.execute(f"lock table {TABLE} in row exclusive mode")
        crash_building(migration)
    assert validity() == [False]
    assert ask_at_random(town, seed=3, count=QUESTIONS // 8)

    build(migration)

    assert validity() == [True]
    (page,), _ = plans(lambda: searching.search(Wanted(words=("橋",)), actor=town))
    assert page.indexes == {"archive_current"}
    assert ask_at_random(town, seed=3, count=QUESTIONS // 8)


def build(migration) -> None:
    """Build the covering index as the migration does."""
    loader = MigrationLoader(connections["owner"])
    before = loader.project_state(("contracts", "0025_archive_filled"))
    operation = next(each for each in migration.operations if getattr(each, "index", None))
    after = before.clone()
    operation.state_forwards("contracts", after)
    with connections["owner"].schema_editor(atomic=False) as editor:
        operation.database_forwards("contracts", editor, before, after)


def crash_building(migration) -> None:
    """Kill the builder while it waits for those who write; what it began stays behind, not valid."""
    builder = threading.Thread(target=_build_until_killed, args=[migration])
    builder.start()
    waiting = (
        "select pid from pg_stat_activity where query ilike 'create index concurrently%' and wait_event_type = 'Lock'"
    )
    with owner() as watching:
        while not (rows := watching.execute(waiting).fetchall()):
            time.sleep(0.01)
        watching.execute("select pg_terminate_backend(%s)", rows[0])
    builder.join()


def _build_until_killed(migration) -> None:
    try:
        build(migration)
    except DatabaseError:
        connections["owner"].close()


def validity() -> list[bool]:
    with owner() as asking:
        return [
            row[0]
            for row in asking.execute("select indisvalid from pg_index where indexrelid = 'archive_current'::regclass")
        ]
