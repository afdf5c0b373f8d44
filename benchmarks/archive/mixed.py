"""八人が同時に使う: 画面の関数が出した SQL を控え、八つのプロセスが、取引ごとに、決まった割合で流す。

数えるのはデータベースの取引で、HTTP ではない。`python -m benchmarks.archive.mixed FILE SECONDS SEED` が一人分。
"""

import json
import pickle
import sys
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path
from random import Random
from typing import Any

import psycopg

from benchmarks.archive.crowd import together, wait_for_all
from benchmarks.archive.deeds import SIZES
from benchmarks.archive.questions import PARTIES, SPANS, WORDS, Goal, Question
from benchmarks.archive.timing import percentile

CLIENTS, SECONDS, DISTINCT = 8, 15, 400
# 一覧、言葉の検索、件数と合計、一件、すべての自治体（％）。
SHARES = {"page": 30, "search": 30, "count": 20, "detail": 15, "across": 5}
Statements = list[tuple[str, Any]]
Request = tuple[str, str, Statements]


def run(folder: Path, urls: dict[str, str]) -> dict[str, Any]:
    """Let the clients work; return transactions a second, and percentiles 50 and 95 of each sort in milliseconds."""
    file = folder / "mixed.pickle"
    file.write_bytes(pickle.dumps((urls, recorded())))
    told = list(map(json.loads, together("benchmarks.archive.mixed", [str(file), str(SECONDS)], people=CLIENTS)))
    taken = {sort: [ms for each in told for ms in each[sort]] for sort in SHARES}
    found: dict[str, Any] = {"per_second": round(sum(map(len, taken.values())) / SECONDS)}
    return found | {sort: (percentile(each, 0.5), percentile(each, 0.95)) for sort, each in taken.items()}


def recorded() -> list[Request]:
    """Do requests once, and return each with its sort, the role and the statements it sent."""
    chance = Random("mixed")
    sorts = chance.choices(list(SHARES), list(SHARES.values()), k=DISTINCT)
    return [_record(sort, _work(sort, _question(sort, chance), chance)) for sort in sorts]


def _work(sort: str, asked: Question, chance: Random) -> Callable[[], object]:
    from benchmarks.archive import ours

    newest = Question(Goal.DEEP, asked.town)
    if sort == "detail":
        return partial(_detail, asked.town, chance.choice(ours.page(newest) or [0]))
    across = Question(Goal.ALL_TOWNS, None, words=asked.words, party=asked.party)
    works = {
        "page": partial(ours.page, newest),
        "search": partial(ours.page, asked),
        "count": partial(ours.total, asked),
        "across": partial(ours.page, across),
    }
    return works[sort]


def _question(sort: str, chance: Random) -> Question:
    """Ask of a town, the larger the more often, for a word or a counterparty; sums are asked of a year."""
    (town,) = chance.choices(range(1, len(SIZES) + 1), SIZES)
    term = {"words": chance.choice(WORDS)} if chance.random() < 0.5 else {"party": chance.choice(PARTIES)}
    first, last = chance.choice(SPANS) if sort == "count" else (None, None)
    return Question(Goal.DATED, town, **term, first=first, last=last)


def _detail(town: int, pk: int) -> object:
    from accounts import tenancy
    from benchmarks.archive import ours
    from contracts.models import ArchiveEntry

    actor = ours.actor(town)
    with tenancy.acting_for(actor.tenant_id):
        return ArchiveEntry.objects.visible_to(actor).filter(pk=pk).first()


def _record(sort: str, work: Callable[[], object]) -> Request:
    from django.db import connections

    sent: Statements = []

    def note(execute: Any, sql: str, params: Any, *rest: Any) -> Any:
        sent.append((sql, tuple(params or ())))
        return execute(sql, params, *rest)

    alias = "ops" if sort == "across" else "default"
    with connections[alias].execute_wrapper(note):
        work()
    return sort, alias, sent


def main(file: str, seconds: str, seed: str) -> None:
    """Work for so many seconds; print the milliseconds of every transaction by its sort."""
    urls, requests = pickle.loads(Path(file).read_bytes())
    chance, taken = Random(seed), {sort: list[float]() for sort in SHARES}
    lines = {alias: psycopg.connect(url, autocommit=True, prepare_threshold=2) for alias, url in urls.items()}
    wait_for_all()
    ends = time.monotonic() + float(seconds)
    while time.monotonic() < ends:
        sort, alias, statements = chance.choice(requests)
        began = time.perf_counter()
        with lines[alias].transaction():
            for sql, params in statements:
                answer = lines[alias].execute(sql, params or None)
                if answer.description:
                    answer.fetchall()
        taken[sort].append((time.perf_counter() - began) * 1000)
    print(json.dumps(taken))


if __name__ == "__main__":
    main(*sys.argv[1:])
