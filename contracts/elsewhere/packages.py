"""A package of contracts concluded elsewhere: a ZIP, or files chosen together, of PDFs and one index CSV.

Whoever made it may mean harm: no name reaches a file system, nothing is unpacked beyond the limits that are checked
before and while reading, and what is not a plain file is refused.
"""

import stat
import zipfile
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from tempfile import TemporaryFile
from typing import IO, BinaryIO, Protocol

from contracts.elsewhere.index import SUFFIX, composed

MEBIBYTE = 1024 * 1024
MOST_PACKED = 100 * MEBIBYTE
MOST_UNPACKED = 200 * MEBIBYTE
MOST_FILES = 50
MOST_INDEX = 10 * MEBIBYTE
INDEX_SUFFIX = ".csv"
ENCRYPTED = 0x1
# zipfile が、壊れたものと、知らない作りのもの（RuntimeError）に言うこと
UNREADABLE = (zipfile.BadZipFile, RuntimeError, EOFError, OSError, ValueError)
# 人が入れたのではない、OS が置いていくもの
LITTER = {".ds_store", "thumbs.db", "desktop.ini"}
LITTER_FOLDER = "__macosx/"


class PackageRefused(ValueError):
    """The package cannot be read at all; the text says why, for the person who chose it."""


class Papers(Protocol):
    """PDFs by their names, wherever they lie."""

    def read(self, name: str) -> bytes: ...


@dataclass(frozen=True)
class Package:
    """An open package: the index, and the PDFs by their names, each read when it is asked for."""

    index: bytes
    _zip: zipfile.ZipFile
    _papers: dict[str, zipfile.ZipInfo]

    @property
    def names(self) -> tuple[str, ...]:
        """List the names of the PDFs, as the index writes them."""
        return tuple(self._papers)

    def read(self, name: str) -> bytes:
        """Read a PDF; raises PackageRefused when it is damaged or is not as long as it says."""
        return _read(self._zip, self._papers[name])


def pack(files: Iterable[tuple[str, BinaryIO]], target: BinaryIO) -> None:
    """Put files that were chosen together into one package; raises PackageRefused for two of one name."""
    seen: set[str] = set()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_STORED) as made:
        for name, content in files:
            if name in seen:
                raise PackageRefused(f"「{name}」という名のファイルが二つあります。名を変えて、選び直してください。")
            seen.add(name)
            made.writestr(zipfile.ZipInfo(name), content.read())


@contextmanager
def opened(source: bytes | BinaryIO) -> Iterator[Package]:
    """Open a package; raises PackageRefused."""
    with TemporaryFile() as file:
        _copy(source, file)
        with _unpacker(file) as packed:
            yield _package(packed)


def _unpacker(file: IO[bytes]) -> zipfile.ZipFile:
    try:
        # Windows の圧縮フォルダーは、名を CP932 で書き、そうとは書かない
        return zipfile.ZipFile(file, metadata_encoding="cp932")
    except UNREADABLE as error:
        raise PackageRefused("ZIP ファイルとして読めません。作り直してから、もう一度お選びください。") from error


def _copy(source: bytes | BinaryIO, target: BinaryIO) -> None:
    pieces = [source] if isinstance(source, bytes) else iter(lambda: source.read(MEBIBYTE), b"")
    size = 0
    for piece in pieces:
        size += len(piece)
        if size > MOST_PACKED:
            raise PackageRefused(f"ファイルが大きすぎます。{MOST_PACKED // MEBIBYTE}MBまでに分けてお送りください。")
        target.write(piece)
    target.seek(0)


def _package(packed: zipfile.ZipFile) -> Package:
    entries = [entry for entry in packed.infolist() if not _is_litter(entry)]
    _check(entries)
    names = _named(entries)
    indexes = [entry for name, entry in names.items() if name.lower().endswith(INDEX_SUFFIX)]
    papers = {name: entry for name, entry in names.items() if name.lower().endswith(SUFFIX)}
    if others := [name for name in names if not name.lower().endswith((SUFFIX, INDEX_SUFFIX))]:
        raise PackageRefused(
            f"PDF でも CSV でもないファイルがあります: {'、'.join(name[:60] for name in others[:5])}。"
        )
    if len(indexes) != 1:
        raise PackageRefused(f"索引の CSV を、一つだけ入れてください（いま{len(indexes)}個）。")
    if not papers:
        raise PackageRefused("契約書の PDF が一つも入っていません。")
    return Package(_read(packed, indexes[0], most=MOST_INDEX), packed, papers)


def _is_litter(entry: zipfile.ZipInfo) -> bool:
    name = entry.filename.lower()
    return entry.is_dir() or name.startswith(LITTER_FOLDER) or name.rpartition("/")[2] in LITTER


def _check(entries: list[zipfile.ZipInfo]) -> None:
    """Refuse, by what the directory says, more than we would read; raises PackageRefused."""
    if len(entries) > MOST_FILES + 1:
        raise PackageRefused(f"一度に取り込めるのは{MOST_FILES}件までです。分けてお送りください。")
    if sum(entry.file_size for entry in entries) > MOST_UNPACKED:
        raise PackageRefused(
            f"展開すると{MOST_UNPACKED // MEBIBYTE}MBを超えます。分けるか、ファイルを小さくしてください。"
        )
    for entry in entries:
        if entry.flag_bits & ENCRYPTED:
            raise PackageRefused("パスワードの付いた ZIP は読めません。パスワードを外してお送りください。")
        if stat.S_ISLNK(entry.external_attr >> 16):
            raise PackageRefused(f"「{entry.filename[:60]}」は、ファイルではありません。PDF そのものを入れてください。")


def _named(entries: list[zipfile.ZipInfo]) -> dict[str, zipfile.ZipInfo]:
    """Name each file without the one folder that all may lie in; raises PackageRefused."""
    tops = {entry.filename.partition("/")[0] for entry in entries if "/" in entry.filename}
    has_folder = len(tops) == 1 and all("/" in entry.filename for entry in entries)
    found: dict[str, zipfile.ZipInfo] = {}
    for entry in entries:
        name = composed(entry.filename.partition("/")[2] if has_folder else entry.filename)
        if "/" in name or "\\" in name or ".." in entry.filename.split("/"):
            raise PackageRefused(f"フォルダーの中のファイルがあります: {name[:60]}。すべてを一か所に置いてください。")
        if name in found:
            raise PackageRefused(f"「{name[:60]}」という名のファイルが二つあります。")
        found[name] = entry
    return found


def _read(packed: zipfile.ZipFile, entry: zipfile.ZipInfo, *, most: int = MOST_UNPACKED) -> bytes:
    try:
        with packed.open(entry) as file:
            content = file.read(min(entry.file_size, most) + 1)
    except UNREADABLE as error:
        raise PackageRefused(f"「{entry.filename[:60]}」が壊れています。ZIP を作り直してください。") from error
    if len(content) > min(entry.file_size, most):
        raise PackageRefused(f"「{entry.filename[:60]}」が大きすぎます。")
    return content
