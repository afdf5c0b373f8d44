"""目標の表を、上から順に測る。"""

import json
import os
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, replace
from functools import partial
from pathlib import Path
from typing import Any, TypeVar

from benchmarks.archive import handing_out, journals, mixed, ours, plain, timing
from benchmarks.archive.questions import Goal, Question, questions
from benchmarks.archive.services import APP, OPS, SERVER, Postgres
from benchmarks.archive.telling import Fact, Figure, figure, heading, line
from benchmarks.measuring import machine
from contracts.folding import query_keys, search_key

ROUNDS, PATIENCE = 2, 60.0
PLAIN_QUESTIONS, PLAIN_PATIENCE = 40, 40.0
DEEP_TIMES = 20
PAIRS = Path(__file__).parents[2] / "tests/contracts/archive/spelling_pairs.txt"
GOALS = {Goal.DATED: 8.0, Goal.UNDATED: 60.0, Goal.DEEP: 2.0, Goal.ALL_TOWNS: 20.0, Goal.TOTALS: 150.0}
Line = TypeVar("Line", Figure, Fact)


def run(postgres: Postgres, *, rows: int, out: Path) -> None:
    """Measure, print each line as soon as it is known, and leave the numbers in a file."""
    about = machine() | {"server": SERVER, "rows": rows}
    print(f"{about['processor']}、{about['cores']} コア、負荷 {about['load']}、{rows:,} 行\n\n{heading()}")
    figures = [_told(each) for each in _figures()]
    print()
    facts = [_told(each) for each in _facts(postgres, rows, out.parent)]
    kept = {
        "machine": about,
        "figures": [asdict(each) | {"ratio": each.ratio, "reached": each.reached} for each in figures],
        "facts": [asdict(each) for each in facts],
    }
    out.write_text(json.dumps(kept, ensure_ascii=False, indent=1))
    print(f"\n控え: {out}")


def _told(each: Line) -> Line:
    print(line(each), flush=True)
    return each


def _figures() -> Iterator[Figure]:
    every = questions()
    for goal, works in {
        Goal.DATED: {"頁": (ours.page, plain.page), "件数と合計": (ours.total, plain.total)},
        Goal.UNDATED: {"頁": (ours.page, plain.page), "件数と合計": (ours.total, plain.total)},
        Goal.ALL_TOWNS: {"": (ours.page, plain.page)},
        Goal.TOTALS: {"": (ours.total, plain.total)},
    }.items():
        asked = [each for each in every if each.goal is goal]
        for what, (our, their) in works.items():
            yield _figure(goal, what, asked, our, their)
    yield _deep([each for each in every if each.goal is Goal.DEEP])


def _figure(
    goal: Goal,
    what: str,
    asked: Sequence[Question],
    our: Callable[[Question], object],
    their: Callable[[Question], object],
) -> Figure:
    some = asked[:: max(1, len(asked) // PLAIN_QUESTIONS)]
    taken = timing.ask([partial(our, each) for each in asked], rounds=ROUNDS, patience=PATIENCE)
    other = timing.ask([partial(their, each) for each in some], rounds=1, patience=PLAIN_PATIENCE)
    return figure("、".join(filter(None, [goal.value, what])), taken, other, goal=GOALS[goal])


def _deep(asked: Sequence[Question]) -> Figure:
    """Read the page that follows a place so many rows deep; where an archive is not as deep, nothing is asked."""
    works: list[Callable[[], object]] = []
    others: list[Callable[[], object]] = []
    for question in asked:
        try:
            place = plain.place(question)
        except LookupError:
            continue
        works.append(partial(ours.page, replace(question, depth=0), after=place))
        others.append(partial(plain.page, question))
    taken = timing.ask(works * DEEP_TIMES, rounds=1, patience=PATIENCE)
    return figure(Goal.DEEP.value, taken, timing.ask(others, rounds=3, patience=PATIENCE), goal=GOALS[Goal.DEEP])


def _facts(postgres: Postgres, rows: int, folder: Path) -> Iterator[Fact]:
    yield _csv()
    yield _mixed(postgres, folder)
    yield _recall()
    yield from _journal(postgres, rows)


def _csv() -> Fact:
    told = handing_out.run(1)
    found = f"{told['rows']:,} 行 {told['seconds']} 秒、初めの行まで {told['first_ms']} ms、{told['extra_mb']:+} MB"
    is_whole = told["rows"] == handing_out.ROWS
    reached = told["seconds"] <= 1 and told["first_ms"] <= 50 and told["extra_mb"] <= 8
    return Fact("CSV 100,000 行", found, "1.0 秒、50 ms、8 MB", reached if is_whole else None)


def _mixed(postgres: Postgres, folder: Path) -> Fact:
    told = mixed.run(folder, {"default": postgres.url(APP), "ops": postgres.url(OPS)})
    sorts = "、".join(f"{sort} {p50} / {p95}" for sort, (p50, p95) in _items(told))
    found = f"毎秒 {told['per_second']} 取引（{sorts} ms）"
    return Fact(
        "八人の混ざった使い方", found, "毎秒 500、検索 p95 40 ms", told["per_second"] >= 500 and told["search"][1] <= 40
    )


def _items(told: dict[str, Any]) -> list[tuple[str, Any]]:
    return [(sort, told[sort]) for sort in mixed.SHARES]


def _recall() -> Fact:
    lines = [line for line in PAIRS.read_text().splitlines() if "\t" in line and not line.startswith("#")]
    pairs = [line.split("\t") for line in lines]
    found = sum(any(key in search_key(written) for key in query_keys(asked)) for written, asked in pairs)
    plainly = sum(asked.casefold() in written.casefold() for written, asked in pairs)
    told = f"{len(pairs)} 組のうち {found}（ILIKE は {plainly}）"
    return Fact("書き方の違う組の再現率", told, "すべて", found == len(pairs))


def _journal(postgres: Postgres, rows: int) -> Iterator[Fact]:
    many, one = journals.appends(journals.CITIES), journals.appends(1)
    found = f"毎秒 {many}（すべてが一本の鎖なら {one}）"
    yield Fact("操作記録への追加、十ミリ秒の取引、八つの書き手", found, "毎秒 550 を超える", many > 550)
    events = min(rows, journals.EVENTS)
    with postgres.superuser(os.environ["DATABASE_URL"].rsplit("/", 1)[1]) as connection:
        journals.fill(connection, events)
    seconds = journals.verify()
    yield Fact("百万の出来事を確かめる", f"{seconds} 秒（{events:,} 件から）", "10 秒以内", seconds < 10)
