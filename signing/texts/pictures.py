"""絵だけの頁の文字を、外の道具（Tesseract）に読ませる。"""

import subprocess
import time
from contextlib import closing
from pathlib import Path
from typing import Any

# 和文の本文（10〜12 ポイント）を読み違えない細かさ
DOTS_PER_INCH = 300
POINTS_PER_INCH = 72
MOST_PIXELS = 12_000_000
PAGE_SECONDS = 60.0
ALL_SECONDS = 150.0


class Reader:
    """Ask the recogniser about page after page, as long as there is time for this document."""

    def __init__(self, command: str, language: str, room: Path) -> None:
        self._argv = [command, "stdin", "stdout", "-l", language, "--psm", "3"]
        self._room = room
        self._ends = time.monotonic() + ALL_SECONDS

    def read(self, page: Any) -> str | None:
        """Return the characters of a page; None where it was not read."""
        left = min(self._ends - time.monotonic(), PAGE_SECONDS)
        if left <= 0:
            return None
        picture = self._room / "page.png"
        _draw(page, picture)
        try:
            with picture.open("rb") as source:
                done = subprocess.run(  # noqa: S603 - 設定された道具を、固定の引数で動かす
                    self._argv, stdin=source, capture_output=True, timeout=left, check=True, env=ENVIRONMENT
                )
        except (subprocess.SubprocessError, OSError):
            return None
        return done.stdout.decode(errors="replace")


# 一頁に一つの糸。記憶の上限の中で動く
ENVIRONMENT = {"LC_ALL": "C.UTF-8", "OMP_THREAD_LIMIT": "1"}


def _draw(page: Any, picture: Path) -> None:
    across, down = page.get_size()
    scale = min(DOTS_PER_INCH / POINTS_PER_INCH, (MOST_PIXELS / max(across * down, 1.0)) ** 0.5)
    with closing(page.render(scale=scale, grayscale=True)) as bitmap:
        bitmap.to_pil().save(picture, "PNG", compress_level=1)
