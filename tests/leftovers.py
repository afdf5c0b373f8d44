"""Pytest plugin: a module that leaves committed rows to the others fails itself, whoever comes after it.

What must be committed is committed in a copy of the test database (`own_database`).
"""

from collections.abc import Generator

import psycopg
import pytest
from django.conf import settings
from psycopg import sql

# 移行と post_migrate が入れる行
SEEDED = {"django_content_type", "django_migrations", "auth_permission"}
TABLES = "select tablename from pg_tables where schemaname = 'public'"
watched: list[str] = []


def watch(database: str) -> None:
    """Look at this database after every module from now on."""
    watched.append(database)


def left() -> list[str]:
    """Name the tables of the watched databases that hold rows of some test, whatever row security hides."""
    found = []
    for database in watched:
        place = settings.BACKUP_DATABASE
        role = {"user": place["USER"], "password": place["PASSWORD"], "host": place["HOST"], "port": place["PORT"]}
        with psycopg.connect(dbname=database, **role) as connection:
            tables = {name for (name,) in connection.execute(TABLES)} - SEEDED
            asked = [
                sql.SQL("select {} where exists (select from {})").format(name, sql.Identifier(name))
                for name in sorted(tables)
            ]
            found += [name for (name,) in connection.execute(sql.SQL(" union all ").join(asked))]
    return found


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_runtest_teardown(item: pytest.Item, nextitem: pytest.Item | None) -> Generator[None, None, None]:
    yield
    if (nextitem is None or nextitem.path != item.path) and (tables := left()):
        watched.clear()  # 後の試験まで責めない
        pytest.fail(f"{item.path.name} が、ほかの試験に見える行を残しました: {'、'.join(tables)}", pytrace=False)
