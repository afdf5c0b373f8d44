"""Prove that a backup can be restored: bring it into a scratch database and look at what came back."""

import os
import secrets
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import psycopg
from django.conf import settings
from django.db import connections
from psycopg import sql

from config.backups import index, postgres, restoring, snapshot
from config.backups.errors import BackupFailed
from config.backups.restoring import Checked
from config.backups.store import Generation, Store
from vault.storage import DurableFileSystemStorage

PREFIX = "musubi_verify_"
# 前に不意に止まったものの残り。だれもつないでいないものだけを捨てる
LEFT = """
    select datname from pg_database d where datname like 'musubi\\_verify\\_%'
    and not exists (select from pg_stat_activity a where a.datid = d.oid)
"""
CONCLUDED = """
    select d.tenant_id, d.id from contracts_document d join contracts_contractversion v on v.id = d.version_id
    where v.state = 'concluded' and not exists (
        select from contracts_revision r join vault_storedfile f on f.id = r.tail_id
        where r.document_id = d.id and f.destroyed_at is not null)
    order by random() limit %s
"""
TAILS = """
    select f.tenant_id, f.sha256 from contracts_revision r join vault_storedfile f on f.id = r.tail_id
    where r.document_id = any(%s)
"""


@dataclass
class Proof:
    """What proving a backup found: the flaws of its files, the tables that differ, and what the restored copy says."""

    checked: Checked
    differing: list[str]
    report: str
    is_sound: bool


def prove(generation: Generation, *, store: Store, sample: int, contents: bool) -> Proof:
    """Restore a backup into a scratch database, and verify PDFs and the journal there; raises Damaged, BackupFailed."""
    checked = restoring.check(generation, store=store, contents=contents)
    if checked.fatal:
        return Proof(checked, [], "", is_sound=False)
    with scratch() as name, TemporaryDirectory() as room:
        place = restoring.owner()
        postgres.restore(place, restoring.database(generation, checked.manifest, store=store), database=name)
        with postgres.connect(place, database=name) as connection:
            differing = list(_differing(connection, checked.manifest.tables))
            documents, paths = pick(connection, sample)
        _bring(paths, generation, checked, store=store, room=Path(room))
        looked = _look(documents, database=name, room=Path(room))
    is_sound = not (checked.flaws or differing or looked.returncode)
    return Proof(checked, differing, looked.stdout, is_sound)


def pick(connection: psycopg.Connection[Any], most: int) -> tuple[list[tuple[int, int]], set[str]]:
    """Choose concluded documents by chance, all of them if there are no more; return them and the files they lie in."""
    documents = connection.execute(CONCLUDED, [most]).fetchall()
    tails = connection.execute(TAILS, [[document for _, document in documents]]).fetchall()
    return documents, {f"{tenant}/{sha256[:2]}/{sha256}" for tenant, sha256 in tails}


@contextmanager
def scratch() -> Iterator[str]:
    """Make an empty database beside the real one, and drop it at the end, whatever happened in it."""
    name = f"{PREFIX}{secrets.token_hex(6)}"
    with postgres.connect(restoring.owner(), database="postgres", autocommit=True) as connection:
        if connection.execute("select pg_try_advisory_lock(%s)", [snapshot.LOCK]).fetchone() != (True,):
            raise BackupFailed("ほかの verify_backup が動いています。終わってから、もう一度動かしてください。")
        for (left,) in connection.execute(LEFT).fetchall():
            connection.execute(sql.SQL("drop database if exists {}").format(sql.Identifier(left)))
        connection.execute(sql.SQL("create database {} template template0").format(sql.Identifier(name)))
        try:
            yield name
        finally:
            connection.execute(sql.SQL("drop database {} with (force)").format(sql.Identifier(name)))


def _differing(connection: psycopg.Connection[Any], promised: dict[str, int]) -> Iterator[str]:
    tables = {name for (name,) in connection.execute(snapshot.TABLES).fetchall()}
    for name, rows in promised.items():
        if name == "accounts_session":
            continue
        found = snapshot.count(connection, name) if name in tables else None
        if found != rows:
            yield f"表 {name}: 一覧では {rows} 行、戻したものは {'なし' if found is None else f'{found} 行'}"


def _bring(paths: set[str], generation: Generation, checked: Checked, *, store: Store, room: Path) -> None:
    """Bring the files of the sample, and all anchors that were written out, into a room."""
    areas = {area: DurableFileSystemStorage(location=room / area) for area in ("vault", "anchors")}
    for entry in index.read(generation, store=store):
        if entry.path in checked.lost or (entry.area == "vault" and entry.path not in paths):
            continue
        pieces = restoring.content(entry, store=store)
        areas[entry.area].save(entry.path, restoring.Pieces(pieces).file())


def _look(documents: list[tuple[int, int]], *, database: str, room: Path) -> "subprocess.CompletedProcess[str]":
    """Let a process of the application, that knows nothing but the scratch database and the room, look at it."""
    databases = {
        "DATABASE_URL": connections["default"].settings_dict,
        "DATABASE_OWNER_URL": restoring.owner(),
        "DATABASE_OPS_URL": connections["ops"].settings_dict,
    }
    places = {name: postgres.url(dict(place), database=database) for name, place in databases.items()}
    rooms = {"FILES_ROOT": str(room / "vault"), "ANCHORS_ROOT": str(room / "anchors"), "S3_BUCKET": ""}
    chosen = [f"{tenant}:{document}" for tenant, document in documents]
    return subprocess.run(  # noqa: S603 - 決まった命令だけ
        [sys.executable, "manage.py", "verify_restored", "--documents", *chosen],
        cwd=settings.BASE_DIR,
        env=os.environ | places | rooms | {"DJANGO_SETTINGS_MODULE": "config.settings"},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )
