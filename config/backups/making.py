"""Make a backup: the database of one moment, then every file its rows promise, then the manifest: now it is whole."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, datetime

from django.conf import settings
from django.core.files.storage import storages
from django.utils import timezone

from config.backups import index, postgres, pruning, snapshot
from config.backups.errors import TROUBLES, BackupFailed
from config.backups.index import Entry, Known
from config.backups.snapshot import Snapshot
from config.backups.store import DATABASE, Generation, Kind, Manifest, Part, Store, object_path
from contracts.dates import fiscal_year
from vault import backups
from vault.errors import Damaged


@dataclass
class Made:
    """A whole backup, the files that rows promise but nobody has, and what was removed to make room or why not."""

    manifest: Manifest
    missing: list[str]
    pruned: list[Generation] = field(default_factory=list)
    not_pruned: str = ""


def make(*, at: datetime, kind: Kind | None = None, store: Store | None = None) -> Made:
    """Make a backup and remove those that are past their time; of no kind, it is the one that the day asks for.

    Raises BackupFailed, Damaged or OSError; what was begun then never looks whole, and the others stay as they are.
    """
    store = store or Store()
    with snapshot.taken() as moment:
        before = store.whole()
        generation = Generation.at(at, kind or due(before, timezone.localdate(at)))
        if generation in store.begun():
            raise BackupFailed(f"{generation.name} は、すでにあります。")
        made = _Making(store, generation, moment, before[-1] if before else None)
        manifest = made.all()
        result = Made(manifest, made.missing)
        try:
            sweeps = generation.kind is not Kind.DAILY
            result.pruned = pruning.prune(store, today=timezone.localdate(at), sweeps=sweeps)
        except TROUBLES as trouble:
            result.not_pruned = str(trouble)
    return result


def due(known: list[Generation], today: date) -> Kind:
    """Say of which kind today's backup is: the first of the fiscal year, the first of the month, or of the day."""
    days = [timezone.localdate(each.made_at) for each in known]
    if not any(fiscal_year(day) == fiscal_year(today) for day in days):
        return Kind.YEARLY
    if not any((day.year, day.month) == (today.year, today.month) for day in days):
        return Kind.MONTHLY
    return Kind.DAILY


class _Making:
    """One backup on its way."""

    def __init__(self, store: Store, generation: Generation, moment: Snapshot, before: Generation | None) -> None:
        self.store, self.generation, self.moment = store, generation, moment
        self._known = Known(index.read(before, store=store) if before else [])
        # 月次と年次は、前の写しにあるはずのものが本当にあるかも見る。失われていれば写し直す
        self._looks = generation.kind is not Kind.DAILY
        self.missing: list[str] = []
        self.kept = self.kept_bytes = self.new = self.new_bytes = 0

    def all(self) -> Manifest:
        tables, roles = self.moment.rows(), self.moment.roles()
        database = self._database()
        # ファイルは行より後に写す。断面にある行のファイルは、断面の前に書き終わっている
        files = index.write(self._entries(), store=self.store, generation=self.generation)
        manifest = Manifest(
            name=self.generation.name,
            server=self.moment.server,
            database=database,
            files=files,
            tables=tables,
            roles=roles,
            kept=self.kept,
            kept_bytes=self.kept_bytes,
            new=self.new,
            new_bytes=self.new_bytes,
            missing=len(self.missing),
        )
        self.store.write_manifest(self.generation, manifest)
        return manifest

    def _database(self) -> Part:
        dump = postgres.Dump(settings.BACKUP_DATABASE, snapshot=self.moment.name)
        try:
            path = self.generation.path(DATABASE)
            return self.store.put(path, dump, label=path)
        finally:
            dump.close()

    def _entries(self) -> Iterator[Entry]:
        for name in sorted(Store(storages["anchors"]).listed("")[1]):
            if not name.startswith("."):
                yield self._entry(Entry("anchors", name, ""))
        for tenant_id, sha256, created_at in self.moment.files():
            path = f"{tenant_id}/{sha256[:2]}/{sha256}"
            try:
                yield self._entry(Entry("vault", path, created_at.isoformat()))
            except FileNotFoundError:
                # 断面の後に、承認を得て廃棄されたのかもしれない
                if snapshot.is_still_kept(tenant_id, sha256):
                    self.missing.append(path)
                    yield Entry("vault", path, created_at.isoformat())

    def _entry(self, wanted: Entry) -> Entry:
        found = self._known.find(wanted)
        if found is not None and self._looks and not self.store.storage.exists(object_path(found.name)):
            found = None
        entry = found or self._copied(wanted)
        self.kept += 1
        self.kept_bytes += entry.size
        return entry

    def _copied(self, wanted: Entry) -> Entry:
        name = backups.name_for(f"{wanted.area}|{wanted.path}|{wanted.stamp}")
        part = self._as_left_by_a_killed_run(name) or self._put(name, wanted)
        self.new += 1
        self.new_bytes += part.size
        return Entry(wanted.area, wanted.path, wanted.stamp, name, part.size, part.sha256)

    def _put(self, name: str, wanted: Entry) -> Part:
        with storages[wanted.area].open(wanted.path) as source:
            return self.store.put(object_path(name), source, label=name)

    def _as_left_by_a_killed_run(self, name: str) -> Part | None:
        """Take over an object that is there already, once all of it was read; None when it must be written anew."""
        if not self.store.storage.exists(object_path(name)):
            return None
        try:
            return self.store.measured(object_path(name), label=name)
        except Damaged:
            return None
