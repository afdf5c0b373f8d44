"""見読性: the pages of a paper as images and words, remembered in this process as far as they fit into its share."""

from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass
from threading import Lock
from typing import Generic, TypeVar

from contracts.models import Document, Revision
from contracts.reading import content_of
from signing import leaves
from signing.leaves import Leaves

WIDTH = 1240  # ピクセル。A4 で約 150 dpi
_Value = TypeVar("_Value")


def _one(_value: object) -> int:
    return 1


class Remembered(Generic[_Value]):
    """Keep results of this process up to a weight (their number, unless told), forgetting the least recently used."""

    def __init__(self, *, most: int, weigh: Callable[[_Value], int] = _one) -> None:
        self._most, self._weigh, self._lock = most, weigh, Lock()
        self._weight = 0
        self._kept: OrderedDict[object, _Value] = OrderedDict()

    def get(self, key: object, make: Callable[[], _Value]) -> _Value:
        with self._lock:
            if key in self._kept:
                self._kept.move_to_end(key)
                return self._kept[key]
        value = make()
        with self._lock:
            self._keep(key, value)
        return value

    def _keep(self, key: object, value: _Value) -> None:
        if key in self._kept:
            self._weight -= self._weigh(self._kept.pop(key))
        self._kept[key] = value
        self._weight += self._weigh(value)
        while self._weight > self._most:
            self._weight -= self._weigh(self._kept.popitem(last=False)[1])


_images: Remembered[bytes] = Remembered(most=32 * 1024 * 1024, weigh=len)  # バイト
_leaves: Remembered[Leaves] = Remembered(most=64)
_texts: Remembered[tuple[str, ...]] = Remembered(most=32)


@dataclass(frozen=True)
class Paper:
    """A PDF to be read on screen; `read` fetches or makes it only when a page is not remembered."""

    sha256: str
    read: Callable[[], bytes]

    def image(self, page: int, *, width: int = WIDTH) -> bytes:
        """Draw one page (from 1) as WebP; `width` in pixels. Raises PageMissing, also when it takes too much."""
        return _images.get((self.sha256, page, width), lambda: leaves.draw(self.read(), page=page, width=width))

    def leaves(self, *, first: int, most: int) -> Leaves:
        """Read the size and the words of some pages; raises PageMissing as image() does."""
        key = (self.sha256, first, most)
        return _leaves.get(key, lambda: leaves.read(self.read(), first=first, most=most))

    def texts(self) -> tuple[str, ...]:
        """Read the text of every page; raises PageMissing as image() does."""
        return _texts.get(self.sha256, lambda: leaves.texts(self.read()))


def of_document(document: Document, *, number: int | None = None) -> Paper:
    """Show one revision of a document, the latest by default; number 0 is the document before any signature."""
    rows = Revision.unscoped.filter(document=document)
    revision = rows.latest("number") if number is None else rows.get(number=number)
    return Paper(sha256=revision.sha256, read=lambda: content_of(document, number=revision.number))
