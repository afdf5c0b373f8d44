"""The text inside a PDF, page by page, read once in a process whose memory and time are limited."""

from collections.abc import Iterable
from dataclasses import dataclass
from json import dumps
from pathlib import Path
from typing import Any

from signing import confined, rooms

CHILD = Path(__file__).with_name("child.py")
# 子は、この前に自分で切り上げる
WALL_SECONDS = 240
MOST_CHARACTERS = 20_000
WHY = {
    "encrypted": "パスワードなどの保護がかかっているため、本文を読み取れません。",
    "damaged": "PDFとして開けないため、本文を読み取れません。",
    "too_slow": "時間の上限の中で、本文を読み取れませんでした。",
    "bomb": "記憶の上限の中で、本文を読み取れませんでした。",
}


class Unreadable(Exception):
    """Tell a person why there is no text; the same bytes will never give any. `code` is for tests and logs."""

    def __init__(self, code: str) -> None:
        super().__init__(WHY[code])
        self.code = code


@dataclass(frozen=True)
class Recogniser:
    """The program that reads the characters of a picture (Tesseract's command line), and the languages it is asked for.

    `command` is its absolute path, `language` as its option -l takes it ("jpn", "jpn+jpn_vert").
    """

    command: str
    language: str = "jpn"


@dataclass(frozen=True)
class Text:
    """What was read: a text for each page (from the first) until the limit of characters, of `count` pages in all.

    `is_cut` tells that there was more; `scans` counts the pages that show something but hold no text, and
    `recognised` those of them that the recogniser read.
    """

    pages: tuple[str, ...]
    count: int
    is_cut: bool
    scans: int
    recognised: int


def read(pieces: Iterable[bytes], *, recogniser: Recogniser | None = None) -> Text:
    """Read the text of a PDF that comes in pieces, at most MOST_CHARACTERS of it; raises Unreadable."""
    with rooms.room("texts") as name:
        room = Path(name)
        with (room / "received.pdf").open("wb") as file:
            file.writelines(pieces)
        if recogniser is not None:
            (room / "recogniser.json").write_text(dumps([recogniser.command, recogniser.language]))
        answer = _answer(room)
    if "unreadable" in answer:
        raise Unreadable(answer["unreadable"])
    return Text(**answer | {"pages": tuple(answer["pages"])})


def _answer(room: Path) -> dict[str, Any]:
    try:
        return confined.ask(CHILD, room, seconds=WALL_SECONDS)
    except confined.TooSlow as slow:
        raise Unreadable("too_slow") from slow
    except confined.Stopped as stopped:
        raise Unreadable("bomb") from stopped
