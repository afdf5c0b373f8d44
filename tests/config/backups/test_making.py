"""Backups are made of what is new, are whole or nothing, and heal what a killed run left."""

import os
import resource
import shutil
import signal
import subprocess
import sys
import time
from urllib.parse import urlparse

import pytest
from django.conf import settings
from django.db import connections
from django.utils import timezone

from accounts import tenancy
from config.backups import index, making, postgres
from config.backups.errors import BackupFailed
from config.backups.store import Generation, Kind, object_path
from tests.config.backups.conftest import House, run
from vault import files
from vault.models import BackupRun, StoredFile

pytestmark = pytest.mark.xdist_group("backups")


def environment(house: House) -> dict[str, str]:
    urls = {
        name: urlparse(os.environ[name])._replace(path=f"/{house.database}").geturl()
        for name in ("DATABASE_URL", "DATABASE_OWNER_URL", "DATABASE_OPS_URL", "DATABASE_BACKUP_URL")
    }
    rooms = {"FILES_ROOT": house.vault, "ANCHORS_ROOT": house.room / "anchors", "BACKUP_ROOT": house.backups}
    key = {"BACKUP_KEYSET": settings.BACKUP_KEYSET, "DJANGO_SETTINGS_MODULE": "config.settings"}
    return os.environ | urls | {name: str(path) for name, path in rooms.items()} | key


def command(house: House, **options) -> subprocess.Popen:
    argv = [sys.executable, "manage.py", "backup"]
    said = {"stdout": subprocess.PIPE, "stderr": subprocess.STDOUT, "text": True}
    return subprocess.Popen(argv, cwd=settings.BASE_DIR, env=environment(house), **said, **options)


def store_something(house: House, content: bytes) -> StoredFile:
    with tenancy.acting_for(house.story.tenant.pk):
        return files.store(tenant_id=house.story.tenant.pk, content=content)


def copies(house: House, generation: Generation) -> dict[str, int]:
    """Tell when each file that a backup names was copied, in nanoseconds."""
    names = [entry.name for entry in index.read(generation, store=house.store)]
    return {name: (house.backups / object_path(name)).stat().st_mtime_ns for name in names}


def test_only_new_files_are_copied(house: House):
    first = house.backup()
    before = copies(house, first)
    store_something(house, b"new paper")

    second = house.backup()

    made = house.store.manifest(second)
    assert (made.new, made.kept, made.missing) == (1, len(before) + 1, 0)
    assert before.items() < copies(house, second).items()


def test_bytes_that_were_destroyed_and_brought_anew_are_copied_anew(house: House):
    stored = store_something(house, b"came, went and came back")
    house.backup()
    with tenancy.acting_for(house.story.tenant.pk):
        files.destroy(stored, at=timezone.now())
        files.sweep(stored)
    store_something(house, b"came, went and came back")

    generation = house.backup()

    [entry] = [each for each in index.read(generation, store=house.store) if each.path == stored.path]
    there = b"".join(house.store.open(object_path(entry.name), label=entry.name))
    assert there == (house.vault / stored.path).read_bytes()


def test_a_file_that_the_vault_lost_is_named_and_the_rest_is_backed_up(house: House):
    stored = store_something(house, b"soon lost")
    (house.vault / stored.path).unlink()

    code, said = run("backup")
    with tenancy.acting_for(house.story.tenant.pk):
        stored.delete()

    assert (code, stored.path in said, "完成しました" in said) == (1, True, True), said
    last = BackupRun.objects.latest("began_at")
    assert (last.missing, last in BackupRun.objects.last_good()) == (1, False)


def test_a_lost_object_is_copied_again_by_the_next_that_looks(house: House):
    [entry, *_] = index.read(house.backup(), store=house.store)
    path = house.backups / object_path(entry.name)
    shutil.move(path, house.room / "lost")

    house.backup(kind=Kind.MONTHLY)

    assert path.exists()


def test_a_run_that_is_killed_leaves_nothing_that_looks_whole(house: House):
    whole = house.store.whole()
    with command(house) as process:
        began = time.monotonic()
        while len(house.store.begun()) == len(whole) and time.monotonic() < began + 120:
            time.sleep(0.002)
        process.send_signal(signal.SIGKILL)
    assert house.store.whole() == whole

    code, said = run("backup")

    assert code == 0, said
    assert [each.name for each in house.store.begun()] == [each.name for each in house.store.whole()]
    assert not [path for path in house.backups.rglob(".*") if path.is_file()]


def test_a_full_disk_is_said_and_the_backups_before_stay(house: House):
    whole = house.store.whole()

    def small() -> None:
        resource.setrlimit(resource.RLIMIT_FSIZE, (20_000, 20_000))

    with command(house, preexec_fn=small) as process:
        said = process.communicate(timeout=300)[0]

    assert process.returncode == 1, said
    assert "完成していません" in said
    assert house.store.whole() == whole
    assert BackupRun.objects.latest("began_at").problem


def test_two_backups_are_not_made_at_once(house: House):
    with postgres.connect(settings.BACKUP_DATABASE) as other:
        other.execute("select pg_advisory_lock(%s)", [making.snapshot.LOCK])
        with pytest.raises(BackupFailed, match="ほかのバックアップ"):
            making.make(at=timezone.now())


def test_a_role_that_does_not_see_behind_the_walls_makes_no_backup(house: House, settings):
    settings.BACKUP_DATABASE = dict(connections["default"].settings_dict)

    with pytest.raises(BackupFailed, match="BYPASSRLS"):
        making.make(at=timezone.now())


def test_a_backup_while_the_city_works_holds_one_moment(house: House):
    """Rows and files that come after the snapshot are in the next backup, and never half in this one."""
    with making.snapshot.taken() as moment:
        later = store_something(house, b"after the snapshot")
        seen = {sha256 for _, sha256, _ in moment.files()}

    assert later.sha256 not in seen
    generation = house.backup()
    assert later.path in {entry.path for entry in index.read(generation, store=house.store)}
