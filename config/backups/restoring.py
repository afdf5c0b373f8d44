"""Bring a backup back into an empty database and an empty vault; what is there already is never touched."""

import io
from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import IO, cast

from django.core.files.base import File
from django.core.files.storage import storages
from django.db import connections

from config.backups import index, postgres
from config.backups.errors import BackupFailed
from config.backups.index import Entry
from config.backups.postgres import Place
from config.backups.store import DATABASE, FILES, Generation, Manifest, Part, Store, object_path
from vault.errors import Damaged

EMPTY = """
    select count(*) from pg_class c where relkind in ('r', 'p', 'v', 'm', 'S') and relnamespace = 'public'::regnamespace
    and not exists (select from pg_depend d where d.objid = c.oid and d.deptype = 'e')
"""
MISSING_ROLES = "select name from unnest(%s::text[]) name where name not in (select rolname from pg_roles)"


@dataclass
class Checked:
    """A backup that was read from its first byte to its last: what it holds, and what of it is damaged or missing."""

    manifest: Manifest
    files: int = 0
    fatal: list[str] = field(default_factory=list)  # これがあれば、何も戻せない
    lost: dict[str, str] = field(default_factory=dict)  # 一つずつのファイル

    @property
    def flaws(self) -> list[str]:
        return [*self.fatal, *self.lost.values()]


def owner() -> Place:
    """Say where and as whom a database is brought back: as the role that owns the tables."""
    return dict(connections["owner"].settings_dict)


def check(generation: Generation, *, store: Store, contents: bool = True) -> Checked:
    """Read all of a backup, or all but the contents of its files; raises Damaged without a sound manifest."""
    checked = Checked(store.manifest(generation))
    path = generation.path(FILES)
    for part in (
        database(generation, checked.manifest, store=store),
        store.open(path, label=path, promised=checked.manifest.files),
    ):
        try:
            deque(part, maxlen=0)
        except Damaged as damaged:
            checked.fatal.append(str(damaged))
    if not checked.fatal:
        _check_files(generation, checked, store=store, contents=contents)
    return checked


def _check_files(generation: Generation, checked: Checked, *, store: Store, contents: bool) -> None:
    for entry in index.read(generation, store=store):
        checked.files += 1
        why = _flaw(entry, store=store, contents=contents)
        if why:
            checked.lost[entry.path] = why


def _flaw(entry: Entry, *, store: Store, contents: bool) -> str:
    if not entry.name:
        return f"{entry.path}: バックアップを取ったとき、保管庫にありませんでした。"
    if not contents:
        there = store.storage.exists(object_path(entry.name))
        return "" if there else f"{entry.path}（{object_path(entry.name)}）: ありません。"
    try:
        deque(content(entry, store=store), maxlen=0)
    except Damaged as damaged:
        return f"{entry.path}（{damaged}）"
    return ""


def database(generation: Generation, manifest: Manifest, *, store: Store) -> Iterator[bytes]:
    """Yield the dump of a generation; raises Damaged when it is not the one its manifest names."""
    path = generation.path(DATABASE)
    return store.open(path, label=path, promised=manifest.database)


def content(entry: Entry, *, store: Store) -> Iterator[bytes]:
    """Yield a file as it lay in its storage; raises Damaged."""
    promised = Part(entry.size, entry.sha256)
    return store.open(object_path(entry.name), label=entry.name, promised=promised)


def check_target(manifest: Manifest, *, place: Place) -> None:
    """Refuse to restore onto anything that is there, or where roles are missing."""
    with postgres.connect(place) as connection:
        row = connection.execute(EMPTY).fetchone()
        if row is None or row[0]:
            raise BackupFailed(f"データベース {place['NAME']} が空ではありません。空のデータベースにだけ戻せます。")
        missing = [name for (name,) in connection.execute(MISSING_ROLES, [manifest.roles]).fetchall()]
        if missing:
            raise BackupFailed(
                f"役割 {'、'.join(missing)} がありません。scripts/postgres-roles.sh のとおりに作ってください。"
            )
        if connection.info.server_version // 10_000 < int(manifest.server.partition(".")[0]):
            raise BackupFailed(f"PostgreSQL {manifest.server} より古いサーバーには戻せません。")
    folders, names = Store(storages["vault"]).listed("")
    if folders or names:
        raise BackupFailed("ファイルの置き場が空ではありません。空の置き場にだけ戻せます。")


def bring_back(generation: Generation, checked: Checked, *, store: Store) -> tuple[int, list[str]]:
    """Restore a checked backup, its damaged files left out; return how many files, and the anchors that differ.

    The files come first and the rows last, in one transaction: whoever sees a row finds its file.
    """
    count, differing = 0, []
    for entry in index.read(generation, store=store):
        if entry.path in checked.lost:
            continue
        if entry.area == "anchors" and storages["anchors"].exists(entry.path):
            # 外に置いた錨は、書き換えへの備えである。残っているものが証拠であり、写しで置き換えない
            differing += [] if _same(entry, store=store) else [entry.path]
            continue
        _put(entry, store=store)
        count += 1
    place = owner()
    postgres.restore(place, database(generation, checked.manifest, store=store))
    with postgres.connect(place, autocommit=True) as connection:
        connection.execute("analyze")
    return count, differing


def _put(entry: Entry, *, store: Store) -> None:
    kept = storages[entry.area].save(entry.path, Pieces(content(entry, store=store)).file())
    if kept != entry.path:
        raise BackupFailed(f"{entry.path} を、決めた名で書けませんでした。")


class Pieces(io.RawIOBase):
    """Read what comes piece by piece as one file, without holding it."""

    def __init__(self, pieces: Iterator[bytes]) -> None:
        self._pieces, self._rest = pieces, b""

    def readable(self) -> bool:
        return True

    def file(self) -> "File[bytes]":
        return File(cast(IO[bytes], self))

    def read(self, size: int = -1, /) -> bytes:
        while size < 0 or len(self._rest) < size:
            piece = next(self._pieces, b"")
            if not piece:
                break
            self._rest += piece
        wanted = len(self._rest) if size < 0 else size
        given, self._rest = self._rest[:wanted], self._rest[wanted:]
        return given


def _same(entry: Entry, *, store: Store) -> bool:
    with storages[entry.area].open(entry.path) as there:
        return bool(there.read() == b"".join(content(entry, store=store)))
