"""The type of every page, cut from the package of fonts into slices that a browser fetches when it meets their text.

A Japanese font is megabytes; a page needs a few hundred characters of it. The first slice has the letters and figures
whose widths differ from font to font: pages fetch it early and never change it for another while they are read, so
that nothing moves. All else is as wide as it is high in every font. The second slice has kana and signs, the next the
kanji of this product in order of frequency (config/characters.txt: counted over its own pages, mails and documents),
then the other kanji of JIS X 0208 level 1, and the last the rest of the font in order of code point. The variants of a
kanji (ideographic variation sequences, UTS #37: 葛󠄀, 辻󠄀) are where the kanji is. The same package gives the same
bytes. Each slice is WOFF2; the style sheet says which characters are where (CSS Fonts 4, unicode-range).
"""

from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from io import BytesIO
from itertools import groupby
from pathlib import Path
from typing import NamedTuple

import pylopdf_fonts_jp
from fontTools.subset import Options, Subsetter
from fontTools.ttLib import TTFont

FAMILY = "Noto Sans JP"
FREQUENT = Path(__file__).with_name("characters.txt")
SOURCE = pylopdf_fonts_jp.sans_path()
_LATIN = {*range(0x20, 0x7F), *range(0xA0, 0x100)}
_KANA = {*range(0x2010, 0x2028), *range(0x2030, 0x203C), *range(0x3000, 0x3020), *range(0x3041, 0x3100)}
_SIGNS = "←↑→↓⇒∞−√①②③④⑤⑥⑦⑧⑨⑩■□▲△▼▽◆◇○◎●★☆㈱㈲〒〔〕！（），．／：；＝？［］｛｝～￥＊＋＆％＃＠"
_LEVEL_ONE = range(16, 48)  # JIS X 0208 の第一水準は 16 区から 47 区
_SLICE = 128
VARIANTS = 14  # 異体字（UTS #37 の選択子と、それが選ぶ字形）を書く cmap の形式
_KANJI = 0x2E80


class Slice(NamedTuple):
    name: str
    characters: tuple[int, ...]
    declared: str  # 宣言する範囲。後に宣言したものが勝つので、広く書ける所は広く書き、表を短くする
    display: str = "swap"


def cut(into: Path) -> int:
    """Write the slices and sans.css to a folder and return how many bytes all of them have together."""
    into.mkdir(parents=True, exist_ok=True)
    for old in into.glob("*.woff2"):
        old.unlink()
    slices = list(plan())
    with ProcessPoolExecutor() as pool:
        for one, content in zip(slices, pool.map(_woff2, (s.characters for s in slices)), strict=True):
            (into / f"{one.name}.woff2").write_bytes(content)
    (into / "sans.css").write_text(stylesheet(slices))
    return sum(path.stat().st_size for path in into.iterdir())


def plan() -> Iterator[Slice]:
    """Share the characters of the font out among slices, those declared last being fetched first where ranges meet."""
    with TTFont(SOURCE, lazy=True) as font:
        known = set(font.getBestCmap())
    latin, kana = _LATIN & known, (_KANA | set(map(ord, _SIGNS))) & known
    often = [c for c in _often() if c in known and c not in kana]
    rest = sorted(known - latin - kana - set(often))
    for number, part in enumerate(_parts(rest)):
        yield Slice(f"rest-{number:03}", part, f"U+{part[0]:x}-{part[-1]:x}")
    for number, part in reversed(list(enumerate(_parts(often)))):
        yield Slice(f"kanji-{number:02}", part, _ranges(part))
    yield Slice("kana", tuple(sorted(kana)), _ranges(kana))
    yield Slice("latin", tuple(sorted(latin)), _ranges(latin), "optional")


def _parts(characters: list[int]) -> Iterator[tuple[int, ...]]:
    return (tuple(characters[start : start + _SLICE]) for start in range(0, len(characters), _SLICE))


def _often() -> dict[int, None]:
    """Order the kanji by how often this product shows them, then those of JIS X 0208 level 1 that it does not."""
    counted = FREQUENT.read_text().replace("\n", "")
    places = [bytes([0xA0 + row, 0xA0 + cell]) for row in _LEVEL_ONE for cell in range(1, 95)]
    return dict.fromkeys(map(ord, counted + "".join(place.decode("euc_jp", "ignore") for place in places)))


def _ranges(characters: "set[int] | tuple[int, ...]") -> str:
    """Write characters as a list of ranges of code points: U+3041-3096,U+30a1."""
    runs = [[c for _, c in run] for _, run in groupby(enumerate(sorted(characters)), lambda pair: pair[1] - pair[0])]
    return ",".join(f"U+{run[0]:x}" + (f"-{run[-1]:x}" if len(run) > 1 else "") for run in runs)


def _woff2(characters: tuple[int, ...]) -> bytes:
    """Cut the characters out of the font; the hour of the cut is not written into it."""
    options = Options(
        layout_features=["kern", "palt", "halt", "liga"] if characters[0] < _KANJI else [],
        hinting=False,
        desubroutinize=True,
        name_IDs=[1, 2],
        drop_tables=["BASE", "DSIG", "GDEF", "VORG", "vhea", "vmtx"],
    )
    with TTFont(SOURCE, lazy=True, recalcBBoxes=False, recalcTimestamp=False) as font:
        subsetter = Subsetter(options)
        subsetter.populate(unicodes=(*characters, *_selectors(font)))
        subsetter.subset(font)
        font.flavor, content = "woff2", BytesIO()
        font.save(content)
    return content.getvalue()


def _selectors(font: TTFont) -> Iterator[int]:
    """Name the variation selectors that the font answers to: a slice keeps the variants of the kanji it holds."""
    return (selector for table in font["cmap"].tables if table.format == VARIANTS for selector in table.uvsDict)


def stylesheet(slices: list[Slice]) -> str:
    """Write the @font-face rules, a line each."""
    return "".join(
        f'@font-face{{font-family:"{FAMILY}";font-weight:400;font-display:{one.display};'
        f'src:url({one.name}.woff2)format("woff2");unicode-range:{one.declared}}}\n'
        for one in slices
    )
