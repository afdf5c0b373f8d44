"""整える前と後の見え方を、全ページ比べる。"""

import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
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
    if one.size != other.size:
        return True
    apart = ImageChops.difference(one, other).convert("L").point(lambda depth: 255 if depth > FAINT else 0)
    return apart.getbbox() is not None


def _drawn(document: Any, index: int) -> Image.Image:
    try:
        with closing(document[index]) as page:
            across, down = page.get_size()
            scale = min(1.0, (MOST_PIXELS / max(across * down, 1.0)) ** 0.5)
            with closing(page.render(scale=scale)) as bitmap:
                drawn: Image.Image = bitmap.to_pil().convert("RGB")
                return drawn
    except pypdfium2.PdfiumError as error:
        raise Unfit("damaged") from error
