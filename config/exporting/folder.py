"""The folder that an export is written into, unit by unit; whoever is interrupted goes on from the last whole unit."""

import hashlib
import json
import os
import re
import shutil
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from audit.models import Event
from config.exporting.errors import ExportRefused
from contracts.packs.ledger import FORMAT, NAME, NAMED
from contracts.streams.zips import File

PROGRESS = ".書き出し中.jsonl"
PARTIAL = ".partial"


@dataclass
class Unit:
    """What one unit brought: its files with their SHA-256, a line for the lists, and what could not be had."""

    name: str
    mark: int = 0
    line: dict[str, Any] | None = None
    files: list[dict[str, Any]] = field(default_factory=list)
    missing: list[tuple[str, str]] = field(default_factory=list)


class Folder:
    """An export on its way."""

    def __init__(self, root: Path, *, header: dict[str, Any]) -> None:
        self.root, self._header = root, header
        self._places: dict[str, tuple[int, int]] = {}  # まとまりの名 → 控えの中の位置と目印
        if (root / NAME).exists():
            raise ExportRefused(f"{root} には、書き出し終えたものがあります。別のフォルダーを指定してください。")
        if root.exists() and not self._progress.exists() and any(root.iterdir()):
            raise ExportRefused(f"{root} は空ではありません。空のフォルダーを指定してください。")
        root.mkdir(parents=True, exist_ok=True, mode=0o700)
        self._read()

    @property
    def _progress(self) -> Path:
        return self.root / PROGRESS

    @property
    def count(self) -> int:
        return len(self._places)

    def has(self, name: str, *, mark: int = 0) -> bool:
        """Tell whether a unit is whole, and nothing has happened to it since the mark that it was given."""
        return name in self._places and self._places[name][1] >= mark

    def write(self, unit: Unit, files: Iterable[File], *, folder: str = "", events: Iterable[Event] = ()) -> None:
        """Write the files of a unit, in a folder of their own if one is named, and note it as whole."""
        if folder:
            shutil.rmtree(self.root / folder, ignore_errors=True)
        named = _named(events)
        for path, pieces in files:
            unit.files.append(self._put(path, pieces, named))
        self._append(
            {"unit": unit.name, "mark": unit.mark, "line": unit.line, "files": unit.files, "missing": unit.missing}
        )

    def units(self) -> Iterator[Unit]:
        """Read back all units, in the order in which they were last written."""
        with self._progress.open("rb") as file:
            for place, _ in sorted(self._places.values()):
                file.seek(place)
                told = json.loads(file.readline())
                yield Unit(told["unit"], told["mark"], told["line"], told["files"], told["missing"])

    def close(self, *, city: str, made_at: str, **extra: Any) -> str:
        """Write the manifest over everything, and return its SHA-256."""
        partial, digest = self.root / f"{NAME}{PARTIAL}", hashlib.sha256()
        with partial.open("wb") as file:
            for piece in self._manifest({"format": FORMAT, "city": city, "made_at": made_at} | extra):
                digest.update(piece)
                file.write(piece)
            file.flush()
            os.fsync(file.fileno())
        self._progress.unlink()
        partial.rename(self.root / NAME)
        return digest.hexdigest()

    def _manifest(self, head: dict[str, Any]) -> Iterator[bytes]:
        yield f'{json.dumps(head, ensure_ascii=False)[:-1]}, "files": [\n'.encode()
        before = ""
        for unit in self.units():
            for entry in unit.files:
                yield f"{before}{json.dumps(entry, ensure_ascii=False)}".encode()
                before = ",\n"
        yield b"\n]}\n"

    def _put(self, path: str, pieces: Iterable[bytes], named: dict[str, int]) -> dict[str, Any]:
        target = self.root / path
        target.parent.mkdir(parents=True, exist_ok=True)
        partial, digest, size = target.with_name(f"{target.name[:60]}{PARTIAL}"), hashlib.sha256(), 0
        with partial.open("wb") as file:
            for piece in pieces:
                digest.update(piece)
                size += len(piece)
                file.write(piece)
            file.flush()
            os.fsync(file.fileno())
        partial.rename(target)
        noted = {"path": path, "size": size, "sha256": digest.hexdigest()}
        event = named.get(digest.hexdigest())
        return noted if event is None else noted | {"event": event}

    def _append(self, told: dict[str, Any]) -> None:
        with self._progress.open("ab") as file:
            place = file.tell()
            file.write(json.dumps(told, ensure_ascii=False).encode() + b"\n")
            file.flush()
            os.fsync(file.fileno())
        if "unit" in told:
            self._places[told["unit"]] = (place, told["mark"])

    def _read(self) -> None:
        if not self._progress.exists():
            self._append(self._header)
            return
        with self._progress.open("rb+") as file:
            head = file.readline()
            if not head.endswith(b"\n") or json.loads(head) != self._header:
                raise ExportRefused(f"{self.root} には、別の書き出しの途中のものがあります。")
            place = file.tell()
            while (line := file.readline()).endswith(b"\n"):
                told = json.loads(line)
                self._places[told["unit"]] = (place, told["mark"])
                place = file.tell()
            file.truncate(place)


def _named(events: Iterable[Event]) -> dict[str, int]:
    """Learn which event of the journal is the first to name which SHA-256; events come in their order."""
    found: dict[str, int] = {}
    for event in events:
        for sha256 in re.findall(NAMED, event.data):
            found.setdefault(sha256, event.seq)
    return found
