"""整える前と後の見え方を、全ページ比べる。"""

import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pypdfium2
from PIL import Image, ImageChops

from signing.intake.findings import Unfit

MOST_PIXELS = 1_200_000
# 入力欄を頁の内容にすると、文字の縁の濃さがわずかに変わる。読み違える差は、これよりずっと濃い。
FAINT = 48
CPU_SECONDS = 40.0


def compare(received: Path, kept: Path) -> None:
    """Draw both files page by page at about 72 dpi; raises Unfit where a person would see a difference."""
    with _opened(received) as before, _opened(kept) as after:
        if len(before) != len(after):
            raise Unfit("looks_different", str(min(len(before), len(after)) + 1))
        for index in range(len(before)):
            if time.process_time() > CPU_SECONDS:
                raise Unfit("too_slow")
            if _differ(before, after, index):
                raise Unfit("looks_different", str(index + 1))


def count(path: Path) -> int:
    """Return how many pages the reader that shows the file to people finds; raises Unfit."""
    with _opened(path) as document:
        return len(document)


@contextmanager
def _opened(path: Path) -> Iterator[Any]:
    try:
        document = pypdfium2.PdfDocument(path)
    except pypdfium2.PdfiumError as error:
        raise Unfit("damaged") from error
    with closing(document):
        document.init_forms()
        yield document


def _differ(before: Any, after: Any, index: int) -> bool:
    one, other = _drawn(before, index), _drawn(after, index)
    if one == other:
        return False
    if one.size != other.size:
        return True
    apart = ImageChops.difference(one.image(), other.image()).point(lambda depth: 255 * (depth > FAINT))
    return apart.getbbox() is not None


@dataclass(frozen=True)
class _Drawing:
    """A page in pixels of three bytes; equal bytes are compared far faster than pixels."""

    size: tuple[int, int]
    stride: int
    pixels: bytes

    def image(self) -> Image.Image:
        return Image.frombuffer("RGB", self.size, self.pixels, "raw", "RGB", self.stride, 1)


def _drawn(document: Any, index: int) -> _Drawing:
    try:
        with closing(document[index]) as page:
            across, down = page.get_size()
            scale = min(1.0, (MOST_PIXELS / max(across * down, 1.0)) ** 0.5)
            with closing(page.render(scale=scale)) as bitmap:
                return _Drawing((bitmap.width, bitmap.height), bitmap.stride, bytes(bitmap.buffer))
    except pypdfium2.PdfiumError as error:
        raise Unfit("damaged") from error
