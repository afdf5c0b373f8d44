"""Turn the pages of a PDF of which nothing is kept: its images travel inside the answer that shows them."""

from base64 import b64encode
from dataclasses import dataclass

from signing import excerpt, leaves
from signing import texts as words
from signing.pages import PageMissing

PAGES_AT_ONCE = 2
WIDTH = 900  # ピクセル。頁の中に入れて送るので、見読性の画面より小さくする


@dataclass(frozen=True)
class Leaf:
    """One page: its image as a data address, and its text for those who do not see it."""

    number: int
    image: str
    text: str


@dataclass(frozen=True)
class Opened:
    """Some pages of a version (from 1), and where to go on; `following` and `earlier` are pages, 0 for none."""

    version: int
    count: int
    leaves: tuple[Leaf, ...]
    earlier: int
    following: int


def open_at(pdf: bytes, *, version: int, page: int) -> Opened | None:
    """Draw the pages from one on, each in a child with limited memory; None when there is no such version or page.

    Raises PageMissing and Unreadable, which say why, for what cannot be shown.
    """
    content = excerpt.as_of(pdf, version)
    if content is None:
        return None
    found = words.read([content])
    if not 1 <= page <= found.count:
        return None
    last = min(page + PAGES_AT_ONCE - 1, found.count)
    drawn = tuple(_drawn(content, number, found.pages) for number in range(page, last + 1))
    earlier = max(1, page - PAGES_AT_ONCE) if page > 1 else 0
    return Opened(version, found.count, drawn, earlier, following=last + 1 if last < found.count else 0)


def _drawn(content: bytes, number: int, read: tuple[str, ...]) -> Leaf:
    try:
        image = "data:image/webp;base64," + b64encode(leaves.draw(content, page=number, width=WIDTH)).decode()
    except PageMissing:
        image = ""
    return Leaf(number, image, read[number - 1] if number <= len(read) else "")
