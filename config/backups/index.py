"""The list of files in a generation: sorted, so that two of them are compared line by line, whatever their length."""

import json
import zlib
from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass
from tempfile import SpooledTemporaryFile
from typing import IO

from config.backups.store import FILES, Generation, Part, Store

MOST_IN_MEMORY = 8 << 20
GZIP = 31
Key = tuple[str, int, str]


@dataclass(frozen=True)
class Entry:
    """A file as it was kept at the moment of a backup.

    `area` is the storage it came from (anchors or vault), `stamp` tells it from another of the same name, `name` is
    the object that holds it, with its size and SHA-256 as it lies there; an empty name says that it was not to be had.
    """

    area: str
    path: str
    stamp: str
    name: str = ""
    size: int = 0
    sha256: str = ""

    @property
    def key(self) -> Key:
        """Where it stands in the list: anchors by name, then the files of the vault by city and SHA-256."""
        city, _, rest = self.path.partition("/")
        return (self.area, int(city), rest) if self.area == "vault" else (self.area, 0, self.path)


def write(entries: Iterable[Entry], *, store: Store, generation: Generation) -> Part:
    """Write the list down while its entries come, and put it into a generation."""
    with SpooledTemporaryFile(max_size=MOST_IN_MEMORY) as aside:
        _pack(entries, aside)
        aside.seek(0)
        path = generation.path(FILES)
        return store.put(path, aside, label=path)


def _pack(entries: Iterable[Entry], aside: IO[bytes]) -> None:
    packing = zlib.compressobj(wbits=GZIP)
    for entry in entries:
        aside.write(packing.compress(json.dumps(asdict(entry)).encode() + b"\n"))
    aside.write(packing.flush())


def read(generation: Generation, *, store: Store) -> Iterator[Entry]:
    """Yield the list of a generation in its order; raises Damaged."""
    path = generation.path(FILES)
    unpacking, rest = zlib.decompressobj(wbits=GZIP), b""
    for piece in store.open(path, label=path):
        *lines, rest = (rest + unpacking.decompress(piece)).split(b"\n")
        yield from (Entry(**json.loads(line)) for line in lines)


class Known:
    """The list of the generation before, walked along with the new one."""

    def __init__(self, entries: Iterable[Entry]) -> None:
        self._entries = iter(entries)
        self._next = next(self._entries, None)

    def find(self, wanted: Entry) -> Entry | None:
        """Return the entry of the same file, unless it has been made anew since; ask in the order of the list."""
        while self._next is not None and self._next.key < wanted.key:
            self._next = next(self._entries, None)
        found = self._next
        if found is None or found.key != wanted.key or found.stamp != wanted.stamp or not found.name:
            return None
        return found
