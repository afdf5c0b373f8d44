"""Pytest plugin: the real services for one run of the suite, started before Django reads its settings.

Several runs at once each take a directory of their own (`var/test`, `var/test-2`, …); the data
directories stay, so that a warm start takes about a second.
"""

import hashlib
import os
from collections.abc import Generator, Iterable
from pathlib import Path

import pytest
from psycopg import sql

from config.embedded.children import BASE_DIR
from config.embedded.stack import Stack, StackBusy

RUNS_AT_ONCE = 8
stack: Stack | None = None


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_load_initial_conftests() -> Generator[None, None, None]:
    if "PYTEST_XDIST_WORKER" not in os.environ:
        _start()
    try:
        return (yield)
    except BaseException:
        _stop()
        raise


@pytest.hookimpl(tryfirst=True)
def pytest_unconfigure() -> None:
    _stop()


def _start() -> None:
    global stack
    stack = _first_free_stack()
    os.environ.update(stack.environment() | {"STACK_ROOT": str(stack.root)})
    _forget_outdated_databases(stack)


def _stop() -> None:
    if stack is not None:
        stack.stop()


def _first_free_stack() -> Stack:
    for number in range(1, RUNS_AT_ONCE + 1):
        candidate = Stack(BASE_DIR / "var" / ("test" if number == 1 else f"test-{number}"), durable=False)
        try:
            candidate.start()
        except StackBusy:
            continue
        return candidate
    raise pytest.UsageError(f"{RUNS_AT_ONCE} 個の試験がすでに動いています。")


def _forget_outdated_databases(running: Stack) -> None:
    """Drop kept test databases once a migration was added, changed or taken away."""
    if running.postgres is None:
        return
    stamp = running.home / "migrations.sha256"
    now = _fingerprint(path for app in BASE_DIR.glob("*/migrations") for path in app.glob("*.py"))
    if stamp.exists() and stamp.read_text() == now:
        return
    with running.postgres.superuser() as connection:
        for (name,) in connection.execute("SELECT datname FROM pg_database WHERE datname LIKE 'test\\_%'").fetchall():
            connection.execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(name)))
    stamp.write_text(now)


def _fingerprint(paths: Iterable[Path]) -> str:
    digest = hashlib.sha256()
    for path in sorted(paths):
        digest.update(str(path).encode() + b"\0" + path.read_bytes())
    return digest.hexdigest()
