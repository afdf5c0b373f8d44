"""A database of its own for the races, two racers in processes of their own, and the table at the end."""

import multiprocessing
import os
from collections.abc import Iterator
from dataclasses import dataclass, field
from multiprocessing.connection import Connection

import pytest

from tests.copies import database_copy, environment
from tests.race.racer import PATIENCE, Outcome, Result, Task, main

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
    """Work in a copy of the test database: what races must be committed, and nothing may be left behind."""
    with django_db_blocker.unblock(), database_copy("race") as name:
        yield name


@pytest.fixture(scope="module")
def racers(race_database: str) -> Iterator[Racers]:
    """Start the two processes and end them."""
    context = multiprocessing.get_context("spawn")
    barrier = context.Barrier(2)
    pipes = [context.Pipe() for _ in range(2)]
    processes = [context.Process(target=main, args=(far, barrier), daemon=True) for _, far in pipes]
    with environment(race_database, redis=15):
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
