"""Pictures of pages for people to look at: both schemes, both widths, and contact sheets to find one's way."""

import re
from pathlib import Path

from PIL import Image, ImageDraw

from tests.journeys.people import DESK, PHONE
from tests.pages.rendering import Page
from tests.pages.showing import Screen

SCHEMES = ("light", "dark")
TALLEST = 4000  # px。長い一覧は、ここまで写れば足りる
# 読むのを後回しにした絵も写るように、すべて描けるまで待つ。描けない絵があれば、撮らずに落ちる。
DRAW_ALL = """() => Promise.all([...document.images].map((image) => {
  image.loading = "eager";
  return image.decode();
}))"""
# 画面の下に留まる釦は、一枚の長い絵では途中に重なる。頁の中の、もとの場所に戻してから撮る。
AT_REST = """() => {
  for (const each of document.querySelectorAll("body *")) {
    if (getComputedStyle(each).position === "sticky") each.style.position = "static";
  }
}"""
SIZE = "[document.documentElement.clientWidth, document.documentElement.scrollHeight]"
# 見本の一齣の幅と高さ、横と縦の数、齣の間（名を書く）。どちらの幅の見本も、同じほどの大きさになる
SHEETS = {"wide": (384, 520, 4, 3), "phone": (192, 520, 8, 3)}
GAP, PAPER, INK = 14, "#888", "#000"


def take(screen: Screen, pages: list[Page], folder: Path) -> list[Path]:
    """Photograph pages into a folder, at both widths in both schemes, and lay each set out; return the sheets."""
    folder.mkdir(parents=True, exist_ok=True)
    taken: dict[str, list[Path]] = {}
    for at, page in enumerate(pages):
        screen.show(page)
        name = f"{at:03}-{re.sub(r'[^a-z0-9_]+', '-', page.told.lower())}"
        for width, size in (("wide", DESK), ("phone", PHONE)):
            screen.tab.set_viewport_size(size)
            screen.tab.evaluate(DRAW_ALL)
            screen.tab.evaluate(AT_REST)
            for scheme in SCHEMES:
                screen.tab.emulate_media(color_scheme=scheme)
                taken.setdefault(f"{width}-{scheme}", []).append(_one(screen, folder / f"{name}-{width}-{scheme}.png"))
    stem = folder.parent / f"{folder.name}-sheet"
    return [sheet for look, some in taken.items() for sheet in _sheets(some, look, stem)]


def _one(screen: Screen, path: Path) -> Path:
    width, height = screen.tab.evaluate(SIZE)
    screen.tab.screenshot(
        path=path, full_page=True, clip={"x": 0, "y": 0, "width": width, "height": min(height, TALLEST)}
    )
    return path


def _sheets(taken: list[Path], look: str, stem: Path) -> list[Path]:
    """Lay pictures out in the order of the pages, each under its name; return where the sheets are."""
    width, height, across, down = SHEETS[look.split("-")[0]]
    each, made = across * down, []
    for first in range(0, len(taken), each):
        sheet = Image.new("RGB", (across * (width + GAP), down * (height + GAP)), PAPER)
        for at, path in enumerate(taken[first : first + each]):
            _paste(sheet, path, (at % across * (width + GAP), at // across * (height + GAP)), (width, height))
        made.append(stem.with_name(f"{stem.name}-{look}-{first // each + 1:02}.png"))
        sheet.save(made[-1])
    return made


def _paste(sheet: Image.Image, path: Path, at: tuple[int, int], room: tuple[int, int]) -> None:
    with Image.open(path) as opened:
        picture = opened.convert("RGB")
    small = picture.resize((room[0], max(1, picture.height * room[0] // picture.width)), Image.Resampling.BOX)
    ImageDraw.Draw(sheet).text((at[0] + 2, at[1]), path.stem[: room[0] // 6], fill=INK)
    sheet.paste(small.crop((0, 0, room[0], min(small.height, room[1]))), (at[0], at[1] + GAP))
