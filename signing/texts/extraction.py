"""頁ごとの文字を、上限まで読む。文字の無い頁は、絵から読む道具があれば読む。"""

import json
from contextlib import closing
from pathlib import Path
from typing import Any

import pypdfium2

from signing.texts import MOST_CHARACTERS
from signing.texts.cleaning import clean, without_running_lines
from signing.texts.pictures import Reader
from signing.texts.upright import is_upright, upright_text

MOST_PAGES = 500


def extract(room: Path) -> dict[str, Any]:
    """Read `received.pdf` in a directory; raises PdfiumError for what cannot be opened."""
    reader = _reader(room)
    with closing(pypdfium2.PdfDocument(room / "received.pdf")) as document:
        count = len(document)
        read = _Pages(reader)
        for index in range(min(count, MOST_PAGES)):
            if read.is_full:
                break
            with closing(document[index]) as page:
                read.add(page)
        return {"count": count, **read.plain(all_pages=count)}


def _reader(room: Path) -> Reader | None:
    file = room / "recogniser.json"
    if not file.exists():
        return None
    command, language = json.loads(file.read_text())
    return Reader(command, language, room)


class _Pages:
    """The texts so far, until they are long enough."""

    def __init__(self, reader: Reader | None) -> None:
        self.reader = reader
        self.texts: list[str] = []
        self.scans = self.recognised = self.characters = 0

    @property
    def is_full(self) -> bool:
        return self.characters >= MOST_CHARACTERS

    def add(self, page: Any) -> None:
        """Read one more page."""
        with closing(page.get_textpage()) as words:
            text = upright_text(words) if is_upright(words) else str(words.get_text_bounded())
        if not text.strip() and next(page.get_objects(max_depth=1), None) is not None:
            self.scans += 1
            text = self._recognise(page)
        self.texts.append(text)
        self.characters += len("".join(text.split()))

    def plain(self, *, all_pages: int) -> dict[str, Any]:
        """Return what was read, cleaned and cut to the limit, ready for JSON."""
        pages, left = [], MOST_CHARACTERS
        cleaned = list(map(clean, without_running_lines(self.texts)))
        for text in cleaned:
            pages.append(text[:left])
            left -= len(pages[-1])
        is_cut = pages != cleaned or len(pages) < all_pages
        return {"pages": pages, "is_cut": is_cut, "scans": self.scans, "recognised": self.recognised}

    def _recognise(self, page: Any) -> str:
        text = self.reader.read(page) if self.reader else None
        if text is None:
            return ""
        self.recognised += 1
        return text
