"""Rooms on disk for files from outside and faces of type; whoever is killed leaves one behind, and it is swept."""

import os
import shutil
import tempfile
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory

PREFIX = "musubi-"
# 画面に届いた大きなファイルを、Django が読み終えるまで置くもの（TemporaryUploadedFile）
UPLOAD = "*.upload*"
# 文書を組む間、WeasyPrint が書体を置く部屋（FontConfiguration）
FACES = "weasyprint-*"
# どの部屋も、使われるのは長くて数分
AGE = timedelta(hours=1)


def room(what: str) -> "TemporaryDirectory[str]":
    """Make a room that goes when its block ends."""
    return TemporaryDirectory(prefix=f"{PREFIX}{what}-")


def sweep(*, at: datetime) -> int:
    """Remove rooms and uploads of this user that nobody has touched for an hour; tell how many there were."""
    count = 0
    for each in _left():
        try:
            found = each.lstat()
        except FileNotFoundError:
            continue
        if found.st_uid != os.getuid() or found.st_mtime > (at - AGE).timestamp():
            continue
        if each.is_dir() and not each.is_symlink():
            shutil.rmtree(each, ignore_errors=True)
        else:
            each.unlink(missing_ok=True)
        count += 1
    return count


def _left() -> Iterator[Path]:
    place = Path(tempfile.gettempdir())
    for what in ("intake", "texts", "leaves"):
        yield from place.glob(f"{PREFIX}{what}-*")
    yield from place.glob(f"{tempfile.gettempprefix()}{UPLOAD}")
    yield from place.glob(FACES)
