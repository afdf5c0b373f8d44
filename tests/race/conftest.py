"""A database of its own for the races, two racers in processes of their own, and the table at the end."""

import multiprocessing
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from multiprocessing.connection import Connection
from urllib.parse import urlparse

import pytest
from django.db import connections
from psycopg import sql

from tests.race.racer import PATIENCE, Outcome, Result, Task, main

ALIASES = ("default", "owner")
tallies = pytest.StashKey["list[Tally]"]()


@dataclass
class Tally:
    """How the rounds of one pair went."""

    name: str
    rounds: int = 0
    left: int = 0
    right: int = 0
    both: int = 0
    disagreements: list[str] = field(default_factory=list)
    seconds: float = 0.0

    def count(self, left: Result, right: Result) -> None:
        won = (left.outcome is Outcome.WON, right.outcome is Outcome.WON)
        self.rounds += 1
        self.both += won == (True, True)
        self.left += won == (True, False)
        self.right += won == (False, True)


@dataclass
class Racers:
    """Two processes, each with its own connection as the application's role."""

    tracks: tuple[Connection, Connection]

    def race(self, left: Task, right: Task) -> tuple[Result, Result]:
        """Have both move at the same instant, and wait for both."""
        for track, task in zip(self.tracks, (left, right), strict=True):
            track.send(task)
        return self._answer(0), self._answer(1)

    def _answer(self, number: int) -> Result:
        if not self.tracks[number].poll(2 * PATIENCE):
            return Result(Outcome.BROKEN, "答えがありません。")
        result: Result = self.tracks[number].recv()
        return result


@pytest.fixture(scope="module")
def race_database(django_db_setup: None, django_db_blocker) -> Iterator[str]:
    """Copy the test database, and work in the copy: what races must be committed, and nothing may be left behind."""
    name = f"{connections['default'].settings_dict['NAME']}_race"
    template = connections["default"].settings_dict["NAME"]
    with django_db_blocker.unblock():
        connections.close_all()
        _run("drop database if exists {} with (force)", name)
        _run("create database {} template {}", name, template)
        with _pointing_at(name):
            _number_apart()
            yield name
        _run("drop database {} with (force)", name)


def _run(statement: str, *names: str) -> None:
    with connections["owner"]._nodb_cursor() as cursor:
        cursor.execute(sql.SQL(statement).format(*map(sql.Identifier, names)))


@contextmanager
def _pointing_at(name: str) -> Iterator[None]:
    before = {alias: connections[alias].settings_dict["NAME"] for alias in ALIASES}
    try:
        for alias in ALIASES:
            connections[alias].settings_dict["NAME"] = name
        yield
    finally:
        connections.close_all()
        for alias, old in before.items():
            connections[alias].settings_dict["NAME"] = old


def _number_apart() -> None:
    """Number the cities apart from those of the other tests, which keep their files in the same place."""
    with connections["owner"].cursor() as cursor:
        cursor.execute(
            "select setval(pg_get_serial_sequence('accounts_organization', 'id'), extract(epoch from now())::bigint)"
        )


@pytest.fixture(scope="module")
def racers(race_database: str) -> Iterator[Racers]:
    """Start the two processes and end them."""
    context = multiprocessing.get_context("spawn")
    barrier = context.Barrier(2)
    pipes = [context.Pipe() for _ in range(2)]
    processes = [context.Process(target=main, args=(far, barrier), daemon=True) for _, far in pipes]
    with _environment(race_database):
        for process in processes:
            process.start()
    tracks = (pipes[0][0], pipes[1][0])
    for track in tracks:
        assert track.poll(2 * PATIENCE)
        track.recv()
    yield Racers(tracks)
    for track, process in zip(tracks, processes, strict=True):
        track.send(None)
        process.join(PATIENCE)
        process.close()
    for near, far in pipes:
        near.close()
        far.close()


@contextmanager
def _environment(database: str) -> Iterator[None]:
    """Point the racers at the database of the races, and at a queue that no worker of the suite reads."""
    with pytest.MonkeyPatch.context() as env:
        for name, path in (
            ("DATABASE_URL", f"/{database}"),
            ("DATABASE_OWNER_URL", f"/{database}"),
            ("REDIS_URL", "/15"),
        ):
            env.setenv(name, urlparse(os.environ[name])._replace(path=path).geturl())
        yield


@pytest.fixture
def tally(request: pytest.FixtureRequest) -> Tally:
    kept = request.config.stash.setdefault(tallies, [])
    kept.append(Tally(request.node.callspec.params["pair"].name))
    return kept[-1]


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter, config: pytest.Config) -> None:
    """Print the table of a long run (ROUNDS in the environment)."""
    if "ROUNDS" not in os.environ:
        return
    terminalreporter.section("競り合い")
    terminalreporter.write_line("| 組 | 回数 | 左だけ | 右だけ | 両方 | 食い違い | 秒 |")
    terminalreporter.write_line("|---|--:|--:|--:|--:|--:|--:|")
    for row in config.stash.get(tallies, []):
        cells = (row.name, row.rounds, row.left, row.right, row.both, len(row.disagreements), f"{row.seconds:.1f}")
        terminalreporter.write_line(f"| {' | '.join(map(str, cells))} |")
