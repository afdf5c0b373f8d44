"""Files at rest: content-addressed, encrypted one by one, verified whenever they are read."""

import hashlib
import io
import shutil
from collections.abc import Iterator
from tempfile import SpooledTemporaryFile
from typing import Any, BinaryIO, cast

from django.core.files.base import File
from django.core.files.storage import Storage, storages
from django.db import IntegrityError, transaction
from django.db.models import ProtectedError
from tink import TinkError
from tink.streaming_aead import StreamingAead

from vault import keys
from vault.errors import Damaged
from vault.models import StoredFile

__all__ = ["Damaged", "forget", "read", "store", "stream"]

CHUNK = 1 << 20
MOST_IN_MEMORY = 4 << 20


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
        stored, created = _row(tenant_id, sha256, size)
        if created or not _storage().exists(stored.path):
            _write(stored, source)
    return stored


def _row(tenant_id: int, sha256: str, size: int) -> tuple[StoredFile, bool]:
    """Find the row of some bytes, or make it; True when it is new, whatever lies under its path."""
    rows = StoredFile.objects.filter(tenant_id=tenant_id, sha256=sha256)
    if (known := rows.first()) is not None:
        return known, False
    wrapped_key = keys.new_file_key(tenant_id=tenant_id, sha256=sha256)
    try:
        with transaction.atomic():
            made = StoredFile.objects.create(tenant_id=tenant_id, sha256=sha256, size=size, wrapped_key=wrapped_key)
            return made, True
    except IntegrityError:  # 同じバイトを、先に入れた人がいる
        return rows.get(), False


def read(stored: StoredFile) -> bytes:
    """Return the bytes as they were stored; raise Damaged if they no longer are."""
    return b"".join(stream(stored))


def stream(stored: StoredFile) -> Iterator[bytes]:
    """Yield the bytes in authenticated pieces; raise Damaged at the first one that is not as stored."""
    digest = hashlib.sha256()
    try:
        source = _Source(_storage().open(stored.path))
        with _decrypted(stored, source) as plain:
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


def _altered(stored: StoredFile) -> str:
    return f"保管されたファイルが壊れているか、書き換えられています（{stored.sha256}）。"


def _storage() -> Storage:
    return storages["vault"]


def _decrypted(stored: StoredFile, ciphertext: io.RawIOBase) -> BinaryIO:
    return cast(BinaryIO, _cipher(stored).new_decrypting_stream(cast(BinaryIO, ciphertext), _label(stored)))


def _cipher(stored: StoredFile) -> StreamingAead:
    return keys.file_cipher(bytes(stored.wrapped_key), tenant_id=stored.tenant_id, sha256=stored.sha256)


def _label(stored: StoredFile) -> bytes:
    return keys.file_label(stored.tenant_id, stored.sha256)


def _write(stored: StoredFile, source: BinaryIO) -> None:
    with SpooledTemporaryFile(max_size=MOST_IN_MEMORY) as aside:
        source.seek(0)
        with _cipher(stored).new_encrypting_stream(cast(BinaryIO, _Kept(aside)), _label(stored)) as sealing:
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
