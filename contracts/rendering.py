"""Answer with the pages of papers: a part of them to read at a time, at the size that the reader asked for."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.http import Http404, HttpResponse, QueryDict

from contracts import legible
from contracts.legible import Paper
from contracts.models import ConsentSubmission, Document
from signing.lettering import Sheet
from signing.pages import PageMissing
from vault import files

FOR_A_WHILE, NEVER = "private, max-age=600", "no-store"
# 一度に示すページ。JS がなくても、長い文書のすべてを一度に読み込ませない
PART = 10
ZOOMS = (100, 150, 200, 300, 400)  # %
ENLARGED = 200
AT_FIRST = {"page": "1", "zoom": "100", "as": ""}
WIDTHS = (620, legible.WIDTH, 2480, 4960)  # ピクセル。A1 の図面の字も、いちばん大きい画像で読める


@dataclass(frozen=True)
class Leaf:
    """One page to read: its picture by width, its words, and the address at which it alone is large."""

    number: int
    address: str
    sheet: Sheet
    enlarged: str

    @property
    def image(self) -> str:
        return self.at_width(legible.WIDTH)

    @property
    def images(self) -> str:
        """Offer the widths to the browser, which takes the one that its screen needs (srcset)."""
        return ", ".join(f"{self.at_width(width)} {width}w" for width in WIDTHS)

    def at_width(self, width: int) -> str:
        return f"{self.address}{'&' if '?' in self.address else '?'}width={width}"


@dataclass(frozen=True)
class Reader:
    """The part of a paper that is shown, how large, and the addresses that show another or show it otherwise."""

    count: int
    first: int
    leaves: tuple[Leaf, ...]
    zoom: int
    in_words: bool
    asked: QueryDict

    @property
    def last(self) -> int:
        return self.first + len(self.leaves) - 1

    @property
    def is_cut(self) -> bool:
        return len(self.leaves) < self.count

    @property
    def sizes(self) -> str:
        """Tell the browser how wide a page is shown (sizes)."""
        return f"(min-width: 64rem) {52 * self.zoom // 100}rem, {self.zoom}vw"

    @property
    def previous(self) -> str:
        return self._address(page=max(1, self.first - PART)) if self.first > 1 else ""

    @property
    def following(self) -> str:
        return self._address(page=self.last + 1) if self.last < self.count else ""

    @property
    def larger(self) -> str:
        larger = [zoom for zoom in ZOOMS if zoom > self.zoom]
        return self._address(zoom=larger[0]) if larger else ""

    @property
    def smaller(self) -> str:
        smaller = [zoom for zoom in ZOOMS if zoom < self.zoom]
        return self._address(zoom=smaller[-1]) if smaller else ""

    @property
    def as_words(self) -> str:
        return self._address(**{"as": "words"})

    @property
    def as_paper(self) -> str:
        return self._address(**{"as": ""})

    @property
    def others(self) -> list[tuple[str, str]]:
        """List what a form that asks for another page must carry along."""
        return [(key, str(value)) for key, value in self.asked.items() if key != "page"]

    def _address(self, **changed: Any) -> str:
        return _changed(self.asked, **({"page": self.first} | changed))


def _changed(asked: QueryDict, **changed: Any) -> str:
    """Give the address that differs in what is changed; what is as at first is left out."""
    query = asked.copy()
    for key, value in changed.items():
        query[key] = str(value)
    for key in [key for key, value in query.items() if value == AT_FIRST.get(key)]:
        del query[key]
    return f"?{query.urlencode()}"


def reader(row: Document | Paper, asked: QueryDict, *, address: Callable[[int], str]) -> Reader:
    """Show the part of a paper that an address asks for (page, zoom, as=words); `address` names the image of a page."""
    paper, first = _paper_of(row), max(_number(asked.get("page")), 1)
    try:
        found = paper.leaves(first=first, most=PART)
        if not found.sheets:
            first = max(found.count, 1)
            found = paper.leaves(first=first, most=PART)
    except PageMissing as missing:
        raise Http404 from missing
    shown = tuple(
        Leaf(number, address(number), sheet, _changed(asked, page=number, zoom=ENLARGED))
        for number, sheet in enumerate(found.sheets, start=first)
    )
    zoom = _number(asked.get("zoom"))
    return Reader(found.count, first, shown, zoom if zoom in ZOOMS else 100, asked.get("as") == "words", asked)


def viewer_pages(row: ConsentSubmission, *, address: Callable[[int], str]) -> list[dict[str, Any]]:
    """Give the document viewer the pages of 様式第1号; `address` names the image of a page.

    Raises Http404 when it takes too much to read.
    """
    try:
        texts = _paper_of(row).texts()
    except PageMissing as missing:
        raise Http404 from missing
    return [{"number": number, "image": address(number), "text": text} for number, text in enumerate(texts, start=1)]


def image_response(
    row: Document | ConsentSubmission | Paper, asked: QueryDict, *, page: int, kept: str = FOR_A_WHILE
) -> HttpResponse:
    """Answer with the image of a page as wide as asked for; `kept` says how long the asker's own browser may keep it.

    Raises Http404 when the paper has no such page, or when it takes too much to draw.
    """
    width = _number(asked.get("width", str(legible.WIDTH)))
    if width not in WIDTHS:
        raise Http404
    try:
        picture = _paper_of(row).image(page, width=width)
    except PageMissing as missing:
        raise Http404 from missing
    return HttpResponse(picture, content_type="image/webp", headers={"Cache-Control": kept})


def _paper_of(row: Document | ConsentSubmission | Paper) -> Paper:
    """Show the latest revision of a document, 様式第1号 as it was submitted, or a paper at hand."""
    if isinstance(row, Paper):
        return row
    if isinstance(row, Document):
        return legible.of_document(row)
    return Paper(sha256=row.paper.sha256, read=lambda: files.read(row.paper))


def _number(text: str | None) -> int:
    return int(text) if text and text.isascii() and text.isdecimal() and len(text) <= 6 else 0
