"""One moment of the database, seen by the role that reads everything and writes nothing."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import psycopg
from django.conf import settings
from psycopg import sql

from config.backups import postgres
from config.backups.errors import BackupFailed

LOCK = 0x6261636B  # 「back」。写しは一度に一つだけ取る
TABLES = "select relname from pg_class where relkind in ('r', 'p') and relnamespace = 'public'::regnamespace order by 1"
ROLES = """
    select distinct rolname from pg_roles r where not rolsuper and (
        oid in (select unnest(polroles) from pg_policy)
        or oid in (select grantee from pg_class, aclexplode(relacl) where relnamespace = 'public'::regnamespace)
        or oid in (select grantee from pg_proc, aclexplode(proacl) where pronamespace = 'public'::regnamespace)
        or oid = (select datdba from pg_database where datname = current_database())
    ) order by 1
"""
KEPT = """
    select tenant_id, sha256, created_at from vault_storedfile
    where destroyed_at is null order by tenant_id, sha256 collate "C"
"""
STILL_KEPT = "select 1 from vault_storedfile where tenant_id = %s and sha256 = %s and destroyed_at is null"
PAGE = 2_000


@dataclass
class Snapshot:
    """What the database held at one moment, and the connection that holds on to it."""

    connection: psycopg.Connection[Any]
    name: str

    @property
    def server(self) -> str:
        return str(self.connection.info.parameter_status("server_version"))

    def rows(self) -> dict[str, int]:
        """Count the rows of every table."""
        names = [name for (name,) in self.connection.execute(TABLES).fetchall()]
        return {name: count(self.connection, name) for name in names}

    def roles(self) -> list[str]:
        """Name the roles that own, are granted or are named by a policy anything in it."""
        return [name for (name,) in self.connection.execute(ROLES).fetchall()]

    def files(self) -> Iterator[tuple[int, str, datetime]]:
        """Yield city, SHA-256 and birth of every file that has its key, in this order."""
        with self.connection.cursor(name="files") as cursor:
            cursor.itersize = PAGE
            yield from cursor.execute(KEPT)


@contextmanager
def taken() -> Iterator[Snapshot]:
    """Hold one moment of the database until the block ends; raises BackupFailed while somebody else makes a backup."""
    with postgres.connect(settings.BACKUP_DATABASE) as connection:
        connection.isolation_level = psycopg.IsolationLevel.REPEATABLE_READ
        connection.read_only = True
        if not _first(connection, "select pg_try_advisory_lock(%s)", LOCK):
            raise BackupFailed("ほかのバックアップが動いています。終わってから、もう一度動かしてください。")
        _check_sight(connection)
        yield Snapshot(connection, _first(connection, "select pg_export_snapshot()"))


def is_still_kept(tenant_id: int, sha256: str) -> bool:
    """Tell whether a file is still promised now: it may have been disposed of since the snapshot."""
    with postgres.connect(settings.BACKUP_DATABASE) as connection:
        return connection.execute(STILL_KEPT, [tenant_id, sha256]).fetchone() is not None


def count(connection: psycopg.Connection[Any], table: str) -> int:
    return int(_first(connection, sql.SQL("select count(*) from {}").format(sql.Identifier(table))))


def _check_sight(connection: psycopg.Connection[Any]) -> None:
    # 壁の中の行が見えない役割で取ると、空の写しができる
    if not _first(connection, "select rolbypassrls or rolsuper from pg_roles where rolname = current_user"):
        raise BackupFailed("写しを取る役割が、すべての行を読めません（BYPASSRLS がありません）。")


def _first(connection: psycopg.Connection[Any], statement: str | sql.Composed, *values: Any) -> Any:
    row = connection.execute(statement, values).fetchone()
    return row[0] if row else None
