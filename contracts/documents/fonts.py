"""The fonts of every paper, from a package, and what they can print.

A contract looks the same on every machine, and a character the fonts lack is refused rather than borrowed from a system
font or printed as a box.
"""

import re
from functools import cache
from pathlib import Path
from typing import NamedTuple

import pylopdf_fonts_jp
from fontTools.ttLib import TTFont

from accounts.refusals import Refusal

FAMILIES = frozenset({"Musubi Serif", "Musubi Sans"})  # paper.css の @font-face と同じ名
FILES = {"serif.otf": pylopdf_fonts_jp.serif_path(), "sans.otf": pylopdf_fonts_jp.sans_path()}
_VARIATION = re.compile("(.)([\ufe00-\ufe0f\U000e0100-\U000e01ef])", re.DOTALL)
_INVISIBLE = frozenset("\n\r\t")


class Unprintable(Refusal):
    """Say which characters the contract's fonts cannot print."""


class Repertoire(NamedTuple):
    characters: frozenset[int]
    variations: frozenset[tuple[int, int]]


def content(name: str) -> bytes:
    """Return a font in which every CID is the number of its glyph.

    The printed page names glyphs by number, where readers take CIDs and look them up in the font (ISO 32000-2 9.7.4.2).
    """
    start, glyphs = _charset(FILES[name])
    font = bytearray(FILES[name].read_bytes())
    # 形式2の一つの範囲: CID 1 から、残りの字形すべて（Adobe Technical Note 5176 の 13 章）
    font[start : start + 5] = b"\2" + (1).to_bytes(2, "big") + (glyphs - 2).to_bytes(2, "big")
    return bytes(font)


@cache
def _charset(path: Path) -> tuple[int, int]:
    """Return where a font lists the CIDs of its glyphs, and how many glyphs it has."""
    with TTFont(path, lazy=True) as font:
        top = font["CFF "].cff.topDictIndex[0]
        return font.reader.tables["CFF "].offset + top.rawDict["charset"], font["maxp"].numGlyphs


@cache
def repertoire() -> Repertoire:
    """Read once which characters, and which of their variants (IVS), both fonts can print."""
    found = [_repertoire(path) for path in FILES.values()]
    return Repertoire(
        frozenset.intersection(*(one.characters for one in found)),
        frozenset.intersection(*(one.variations for one in found)),
    )


def _repertoire(path: Path) -> Repertoire:
    with TTFont(path, lazy=True) as font:
        variations = {
            (base, selector)
            for table in font["cmap"].tables
            if table.format == 14
            for selector, pairs in table.uvsDict.items()
            for base, _ in pairs
        }
        return Repertoire(frozenset(font.getBestCmap()), frozenset(variations))


def unprintable(text: str) -> list[str]:
    """List the characters of a text that the fonts cannot print, variants first, each once."""
    known = repertoire()
    variants = dict.fromkeys(_VARIATION.findall(text))
    missing = [base + selector for base, selector in variants if (ord(base), ord(selector)) not in known.variations]
    plain = dict.fromkeys(_VARIATION.sub(r"\1", text))
    return missing + [one for one in plain if ord(one) not in known.characters and one not in _INVISIBLE]


def refuse_unprintable(text: str) -> None:
    """Raise Unprintable, naming each character that cannot be printed and its code points."""
    if missing := unprintable(text):
        names = "、".join(f"「{one}」（{' '.join(f'U+{ord(part):04X}' for part in one)}）" for one in missing[:5])
        raise Unprintable(f"次の文字は契約書の書体にないため印刷できません。別の字体に置き換えてください: {names}")


def legible(text: str) -> str:
    """Write what cannot be printed by its code points, 〔U+1F600〕: for papers that tell what others wrote."""
    for one in unprintable(text):
        text = text.replace(one, "".join(f"〔U+{ord(part):04X}〕" for part in one))
    return text
