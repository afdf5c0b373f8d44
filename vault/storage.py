"""Directories that keep what they were given: through a power cut, and against being overwritten."""

import os
import tempfile
from pathlib import Path
from typing import Any

from django.core.files.base import File
from django.core.files.storage import FileSystemStorage


class DurableFileSystemStorage(FileSystemStorage):
    """Write aside, flush to the disk, then rename: a name either holds all the bytes or does not exist."""

    def _save(self, name: str, content: "File[Any]") -> str:
        target = Path(self.path(name))
        target.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        handle, aside = tempfile.mkstemp(dir=target.parent, prefix=".")
        try:
            with os.fdopen(handle, "wb") as file:
                for piece in content.chunks():
                    file.write(piece)
                file.flush()
                os.fsync(file.fileno())
            self._name(aside, target)
        except BaseException:
            Path(aside).unlink(missing_ok=True)
            raise
        _flush_directory(target.parent)
        return name

    def _name(self, aside: str, target: Path) -> None:
        os.replace(aside, target)


class WriteOnceStorage(DurableFileSystemStorage):
    """Give each name once: what stands there is neither overwritten nor deleted, and no other name is taken instead."""

    def get_available_name(self, name: str, max_length: int | None = None) -> str:  # noqa: ARG002 - Django の形
        return name

    def delete(self, name: str) -> None:
        raise PermissionError(f"{name} は、書いたら消さない置き場にあります。")

    def _name(self, aside: str, target: Path) -> None:
        os.link(aside, target)  # 同じ名があれば FileExistsError になる。置き換えはしない
        os.chmod(target, 0o444)
        os.unlink(aside)


def _flush_directory(path: Path) -> None:
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
