"""An installation with one concluded contract, and backups of it: in a database and in folders of its own."""

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.core.files.storage import storages
from django.core.management import CommandError, call_command
from django.db import connections, transaction
from django.test.utils import override_settings
from django.utils import timezone
from psycopg import sql

from audit import anchoring, publishing
from config.backups import making, restoring
from config.backups.errors import BackupFailed
from config.backups.store import Generation, Store
from signing import setup
from tests.copies import database_copy
from tests.stories import Story, story
from vault import backups

# 殺された写しの接続がまだ切れていない。または、同じ秒のうちに始めた
IN_THE_WAY = ("ほかのバックアップが動いています", "すでにあります")
PATIENCE = 120.0


def patiently(do: Callable[[], Any]) -> Any:
    """Do something with backups, again while it is refused only for what came just before it."""
    until = time.monotonic() + PATIENCE
    while True:
        try:
            return do()
        except (BackupFailed, CommandError) as refused:
            if not any(each in str(refused) for each in IN_THE_WAY) or time.monotonic() > until:
                raise
        time.sleep(0.1)


@dataclass
class House:
    """Where everything of this installation lies, and what was played in it."""

    database: str
    room: Path
    story: Story
    generations: list[Generation] = field(default_factory=list)

    @property
    def store(self) -> Store:
        return Store()

    @property
    def backups(self) -> Path:
        return self.room / "backups"

    @property
    def vault(self) -> Path:
        return self.room / "vault"

    def backup(self, **options: Any) -> Generation:
        """Make a backup a day after the one before, once nothing is in its way any more."""
        generation: Generation = patiently(lambda: Generation(making.make(at=self._next(), **options).manifest.name))
        self.generations.append(generation)
        return generation

    def _next(self) -> datetime:
        return self.generations[-1].made_at + timedelta(days=1) if self.generations else timezone.now()

    def empty_database(self) -> None:
        """Drop the database and make it anew, with nothing in it."""
        connections.close_all()
        with connections["owner"]._nodb_cursor() as cursor:
            name = sql.Identifier(self.database)
            cursor.execute(sql.SQL("drop database {} with (force)").format(name))
            cursor.execute(sql.SQL("create database {} template template0").format(name))


def places(room: Path) -> dict[str, Any]:
    """Keep every storage of an installation in one room."""
    areas = {name: settings.STORAGES[name] for name in ("vault", "anchors", "backups")}
    return settings.STORAGES | {
        name: area | {"OPTIONS": area["OPTIONS"] | {"location": room / name}} for name, area in areas.items()
    }


@pytest.fixture(scope="module")
def house(django_db_setup: None, django_db_blocker, tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    room = tmp_path_factory.mktemp("house")
    with django_db_blocker.unblock(), database_copy("backups") as name:
        role = settings.BACKUP_DATABASE | {"NAME": name}
        with override_settings(STORAGES=places(room), BACKUP_DATABASE=role, BACKUP_KEYSET=backups.new_keyset()):
            with transaction.atomic():
                told = story("tosu").concluded()
            anchoring.drop(at=timezone.now())
            anchoring.stamp_next(stamp=setup.authorities().stamp)
            publishing.write_out(storages["anchors"])
            yield House(name, room, told)


def run(command: str, *arguments: str) -> tuple[int, str]:
    """Run a command, patiently, and return its exit code and all that it said."""
    said = StringIO()
    try:
        patiently(lambda: call_command(command, *arguments, stdout=said, stderr=said))
    except CommandError as error:
        return error.returncode, f"{said.getvalue()}{error}"
    return 0, said.getvalue()


def scratch_databases() -> list[str]:
    with restoring.postgres.connect(restoring.owner(), database="postgres") as connection:
        rows = connection.execute("select datname from pg_database where datname like 'musubi\\_verify%'").fetchall()
    return [name for (name,) in rows]
