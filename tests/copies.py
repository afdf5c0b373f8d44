"""A database of its own for tests that commit: what several processes do at once leaves nothing behind."""

import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from urllib.parse import urlparse

import pytest
from django.db import ProgrammingError, connections
from psycopg import sql

ALIASES = ("default", "owner", "ops")


@contextmanager
def database_copy(suffix: str) -> Iterator[str]:
    """Copy the test database, and work in the copy until the block ends."""
    template = connections["default"].settings_dict["NAME"]
    name = f"{template}_{suffix}"
    connections.close_all()
    _run("drop database if exists {} with (force)", name)
    _run("create database {} template {}", name, template)
    with _pointing_at(name):
        _number_apart()
        yield name
    _drop(name)


def _run(statement: str, *names: str) -> None:
    with connections["owner"]._nodb_cursor() as cursor:
        cursor.execute(sql.SQL(statement).format(*map(sql.Identifier, names)))


def _drop(name: str) -> None:
    """Drop a copy once the last process that worked in it has hung up; only its own role could cut it off."""
    for pause in (0.2, 1, 5, 20):
        try:
            return _run("drop database {} with (force)", name)
        except ProgrammingError:
            time.sleep(pause)
    return _run("drop database {} with (force)", name)


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


@contextmanager
def environment(database: str, *, redis: int) -> Iterator[None]:
    """Point processes that are started here at a database, and at a queue that no worker of the suite reads."""
    with pytest.MonkeyPatch.context() as env:
        for name, path in (
            ("DATABASE_URL", f"/{database}"),
            ("DATABASE_OWNER_URL", f"/{database}"),
            ("DATABASE_OPS_URL", f"/{database}"),
            ("REDIS_URL", f"/{redis}"),
        ):
            env.setenv(name, urlparse(os.environ[name])._replace(path=path).geturl())
        yield
