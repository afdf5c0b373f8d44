"""Draw the pages of a PDF and read where their words stand, in a process whose memory and time are limited.

However large a drawing is, this process grows by nothing but the picture that comes back.
"""

import json
import sys
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path
from threading import BoundedSemaphore
from typing import TYPE_CHECKING, Any, TypeVar

if TYPE_CHECKING:
    from signing.lettering import Sheet

ROOT = Path(__file__).resolve().parents[1]
WALL_SECONDS = 30
# 残りは、子の始まりと、画像を詰めるため
DRAWING_SECONDS = 22
# 一つのサーバーの中で、同時に描くのはこれだけ。記憶の上限は、子の上限の二つ分になる
_turns = BoundedSemaphore(2)
_Taken = TypeVar("_Taken")


@dataclass(frozen=True)
class Leaves:
    """Some pages of a paper that has `count` of them, in their order."""

    count: int
    sheets: "tuple[Sheet, ...]"


def draw(pdf: bytes, *, page: int, width: int) -> bytes:
    """Return a page (from 1) as signing.pages.render does; raises PageMissing, also when it takes too much."""
    return _asked(pdf, {"page": page, "width": width}, lambda room, _answer: (room / "page.webp").read_bytes())


def read(pdf: bytes, *, first: int, most: int) -> Leaves:
    """Tell how many pages there are, and the size and the words of at most so many of them; raises PageMissing."""
    from signing.lettering import Sheet

    def told(_room: Path, answer: dict[str, Any]) -> Leaves:
        return Leaves(answer["count"], tuple(map(Sheet.load, answer["sheets"])))

    return _asked(pdf, {"first": first, "most": most}, told)


def texts(pdf: bytes) -> tuple[str, ...]:
    """Return the text of every page, as signing.pages.text does; raises PageMissing, also when it takes too much."""
    return _asked(pdf, {}, lambda _room, answer: tuple(answer["texts"]))


def _asked(pdf: bytes, wanted: dict[str, int], took: Callable[[Path, dict[str, Any]], _Taken]) -> _Taken:
    from signing import confined, rooms
    from signing.pages import PageMissing

    with _turns, rooms.room("leaves") as name:
        room = Path(name)
        (room / "received.pdf").write_bytes(pdf)
        (room / "wanted.json").write_text(json.dumps(wanted))
        try:
            answer = confined.ask(Path(__file__), room, seconds=WALL_SECONDS)
        except confined.Stopped as stopped:
            raise PageMissing("このページは、表示できる大きさを超えています。") from stopped
        if "missing" in answer:
            raise PageMissing("このページは表示できません。")
        return took(room, answer)


def _draw(room: Path, *, page: int, width: int) -> dict[str, Any]:
    from signing import pages

    picture = pages.render(room / "received.pdf", page=page, width=width, seconds=DRAWING_SECONDS)
    (room / "page.webp").write_bytes(picture)
    return {}


def _read(room: Path, *, first: int, most: int) -> dict[str, Any]:
    from signing import pages
    from signing.lettering import sheet

    with pages.opened(room / "received.pdf") as document:
        shown = range(first - 1, min(first - 1 + most, len(document)))
        return {"count": len(document), "sheets": [asdict(sheet(document[index])) for index in shown]}


def _texts(room: Path) -> dict[str, Any]:
    from signing import pages

    return {"texts": pages.texts(room / "received.pdf")}


def _answer(room: Path, wanted: dict[str, int]) -> dict[str, Any]:
    if "page" in wanted:
        return _draw(room, **wanted)
    return _read(room, **wanted) if "first" in wanted else _texts(room)


def main() -> None:
    """Answer under limits."""
    sys.path.insert(0, str(ROOT))  # -I は自分の置き場を見ない
    from pypdfium2 import PdfiumError

    from signing.limits import limit
    from signing.pages import PageMissing

    room = Path(sys.argv[1])
    wanted = json.loads((room / "wanted.json").read_text())
    limit((room / "received.pdf").stat().st_size)
    try:
        answer = _answer(room, wanted)
    except (PageMissing, PdfiumError, MemoryError):
        answer = {"missing": True}
    sys.stdout.write(json.dumps(answer))


if __name__ == "__main__":
    main()
