"""見読性: the pages of a paper as images and text, remembered in this process; nothing decrypted is written to disk."""

from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass
from threading import Lock
from typing import Generic, TypeVar

from contracts.models import Document, Revision
from contracts.reading import content_of
from signing import leaves, pages
from signing import texts as words

WIDTH = 1240  # ピクセル。A4 で約 150 dpi
_Value = TypeVar("_Value")


class Remembered(Generic[_Value]):
    """Keep the last few results of this process, forgetting the least recently used."""

    def __init__(self, *, most: int) -> None:
        self._most, self._lock = most, Lock()
        self._kept: OrderedDict[object, _Value] = OrderedDict()

    def get(self, key: object, make: Callable[[], _Value]) -> _Value:
        with self._lock:
            if key in self._kept:
                self._kept.move_to_end(key)
                return self._kept[key]
        value = make()
        with self._lock:
            self._kept[key] = value
            while len(self._kept) > self._most:
                self._kept.popitem(last=False)
        return value


_images: Remembered[bytes] = Remembered(most=64)
_texts: Remembered[tuple[str, ...]] = Remembered(most=32)


@dataclass(frozen=True)
class Paper:
    """A PDF to be read on screen; `read` fetches or makes it only when a page is not remembered."""

    sha256: str
    read: Callable[[], bytes]

    def image(self, page: int, *, width: int = WIDTH) -> bytes:
        """Draw one page (counted from 1) as WebP; `width` in pixels."""
        return _images.get((self.sha256, page, width), lambda: pages.render(self.read(), page=page, width=width))

    def texts(self) -> tuple[str, ...]:
        """Read the text of every page."""
        return _texts.get(self.sha256, self._read_texts)

    def _read_texts(self) -> tuple[str, ...]:
        content = self.read()
        return tuple(pages.text(content, page=number) for number in range(1, pages.count(content) + 1))


@dataclass(frozen=True)
class Stranger(Paper):
    """A PDF that came past no gate of ours: only a child with limited memory and time opens it."""

    count: int

    def image(self, page: int, *, width: int = WIDTH) -> bytes:
        """Draw one page (counted from 1) as WebP; `width` in pixels."""
        key = (self.sha256, page, width)
        return _images.get(key, lambda: leaves.draw(self.read(), page=page, width=width))

    def _read_texts(self) -> tuple[str, ...]:
        found = words.read([self.read()]).pages
        return found + ("",) * (self.count - len(found))


def of_document(document: Document, *, number: int | None = None) -> Paper:
    """Show one revision of a document, the latest by default; number 0 is the document before any signature."""
    rows = Revision.unscoped.filter(document=document)
    revision = rows.latest("number") if number is None else rows.get(number=number)
    return Paper(sha256=revision.sha256, read=lambda: content_of(document, number=revision.number))
