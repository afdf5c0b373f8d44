"""A drill, flown once for all questions, and its table."""

import os
import pickle
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from config.embedded.children import BASE_DIR
from tests.torture.flight import Flight

# CONTRACTS を言わなければ、少しの契約を、種の選ぶ幾つかの障害の中で飛ばす
SHORT = ("12", "1.0", "12")
LONG_SECONDS, ALL_KINDS = "4.0", "0"
tables = pytest.StashKey["list[str]"]()


@pytest.fixture(scope="package")
def flight(tmp_path_factory: pytest.TempPathFactory) -> Flight:
    """Fly CONTRACTS contracts (a few by default) with the faults of SEED; it is over when the questions are put."""
    seed = os.environ.get("SEED", "1")
    contracts, seconds, kinds = SHORT
    if "CONTRACTS" in os.environ:
        contracts, seconds, kinds = os.environ["CONTRACTS"], LONG_SECONDS, ALL_KINDS
    out: Path = tmp_path_factory.mktemp("torture") / "flight"
    command = [sys.executable, "-m", "tests.torture", contracts, seed, seconds, kinds, str(out)]
    done = subprocess.run(command, cwd=BASE_DIR, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout[-5000:] + done.stderr[-5000:]
    return pickle.loads(out.read_bytes())


@pytest.fixture(scope="package")
def flaws(flight: Flight, request: pytest.FixtureRequest) -> Iterator[dict[str, int]]:
    """Collect what each question found, for the table at the end."""
    counted: dict[str, int] = {}
    yield counted
    request.config.stash[tables] = [*flight.table(), *(f"{name}: {count}" for name, count in counted.items())]


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter, config: pytest.Config) -> None:
    """Print the table of a long drill (CONTRACTS in the environment)."""
    if "CONTRACTS" in os.environ and tables in config.stash:
        terminalreporter.section("責め苦")
        for line in config.stash[tables]:
            terminalreporter.write_line(line)
