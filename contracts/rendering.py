"""Show the pages of stored papers as images and text. Nothing decrypted is written to disk."""

from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass
from threading import Lock
from typing import Any, Generic, TypeVar

from django.http import Http404, HttpResponse

from contracts.models import Consent, Document, Revision
from contracts.reading import content_of
from signing import pages
from vault import files

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
    """A stored PDF to be read on screen; `read` decrypts it only when a page is not remembered."""

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


def _paper_of(row: Document | Consent) -> Paper:
    """Show the latest revision of a document, or 様式第1号 as it was submitted.

    Raises Http404 when nothing has been submitted.
    """
    if isinstance(row, Document):
        newest = Revision.unscoped.filter(document=row).latest("number")
        return Paper(sha256=newest.sha256, read=lambda: content_of(row))
    stored = row.paper
    if stored is None:
        raise Http404
    return Paper(sha256=stored.sha256, read=lambda: files.read(stored))


def viewer_pages(row: Document | Consent, *, address: Callable[[int], str]) -> list[dict[str, Any]]:
    """Give the document viewer its pages; `address` names the image of a page."""
    texts = _paper_of(row).texts()
    return [{"number": number, "image": address(number), "text": text} for number, text in enumerate(texts, start=1)]


def image_response(row: Document | Consent, *, page: int) -> HttpResponse:
    """Answer with the image of a page, kept by the asker's own browser only.

    Raises Http404 when the paper has no such page.
    """
    paper = _paper_of(row)
    if not 1 <= page <= len(paper.texts()):
        raise Http404
    return HttpResponse(paper.image(page), content_type="image/webp", headers={"Cache-Control": "private, max-age=600"})
