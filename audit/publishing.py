"""Anchors outside the database: lists of them for anyone, and once a day written where nothing is ever overwritten."""

import json
import re
from collections.abc import Iterable

from django.core.files.base import ContentFile
from django.core.files.storage import Storage

from audit.models import Anchor

FORMAT = "musubi-anchors-1"
MOST = 200  # 一つのファイルに載せる錨。一日は 144 本
NAME = re.compile(r"anchors-(\d{10})-(\d{10})\.json")


class AlreadyWritten(Exception):
    """The storage would not take a file under its own name: it is not as we left it."""


def listed(anchors: Iterable[Anchor]) -> str:
    """Write anchors in their order, each with all that is needed to check it, as JSON (docs/verification.md)."""
    return json.dumps({"format": FORMAT, "anchors": [anchor.told for anchor in anchors]}, indent=1)


def write_out(storage: Storage) -> list[str]:
    """Write the attested anchors that are not there yet, up to the first that waits for its token; return the names.

    Raises AlreadyWritten when a file stands in the way, and leaves it as it is.
    """
    written = []
    while anchors := _next(max((last for _, last, _ in _files(storage)), default=0)):
        name = f"anchors-{anchors[0].number:010}-{anchors[-1].number:010}.json"
        _write(storage, name, listed(anchors))
        written.append(name)
    return written


def _write(storage: Storage, name: str, text: str) -> None:
    try:
        kept = storage.save(name, ContentFile(text.encode()))
    except FileExistsError:
        kept = ""
    if kept != name:
        raise AlreadyWritten(f"{name} を書けません。同じ名のファイルがすでにあります。")


def published(storage: Storage) -> dict[int, str]:
    """Read back the hashes of all anchors that were written out, by their numbers; raises ValueError for no list."""
    hashes: dict[int, str] = {}
    for _first, _last, name in sorted(_files(storage)):
        with storage.open(name) as file:
            for each in json.loads(file.read())["anchors"]:
                hashes.setdefault(json.loads(each["text"])["number"], each["hash"])
    return hashes


def _next(last: int) -> list[Anchor]:
    anchors = list(Anchor.objects.filter(number__gt=last)[:MOST])
    waiting = next((place for place, anchor in enumerate(anchors) if not anchor.token), len(anchors))
    return anchors[:waiting]


def _files(storage: Storage) -> list[tuple[int, int, str]]:
    try:
        _folders, names = storage.listdir("")
    except FileNotFoundError:  # まだ一度も書き出していない
        return []
    found = map(NAME.fullmatch, names)
    return [(int(each[1]), int(each[2]), each[0]) for each in found if each]
