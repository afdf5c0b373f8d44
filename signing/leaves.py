"""Draw the pages of a PDF that has not passed the gate, in a process whose memory and time are limited."""

import json
import sys
from pathlib import Path
from tempfile import TemporaryDirectory

ROOT = Path(__file__).resolve().parents[1]
WALL_SECONDS = 30


def draw(pdf: bytes, *, page: int, width: int) -> bytes:
    """Return a page (from 1) as signing.pages.render does; raises PageMissing, also when it takes too much."""
    from signing import confined
    from signing.pages import PageMissing

    with TemporaryDirectory(prefix="musubi-leaves-") as name:
        room = Path(name)
        (room / "received.pdf").write_bytes(pdf)
        (room / "wanted.json").write_text(json.dumps({"page": page, "width": width}))
        try:
            answer = confined.ask(Path(__file__), room, seconds=WALL_SECONDS)
        except confined.Stopped as stopped:
            raise PageMissing("このページは、表示できる大きさを超えています。") from stopped
        if not answer["drawn"]:
            raise PageMissing("このページは表示できません。")
        return (room / "page.webp").read_bytes()


def main() -> None:
    """Draw under limits."""
    sys.path.insert(0, str(ROOT))  # -I は自分の置き場を見ない
    from signing import pages
    from signing.limits import limit

    room = Path(sys.argv[1])
    pdf, wanted = (room / "received.pdf").read_bytes(), json.loads((room / "wanted.json").read_text())
    limit(len(pdf))
    try:
        (room / "page.webp").write_bytes(pages.render(pdf, **wanted))
    except (pages.PageMissing, MemoryError):
        sys.stdout.write(json.dumps({"drawn": False}))
    else:
        sys.stdout.write(json.dumps({"drawn": True}))


if __name__ == "__main__":
    main()
