"""The manifest of a pack: each file with its size, its SHA-256 and the event of the journal that named it."""

import hashlib
import json
import re
from collections.abc import Iterable, Iterator
from datetime import datetime
from typing import Any

from audit.models import Event
from contracts.streams.zips import File

FORMAT = "musubi-pack-1"
NAME = "manifest.json"
NAMED = re.compile(r'"([0-9a-f]{64})"')


class Ledger:
    """Note every file as it leaves; the manifest is written last."""

    def __init__(self) -> None:
        self._files: list[dict[str, Any]] = []
        self._events: dict[str, int] = {}

    def know(self, events: Iterable[Event]) -> None:
        """Learn which event of the journal is the first to name which SHA-256; events come in their order."""
        for event in events:
            for sha256 in NAMED.findall(event.data):
                self._events.setdefault(sha256, event.seq)

    def noted(self, files: Iterable[File]) -> Iterator[File]:
        """Pass files on, and hash them on their way."""
        for path, pieces in files:
            yield path, self._hashed(path, pieces)

    def _hashed(self, path: str, pieces: Iterable[bytes]) -> Iterator[bytes]:
        digest, size = hashlib.sha256(), 0
        for piece in pieces:
            digest.update(piece)
            size += len(piece)
            yield piece
        noted = {"path": path, "size": size, "sha256": digest.hexdigest()}
        event = self._events.get(digest.hexdigest())
        self._files.append(noted if event is None else noted | {"event": event})

    def written(self, *, city: str, at: datetime) -> bytes:
        """Write the manifest over all that has left."""
        whole = {"format": FORMAT, "city": city, "made_at": at.isoformat(), "files": self._files}
        return json.dumps(whole, ensure_ascii=False, indent=1).encode()
