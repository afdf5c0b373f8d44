import hashlib
import os
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Barrier

import pytest
from django.core.files.base import File
from django.core.files.storage import storages
from django.db import connection, transaction
from django.utils import timezone

from accounts import tenancy
from accounts.tenancy import acting_for
from vault import files, masters
from vault.models import StoredFile, TenantKey

pytestmark = pytest.mark.usefixtures("own_database")

PLAIN = "請負代金額 金123,456,789円 ".encode() * 40


def ciphertext(root: Path, stored: StoredFile) -> Path:
    return root / stored.path


def test_what_is_stored_is_read_back(in_city, vault_root):
    stored = files.store(tenant_id=in_city, content=PLAIN)

    assert files.read(stored) == PLAIN
    assert (stored.sha256, stored.size) == (hashlib.sha256(PLAIN).hexdigest(), len(PLAIN))
    assert stored.path == f"{in_city}/{stored.sha256[:2]}/{stored.sha256}"
    assert ciphertext(vault_root, stored).exists()


@pytest.mark.parametrize("size", [0, 1, 4096, (1 << 20) - 64, 1 << 20, (3 << 20) + 17])
def test_every_size_survives(in_city, size):
    content = os.urandom(size)

    stored = files.store(tenant_id=in_city, content=content)

    assert b"".join(files.stream(StoredFile.objects.get(pk=stored.pk))) == content


def test_the_disk_never_holds_plaintext(in_city, vault_root):
    stored = files.store(tenant_id=in_city, content=PLAIN)

    kept = ciphertext(vault_root, stored).read_bytes()

    assert not any(PLAIN[start : start + 16] in kept for start in range(0, 400, 4))


def test_the_same_file_of_two_cities_looks_different(db, vault_root, tenant_id):
    with acting_for(tenant_id):
        first = files.store(tenant_id=tenant_id, content=PLAIN)
    with acting_for(tenant_id + 1):
        second = files.store(tenant_id=tenant_id + 1, content=PLAIN)

    assert first.sha256 == second.sha256
    assert ciphertext(vault_root, first).read_bytes() != ciphertext(vault_root, second).read_bytes()


def test_the_same_bytes_are_kept_once_and_never_written_again(in_city, vault_root):
    first = files.store(tenant_id=in_city, content=PLAIN)
    before = ciphertext(vault_root, first).stat()

    second = files.store(tenant_id=in_city, content=PLAIN)

    assert second.pk == first.pk
    after = ciphertext(vault_root, first).stat()
    assert (after.st_ino, after.st_mtime_ns) == (before.st_ino, before.st_mtime_ns)


@pytest.mark.parametrize("position", [0, 20, 200, -1])
def test_a_flipped_bit_is_damage(in_city, vault_root, position):
    stored = files.store(tenant_id=in_city, content=PLAIN)
    path = ciphertext(vault_root, stored)
    kept = bytearray(path.read_bytes())
    kept[position] ^= 1
    path.write_bytes(kept)

    with pytest.raises(files.Damaged, match="壊れているか、書き換えられています"):
        files.read(stored)


def test_a_cut_off_file_is_damage(in_city, vault_root):
    stored = files.store(tenant_id=in_city, content=os.urandom(3 << 20))
    path = ciphertext(vault_root, stored)
    path.write_bytes(path.read_bytes()[: 1 << 20])

    with pytest.raises(files.Damaged, match="書き換えられています"):
        files.read(stored)


def test_a_missing_file_is_damage_and_storing_again_heals_it(in_city, vault_root):
    stored = files.store(tenant_id=in_city, content=PLAIN)
    ciphertext(vault_root, stored).unlink()

    with pytest.raises(files.Damaged, match="見つかりません"):
        files.read(stored)

    assert files.store(tenant_id=in_city, content=PLAIN).pk == stored.pk
    assert files.read(stored) == PLAIN


def test_a_file_does_not_open_with_the_key_of_another(in_city, vault_root):
    stored = files.store(tenant_id=in_city, content=PLAIN)
    other = files.store(tenant_id=in_city, content=PLAIN + b"!")
    other.wrapped_key = stored.wrapped_key
    other.save()

    with pytest.raises(files.Damaged):
        files.read(other)


def test_another_city_cannot_open_a_file_even_holding_its_row(db, tenant_id):
    with acting_for(tenant_id):
        stored = files.store(tenant_id=tenant_id, content=PLAIN)

    with acting_for(tenant_id + 1):
        assert not StoredFile.objects.filter(pk=stored.pk).exists()
        with pytest.raises(files.Damaged, match="暗号鍵がありません"):
            files.read(stored)


@pytest.mark.django_db(transaction=True)
def test_a_crash_before_the_commit_leaves_an_orphan_that_the_next_store_overwrites(vault_root, tenant_id):
    with transaction.atomic():
        tenancy.set_tenant(tenant_id)
        orphan = ciphertext(vault_root, files.store(tenant_id=tenant_id, content=PLAIN))
        transaction.set_rollback(True)
    left_behind = orphan.read_bytes()

    with acting_for(tenant_id):
        stored = files.store(tenant_id=tenant_id, content=PLAIN)
        assert files.read(stored) == PLAIN

    assert ciphertext(vault_root, stored).read_bytes() != left_behind


def test_a_refused_write_leaves_no_row(in_city, monkeypatch):
    def full(*args: object, **kwargs: object) -> str:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(storages["vault"], "_save", full)

    with pytest.raises(OSError, match="No space"):
        files.store(tenant_id=in_city, content=PLAIN)

    assert not StoredFile.objects.filter(tenant_id=in_city).exists()


@pytest.mark.django_db(transaction=True)
def test_rivals_storing_the_same_bytes_make_one_key_and_one_readable_file(tenant_id):
    start = Barrier(4, timeout=20)

    def rival() -> int:
        start.wait()
        try:
            with acting_for(tenant_id):
                return files.store(tenant_id=tenant_id, content=PLAIN).pk
        finally:
            connection.close()

    with ThreadPoolExecutor(4) as pool:
        rows = {future.result(30) for future in [pool.submit(rival) for _ in range(4)]}

    with acting_for(tenant_id):
        assert len(rows) == TenantKey.objects.filter(tenant_id=tenant_id).count() == 1
        assert files.read(StoredFile.objects.get(pk=rows.pop())) == PLAIN


@pytest.mark.django_db(transaction=True)
def test_a_store_waiting_for_one_that_fails_writes_its_own_file(tenant_id):
    with ThreadPoolExecutor(1) as pool:

        def second() -> bytes:
            try:
                with acting_for(tenant_id):
                    return files.read(files.store(tenant_id=tenant_id, content=PLAIN))
            finally:
                connection.close()

        with transaction.atomic():
            tenancy.set_tenant(tenant_id)
            files.store(tenant_id=tenant_id, content=PLAIN)
            waiting = pool.submit(second)
            transaction.set_rollback(True)

        assert waiting.result(20) == PLAIN


def test_a_wrong_master_keyset_is_named(in_city, settings):
    stored = files.store(tenant_id=in_city, content=PLAIN)
    settings.VAULT_MASTER_KEYSET = masters.new_keyset()

    with pytest.raises(files.Damaged, match="親鍵で開けません"):
        files.read(stored)


def test_a_storage_that_does_not_answer_is_not_called_damage(in_city, monkeypatch):
    stored = files.store(tenant_id=in_city, content=PLAIN)

    def silent(*args: object) -> bytes:
        raise TimeoutError("storage")

    monkeypatch.setattr(File, "read", silent, raising=False)

    with pytest.raises(TimeoutError):
        files.read(stored)


def test_destroyed_bytes_keep_their_row_and_open_with_no_key(in_city, vault_root):
    stored = files.store(tenant_id=in_city, content=PLAIN)
    copied = ciphertext(vault_root, stored).read_bytes()

    files.destroy(stored, at=timezone.now())
    files.sweep(stored)

    row = StoredFile.objects.get(pk=stored.pk)
    assert (row.sha256, bytes(row.wrapped_key)) == (stored.sha256, b"")
    assert not ciphertext(vault_root, stored).exists()
    with pytest.raises(files.Destroyed, match="承認を得て廃棄されました"):
        files.read(row)
    ciphertext(vault_root, stored).parent.mkdir(parents=True, exist_ok=True)
    ciphertext(vault_root, stored).write_bytes(copied)  # 写しが戻っても、鍵がない
    with pytest.raises(files.Destroyed):
        files.read(row)


def test_destroyed_bytes_that_come_again_get_a_new_key_and_are_not_swept(in_city, vault_root):
    stored = files.store(tenant_id=in_city, content=PLAIN)
    before = ciphertext(vault_root, stored).read_bytes()
    files.destroy(stored, at=timezone.now())

    again = files.store(tenant_id=in_city, content=PLAIN)
    files.sweep(stored)

    assert again.pk == stored.pk
    assert files.read(again) == PLAIN
    assert ciphertext(vault_root, stored).read_bytes() != before


@pytest.mark.django_db(transaction=True)
def test_whoever_brings_bytes_while_they_are_destroyed_waits_and_keeps_them(tenant_id):
    def bring() -> int:
        try:
            with acting_for(tenant_id):
                return files.store(tenant_id=tenant_id, content=PLAIN).pk
        finally:
            connection.close()

    with acting_for(tenant_id):
        stored = files.store(tenant_id=tenant_id, content=PLAIN)
    with ThreadPoolExecutor(1) as pool:
        with acting_for(tenant_id):
            files.destroy(StoredFile.objects.select_for_update().get(pk=stored.pk), at=timezone.now())
            bringing = pool.submit(bring)
            with pytest.raises(TimeoutError):
                bringing.result(0.5)
        assert bringing.result(30) == stored.pk

    with acting_for(tenant_id):
        files.sweep(stored)
        assert files.read(StoredFile.objects.get(pk=stored.pk)) == PLAIN
