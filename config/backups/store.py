"""Where backups lie: a folder or a bucket. A generation is whole exactly when its manifest is there.

generations/20261123T173000Z-daily/{database,files,manifest}.sealed
objects/ab/ab12…                    files of the vault and anchors, each once for all generations
"""

import hashlib
import json
import re
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from enum import StrEnum
from io import BytesIO
from typing import IO, Self, cast

from django.core.files.base import File
from django.core.files.storage import Storage, storages

from config.backups.errors import BackupFailed
from vault import backups
from vault.errors import Damaged

GENERATIONS, OBJECTS = "generations", "objects"
NAME = re.compile(r"(\d{8}T\d{6}Z)-(daily|monthly|yearly)")
STAMP = "%Y%m%dT%H%M%SZ"
FORMAT = "musubi-backup-1"
DATABASE, FILES, MANIFEST = "database.sealed", "files.sealed", "manifest.sealed"


class Kind(StrEnum):
    DAILY = "daily"
    MONTHLY = "monthly"
    YEARLY = "yearly"


LABELS = {Kind.DAILY: "日次", Kind.MONTHLY: "月次", Kind.YEARLY: "年次"}


@dataclass(frozen=True)
class Part:
    """A sealed file of a backup: its size and SHA-256 as it lies there."""

    size: int
    sha256: str


@dataclass(frozen=True)
class Generation:
    """One backup by its name."""

    name: str

    @property
    def made_at(self) -> datetime:
        return datetime.strptime(self.name.partition("-")[0], STAMP).replace(tzinfo=UTC)

    @property
    def kind(self) -> Kind:
        return Kind(self.name.partition("-")[2])

    @classmethod
    def at(cls, moment: datetime, kind: Kind) -> Self:
        return cls(f"{moment.astimezone(UTC).strftime(STAMP)}-{kind}")

    def path(self, part: str) -> str:
        return f"{GENERATIONS}/{self.name}/{part}"


@dataclass(frozen=True)
class Manifest:
    """What a generation holds."""

    name: str
    server: str
    database: Part
    files: Part
    tables: dict[str, int]
    roles: list[str]
    kept: int  # ファイルと錨の数
    kept_bytes: int
    new: int
    new_bytes: int
    missing: int  # 行はあるのに、保管庫になかったもの
    format: str = FORMAT

    @classmethod
    def read(cls, text: bytes) -> Self:
        told = json.loads(text)
        if told.get("format") != FORMAT:
            raise Damaged("知らない形のバックアップです。")
        told |= {name: Part(**told[name]) for name in ("database", "files")}
        return cls(**told)


class Store:
    """The place of the backups, and what is in it."""

    def __init__(self, storage: Storage | None = None) -> None:
        self.storage = storage or storages["backups"]

    def put(self, path: str, source: backups.Readable, *, label: str) -> Part:
        """Seal a source into the store; under its name lies all of it, or nothing."""
        sealed = backups.Sealed(source, label=label)
        kept = self.storage.save(path, File(cast(IO[bytes], sealed)))
        if kept != path:
            raise BackupFailed(f"{path} を、決めた名で書けませんでした。")
        return Part(sealed.sealed_size, sealed.sha256)

    def open(self, path: str, *, label: str, promised: Part | None = None) -> Iterator[bytes]:
        """Yield what was sealed; raises Damaged, naming it, when it is gone, not as it was, or not the promised one."""
        try:
            with self.storage.open(path) as file:
                counted = _Counted(file)
                yield from backups.opened(counted, label=label)
        except FileNotFoundError as error:
            raise Damaged(f"{path}: ありません。") from error
        except Damaged as damaged:
            raise Damaged(f"{path}: {damaged}") from damaged
        if promised not in (None, counted.part):
            raise Damaged(f"{path}: 一覧に書かれたものと、大きさか SHA-256 が違います。")

    def measured(self, path: str, *, label: str) -> Part:
        """Read all of a sealed file and return its size and SHA-256 as it lies there; raises Damaged."""
        with self.storage.open(path) as file:
            counted = _Counted(file)
            for _piece in backups.opened(counted, label=label):
                pass
        return counted.part

    def write_manifest(self, generation: Generation, manifest: Manifest) -> None:
        """Make a generation whole."""
        text = json.dumps(asdict(manifest), ensure_ascii=False).encode()
        path = generation.path(MANIFEST)
        self.put(path, BytesIO(text), label=path)

    def manifest(self, generation: Generation) -> Manifest:
        """Read what a generation holds; raises Damaged."""
        path = generation.path(MANIFEST)
        found = Manifest.read(b"".join(self.open(path, label=path)))
        if found.name != generation.name:
            raise Damaged(f"{path}: ほかのバックアップ（{found.name}）のものです。")
        return found

    def whole(self) -> list[Generation]:
        """List the generations that are complete, oldest first."""
        return [each for each in self.begun() if self.storage.exists(each.path(MANIFEST))]

    def begun(self) -> list[Generation]:
        """List all generations, also those that were never finished."""
        folders, _names = self.listed(GENERATIONS)
        return [Generation(name) for name in sorted(folders) if NAME.fullmatch(name)]

    def named(self, name: str) -> Generation:
        """Find a whole generation by its name, or the newest; raises BackupFailed."""
        known = self.whole()
        found = known[-1:] if name == "latest" else [each for each in known if each.name == name]
        if not found:
            raise BackupFailed("完成したバックアップがありません。" if name == "latest" else f"{name} はありません。")
        return found[0]

    def remove(self, generation: Generation) -> None:
        """Remove a generation, its manifest first, so that no half of it looks whole."""
        self.storage.delete(generation.path(MANIFEST))
        _folders, names = self.listed(f"{GENERATIONS}/{generation.name}")
        for name in names:
            self.storage.delete(generation.path(name))
        with suppress(OSError):
            self.storage.delete(f"{GENERATIONS}/{generation.name}")

    def objects(self) -> Iterator[str]:
        """Yield the paths of all kept files, and of what a killed run left beside them."""
        folders, _names = self.listed(OBJECTS)
        for folder in sorted(folders):
            yield from (f"{OBJECTS}/{folder}/{name}" for name in sorted(self.listed(f"{OBJECTS}/{folder}")[1]))

    def listed(self, path: str) -> tuple[list[str], list[str]]:
        try:
            folders, names = self.storage.listdir(path)
        except FileNotFoundError:
            return [], []
        return [each for each in folders if each], [each for each in names if each]


class _Counted:
    """Give a file's bytes on, and know their number and SHA-256."""

    def __init__(self, file: backups.Readable) -> None:
        self._file, self._digest, self._size = file, hashlib.sha256(), 0

    @property
    def part(self) -> Part:
        return Part(self._size, self._digest.hexdigest())

    def read(self, size: int = -1, /) -> bytes:
        piece = self._file.read(size)
        self._digest.update(piece)
        self._size += len(piece)
        return piece


def object_path(name: str) -> str:
    return f"{OBJECTS}/{name[:2]}/{name}"
