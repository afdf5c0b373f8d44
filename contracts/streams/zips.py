"""ZIP archives of any length, written piece by piece (APPNOTE 4.4.4: sizes follow the data)."""

import zipfile
from collections.abc import Iterable, Iterator
from datetime import datetime

from django.utils import timezone

PIECE = 64 * 1024
File = tuple[str, Iterable[bytes]]


class _Outlet:
    """Where the archive is written: what has come since it was last emptied."""

    def __init__(self) -> None:
        self._pieces: list[bytes] = []
        self.waiting = 0

    def write(self, piece: bytes) -> int:
        self._pieces.append(bytes(piece))
        self.waiting += len(piece)
        return len(piece)

    def flush(self) -> None:
        """Nothing is held back here; `zipfile` asks for the method."""

    def taken(self) -> bytes:
        content = b"".join(self._pieces)
        self._pieces.clear()
        self.waiting = 0
        return content


def zipped(files: Iterable[File], *, at: datetime) -> Iterator[bytes]:
    """Write an archive of named files, each read only when its turn comes; every entry is dated `at`, in Japan.

    The head of an entry leaves before its content is read, so that a download begins at once. Raises ValueError for a
    name that is taken or that would leave the folder it is opened in.
    """
    outlet = _Outlet()
    with zipfile.ZipFile(outlet, "w") as archive:  # type: ignore[call-overload]
        for name, pieces in files:
            _check(name, archive)
            with archive.open(_entry(name, at), "w") as entry:
                yield outlet.taken()
                for piece in pieces:
                    entry.write(piece)
                    if outlet.waiting >= PIECE:
                        yield outlet.taken()
            yield outlet.taken()
    yield outlet.taken()


def _check(name: str, archive: zipfile.ZipFile) -> None:
    if name in archive.NameToInfo or "\\" in name or not all(part.strip(". ") for part in name.split("/")):
        raise ValueError(f"書庫に入れられない名前です: {name}")


def _entry(name: str, at: datetime) -> zipfile.ZipInfo:
    moment = timezone.localtime(at)
    entry = zipfile.ZipInfo(name, date_time=moment.timetuple()[:6])
    entry.compress_type = zipfile.ZIP_DEFLATED
    entry.external_attr = 0o644 << 16
    return entry
