"""A run of faults: a town of contracts, workers that die at every turn, and the count of what happened."""

import os
import random
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.copies import database_copy, environment
from tests.faults.fates import POINTS
from tests.faults.town import Town
from tests.faults.workers import Workers

# 一つの封印にかけてよい秒数。殺された分のやり直しと、プロセスの起こし直しを含む
PATIENCE_PER_JOB = 10.0
# 並べて動く試験のプロセスが、互いの鈴に答えないように
REDIS = 13 if os.environ.get("PYTEST_XDIST_WORKER") == "gw1" else 14
tables = pytest.StashKey["list[str]"]()


@dataclass
class Aftermath:
    """What a run left behind."""

    town: Town
    workers: Workers
    seconds: float
    mailbox: Path

    def table(self, flaws: dict[str, int]) -> list[str]:
        """Tell the run in lines."""
        fates = Counter(line.partition("\t")[0] for line in self.workers.deaths())
        contracts = len(self.town.stories)
        return [
            f"種 {self.workers.seed}、封印 {self.town.jobs} 件（契約 {contracts} 件）、{self.seconds:.0f} 秒",
            f"不意の SIGKILL {self.workers.killed} 回、worker ごと {self.workers.restarts} 回",
            "決まった場所での死: " + "、".join(f"{point} {fates[point]}" for point in POINTS),
            *(f"{name}: {count}" for name, count in flaws.items()),
        ]


@pytest.fixture(scope="module")
def aftermath(
    django_db_setup: None, django_db_blocker, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Aftermath]:
    """Run JOBS sealing jobs (24 by default) with the deaths of SEED, and keep what is left until it is judged."""
    jobs, seed = int(os.environ.get("JOBS", "24")), os.environ.get("SEED", "1")
    with django_db_blocker.unblock(), database_copy("faults") as name, environment(name, redis=REDIS):
        town = Town(jobs)
        town.found()
        workers = Workers(seed=seed, room=tmp_path_factory.mktemp("faults"))
        workers.start()
        began = time.monotonic()
        try:
            _run(town, workers, chance=random.Random(seed))
        finally:
            workers.kill()
        yield Aftermath(town, workers, time.monotonic() - began, Path(os.environ["STACK_ROOT"]) / "mailbox")


def _run(town: Town, workers: Workers, *, chance: random.Random) -> None:
    """Sign, attend, let time pass and kill, until everything is concluded; the last stretch is left in peace."""
    ends = time.monotonic() + 60 + PATIENCE_PER_JOB * town.jobs
    strikes = town.jobs // 4
    while not town.is_done():
        assert time.monotonic() < ends, f"終わりません: {town.state()}\n{workers.last_words()}"
        town.sign_for_the_cities()
        town.let_time_pass()
        workers.attend()
        time.sleep(chance.uniform(0.1, 0.9))
        if strikes and chance.random() < 0.6 and workers.strike(chance):
            strikes -= 1


@pytest.fixture(scope="module")
def flaws(aftermath: Aftermath, request: pytest.FixtureRequest) -> Iterator[dict[str, int]]:
    """Collect what each question found, for the table at the end."""
    counted: dict[str, int] = {}
    yield counted
    request.config.stash[tables] = aftermath.table(counted)


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter, config: pytest.Config) -> None:
    """Print the table of a long run (JOBS in the environment)."""
    if "JOBS" in os.environ and tables in config.stash:
        terminalreporter.section("障害")
        for line in config.stash[tables]:
            terminalreporter.write_line(line)
