"""Backups at rest: sealed with a key of their own, so that whoever steals one opens nothing."""

import base64
import hashlib
import hmac
import io
from collections.abc import Iterator
from functools import lru_cache
from typing import Any, BinaryIO, Protocol, cast

import tink
from django.conf import settings
from tink import json_proto_keyset_format, secret_key_access, streaming_aead

from vault.errors import Damaged

streaming_aead.register()

CHUNK = 1 << 20
TEMPLATE = streaming_aead.streaming_aead_key_templates.AES256_GCM_HKDF_1MB


class Readable(Protocol):
    """Whatever gives its bytes piece by piece; an empty piece is the end."""

    def read(self, size: int = -1, /) -> bytes: ...


def new_keyset() -> str:
    """Make a value for BACKUP_KEYSET: a Tink JSON keyset in base64."""
    text: str = json_proto_keyset_format.serialize(tink.new_keyset_handle(TEMPLATE), secret_key_access.TOKEN)
    return base64.b64encode(text.encode()).decode()


def name_for(what: str) -> str:
    """Give a thing a name that says nothing to whoever has not the key, and is the same every time."""
    key = hashlib.sha256(b"names|" + settings.BACKUP_KEYSET.encode()).digest()
    return hmac.new(key, what.encode(), "sha256").hexdigest()


class Sealed(io.RawIOBase):
    """Give a source's bytes encrypted, with the size and the SHA-256 of what was given; memory stays flat."""

    def __init__(self, source: Readable, *, label: str) -> None:
        self._source, self._made, self._ended = source, _Collected(), False
        self._sealing = _cipher().new_encrypting_stream(cast(BinaryIO, self._made), label.encode())
        self._digest, self.sealed_size = hashlib.sha256(), 0

    @property
    def sha256(self) -> str:
        return self._digest.hexdigest()

    def readable(self) -> bool:
        return True

    def read(self, size: int = -1, /) -> bytes:
        """Return up to `size` bytes; all that is left when it is negative."""
        while not self._ended and (size < 0 or len(self._made.kept) < size):
            self._seal_more()
        wanted = len(self._made.kept) if size < 0 else size
        piece = bytes(self._made.kept[:wanted])
        del self._made.kept[:wanted]
        self._digest.update(piece)
        self.sealed_size += len(piece)
        return piece

    def _seal_more(self) -> None:
        piece = self._source.read(CHUNK)
        if piece:
            self._sealing.write(piece)
        else:
            self._sealing.close()
            self._ended = True


def opened(sealed: Readable, *, label: str) -> Iterator[bytes]:
    """Yield what was sealed under this label; raise Damaged at the first piece that is not as it was.

    A file that was cut short is noticed at its end. A wrong key looks the same as an altered file.
    """
    source = _Source(sealed)
    try:
        with _cipher().new_decrypting_stream(cast(BinaryIO, source), label.encode()) as plain:
            while piece := plain.read(CHUNK):
                yield piece
    except tink.TinkError as error:
        if source.trouble:
            raise source.trouble from error
        raise Damaged("壊れているか、書き換えられているか、バックアップの鍵（BACKUP_KEYSET）が違います。") from error


def _cipher() -> streaming_aead.StreamingAead:
    return _opened_keyset(settings.BACKUP_KEYSET)


@lru_cache(maxsize=2)
def _opened_keyset(encoded: str) -> streaming_aead.StreamingAead:
    try:
        text = base64.b64decode(encoded).decode()
        return json_proto_keyset_format.parse(text, secret_key_access.TOKEN).primitive(streaming_aead.StreamingAead)
    except (ValueError, tink.TinkError) as error:
        raise Damaged("バックアップの鍵（BACKUP_KEYSET）がないか、読めません（make_backup_keyset）。") from error


class _Collected(io.RawIOBase):
    """Keep what is written until it is taken; the close by which Tink ends a ciphertext takes nothing away."""

    def __init__(self) -> None:
        self.kept = bytearray()

    def writable(self) -> bool:
        return True

    def write(self, piece: Any) -> int:
        self.kept += piece
        return len(piece)


class _Source(io.RawIOBase):
    """Remember why reading failed: a disk that does not answer must not look like a forged file."""

    def __init__(self, sealed: Readable) -> None:
        self.sealed = sealed
        self.trouble: Exception | None = None

    def readable(self) -> bool:
        return True

    def read(self, size: int = -1) -> bytes:
        try:
            return self.sealed.read(size)
        except Exception as error:
            self.trouble = error
            raise
