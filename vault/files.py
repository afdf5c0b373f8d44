"""Files at rest: content-addressed, encrypted one by one, verified whenever they are read."""

import hashlib
import io
import shutil
from collections.abc import Iterable, Iterator
from datetime import datetime
from tempfile import SpooledTemporaryFile
from typing import Any, BinaryIO, cast

from django.core.files.base import File
from django.core.files.storage import Storage, storages
from django.db import transaction
from django.db.models import ProtectedError
from django.utils import timezone
from tink import TinkError
from tink.aead import Aead
from tink.streaming_aead import StreamingAead

from vault import keys
from vault.errors import Damaged, Destroyed
from vault.models import StoredFile

__all__ = ["Damaged", "Destroyed", "chain", "destroy", "forget", "read", "store", "stream", "sweep"]

CHUNK = 1 << 20
MOST_IN_MEMORY = 4 << 20

# 同じバイトを先に入れた人がいれば、その取引の終わりを待って、何も入れない
INSERT = """
    insert into vault_storedfile (tenant_id, sha256, size, wrapped_key, created_at)
    values (%s, %s, %s, %s, %s)
    on conflict (tenant_id, sha256) do nothing
    returning *
"""
# 見つけた行は、この取引が終わるまで、鍵を壊す人（destroy）から守る
FIND = "select * from vault_storedfile where tenant_id = %s and sha256 = %s for key share"


def store(*, tenant_id: int, content: bytes | BinaryIO) -> StoredFile:
    """Keep the bytes, or all of a seekable file, and return their row; the same bytes again return the same row.

    The row is inserted before the file is written: a rival with the same bytes waits on the unique
    index until our transaction ends, so no file is ever written under a key its row does not hold.
    """
    source = io.BytesIO(content) if isinstance(content, bytes) else content
    source.seek(0)
    sha256 = hashlib.file_digest(source, "sha256").hexdigest()  # type: ignore[arg-type] # 読めて進めるものなら足りる
    size = source.seek(0, io.SEEK_END)
    with transaction.atomic():
        by = keys.city_made_if_new(tenant_id)
        stored, created = _row(tenant_id, sha256, size, by)
        if created or not _storage().exists(stored.path):
            _write(stored, source, by)
    return stored


def _row(tenant_id: int, sha256: str, size: int, by: Aead) -> tuple[StoredFile, bool]:
    """Make the row of some bytes, or find it; True when it is new, whatever lies under its path."""
    wrapped_key = keys.new_file_key(by, tenant_id=tenant_id, sha256=sha256)
    values = [tenant_id, sha256, size, wrapped_key, timezone.now()]
    if made := next(iter(StoredFile.objects.raw(INSERT, values)), None):
        return made, True
    found: StoredFile = StoredFile.objects.raw(FIND, [tenant_id, sha256])[0]
    return (found, False) if found.destroyed_at is None else (_revived(found, wrapped_key), True)


def _revived(stored: StoredFile, wrapped_key: bytes) -> StoredFile:
    """Give a destroyed row a new key: somebody brings the same bytes anew."""
    given = StoredFile.objects.filter(pk=stored.pk, destroyed_at__isnull=False)
    given.update(wrapped_key=wrapped_key, destroyed_at=None, created_at=timezone.now())
    return StoredFile.objects.get(pk=stored.pk)


def read(stored: StoredFile) -> bytes:
    """Return the bytes as they were stored; raise Damaged if they no longer are."""
    return b"".join(stream(stored))


def stream(stored: StoredFile) -> Iterator[bytes]:
    """Yield the bytes in authenticated pieces; raise Damaged at the first one that is not as stored."""
    return chain([stored])


def chain(rows: Iterable[StoredFile]) -> Iterator[bytes]:
    """Yield the bytes of several files, one after the other, as `stream` does; a city's key is looked up once."""
    known: dict[int, Aead] = {}
    for stored in rows:
        if stored.destroyed_at is not None:
            raise Destroyed(f"このファイルは、保存期間が満了し、承認を得て廃棄されました（{stored.sha256}）。")
        by = known.get(stored.tenant_id) or known.setdefault(stored.tenant_id, keys.city(stored.tenant_id))
        yield from _pieces(stored, by)


def _pieces(stored: StoredFile, by: Aead) -> Iterator[bytes]:
    digest = hashlib.sha256()
    try:
        source = _Source(_storage().open(stored.path))
        with _decrypted(stored, source, by) as plain:
            while piece := plain.read(CHUNK):
                digest.update(piece)
                yield piece
    except FileNotFoundError as error:
        raise Damaged(f"保管されたファイルが見つかりません（{stored.sha256}）。") from error
    except TinkError as error:
        if source.trouble:
            raise source.trouble from error
        raise Damaged(_altered(stored)) from error
    if digest.hexdigest() != stored.sha256:
        raise Damaged(_altered(stored))


def forget(stored: StoredFile) -> bool:
    """Throw away the only key to some bytes; False, and nothing done, while a row still refers to them.

    The ciphertext that stays opens with no key, and gives way when the same bytes are stored anew.
    """
    try:
        stored.delete()
    except ProtectedError:
        return False
    return True


def destroy(stored: StoredFile, *, at: datetime) -> None:
    """Throw away the only key to some bytes, and leave their row to those that refer to it.

    The row must be locked for update by the caller, so that nobody takes the bytes into use meanwhile. `sweep` removes
    the ciphertext afterwards; backups of it open with no key either.
    """
    stored.wrapped_key, stored.destroyed_at = b"", at
    stored.save(update_fields=["wrapped_key", "destroyed_at"])


def sweep(stored: StoredFile) -> None:
    """Remove the ciphertext of destroyed bytes of the city in view; may be repeated.

    It stays where somebody has brought the same bytes anew.
    """
    with transaction.atomic():
        row = StoredFile.objects.select_for_update().get(pk=stored.pk)
        if row.destroyed_at is not None:
            _storage().delete(row.path)


def _altered(stored: StoredFile) -> str:
    return f"保管されたファイルが壊れているか、書き換えられています（{stored.sha256}）。"


def _storage() -> Storage:
    return storages["vault"]


def _decrypted(stored: StoredFile, ciphertext: io.RawIOBase, by: Aead) -> BinaryIO:
    try:
        cipher = _cipher(stored, by)
    except TinkError:
        # 行を読んでから開くまでに、市の鍵の版が替わったかもしれない
        stored.refresh_from_db(fields=["wrapped_key"])
        cipher = _cipher(stored, keys.city(stored.tenant_id))
    return cast(BinaryIO, cipher.new_decrypting_stream(cast(BinaryIO, ciphertext), _label(stored)))


def _cipher(stored: StoredFile, by: Aead) -> StreamingAead:
    return keys.file_cipher(bytes(stored.wrapped_key), by, tenant_id=stored.tenant_id, sha256=stored.sha256)


def _label(stored: StoredFile) -> bytes:
    return keys.file_label(stored.tenant_id, stored.sha256)


def _write(stored: StoredFile, source: BinaryIO, by: Aead) -> None:
    with SpooledTemporaryFile(max_size=MOST_IN_MEMORY) as aside:
        source.seek(0)
        with _cipher(stored, by).new_encrypting_stream(cast(BinaryIO, _Kept(aside)), _label(stored)) as sealing:
            shutil.copyfileobj(source, sealing, CHUNK)
        aside.seek(0)
        # 行の無いファイルは、書いた直後に止まった取引の残りである。どの行の鍵でも開かないので除いてよい。
        if _storage().exists(stored.path):
            _storage().delete(stored.path)
        name = _storage().save(stored.path, File(aside))
    if name != stored.path:
        raise Damaged(f"ファイルを決められた場所に保管できませんでした（{stored.path}）。")


class _Source(io.RawIOBase):
    """Remember why reading failed: a storage that does not answer must not look like a forged file."""

    def __init__(self, file: "File[bytes]") -> None:
        self.file = file
        self.trouble: Exception | None = None

    def readable(self) -> bool:
        return True

    def read(self, size: int = -1) -> bytes:
        try:
            return cast(bytes, self.file.read(size))
        except Exception as error:
            self.trouble = error
            raise

    def close(self) -> None:
        self.file.close()
        super().close()


class _Kept(io.RawIOBase):
    """Write aside; the close by which Tink ends a ciphertext closes only this."""

    def __init__(self, aside: "SpooledTemporaryFile[bytes]") -> None:
        self.aside = aside

    def writable(self) -> bool:
        return True

    def write(self, piece: Any) -> int:
        return self.aside.write(piece)
