"""The type of the pages: every character is where the style sheet says, and a page needs few slices."""

import re
from gzip import compress
from io import BytesIO
from pathlib import Path

import pytest
from fontTools.ttLib import TTFont

from config import typefaces

TEMPLATES = Path(__file__).parents[2] / "templates"


@pytest.fixture(scope="module")
def slices() -> list[typefaces.Slice]:
    return list(typefaces.plan())


@pytest.fixture(scope="module")
def places(slices) -> dict[int, typefaces.Slice]:
    """Read the declarations as a browser does: of the ranges that have a character, the one declared last has it."""
    return {c: one for one in slices for part in one.declared.split(",") for c in _declared(part)}


def fetched(places: dict[int, typefaces.Slice], text: str) -> list[typefaces.Slice]:
    return list({places[ord(c)].name: places[ord(c)] for c in text if ord(c) in places}.values())


def _declared(part: str) -> range:
    first, _, last = part.removeprefix("U+").partition("-")
    return range(int(first, 16), int(last or first, 16) + 1)


def test_each_character_of_the_font_is_in_one_slice(slices):
    with TTFont(typefaces.SOURCE, lazy=True) as font:
        known = sorted(font.getBestCmap())
    assert sorted(c for one in slices for c in one.characters) == known


@pytest.mark.parametrize("text", ["髙﨑𠮷㈱", "工期（こうき）", "契約", "鴻巣市", "12,345,000円", "〒330-9301"])
def test_the_slice_that_the_sheet_names_has_the_character(places, text):
    wanted = {ord(c) for c in text}
    assert wanted <= {c for one in fetched(places, text) for c in one.characters}


def test_a_name_outside_the_common_kanji_costs_one_slice_more(places):
    assert len(fetched(places, "契約書の締結")) + 1 == len(fetched(places, "契約書の締結龗"))


def test_a_page_needs_few_slices(places):
    """Nine templates of ten are read with the first few slices; the longest needs a dozen."""
    needed = []
    for path in TEMPLATES.rglob("*.html"):
        text = re.sub(r"\s|{#.*?#}", "", path.read_text(), flags=re.DOTALL)
        needed.append(len(fetched(places, text)))
    assert sorted(needed)[len(needed) * 9 // 10] <= 7
    assert max(needed) <= 12


def test_the_same_font_is_cut_into_the_same_bytes(slices):
    (often,) = [one for one in slices if one.name == "kanji-00"]
    first, second = typefaces._woff2(often.characters), typefaces._woff2(often.characters)
    assert first == second
    with TTFont(BytesIO(first)) as font:
        assert font.flavor == "woff2"
        assert set(often.characters) <= set(font.getBestCmap())


def variants(font: TTFont) -> dict[tuple[int, int], str | None]:
    """Return the glyph of each kanji with a variation selector; None where it is that of the kanji itself."""
    return {
        (c, selector): glyph
        for table in font["cmap"].tables
        if table.format == typefaces.VARIANTS
        for selector, pairs in table.uvsDict.items()
        for c, glyph in pairs
    }


@pytest.mark.parametrize("kanji", ["葛", "辻", "祇"])
def test_names_written_with_a_variant_of_a_kanji_are_shown_with_it(slices, kanji):
    (held,) = [one for one in slices if ord(kanji) in one.characters]
    with TTFont(typefaces.SOURCE, lazy=True) as font:
        known = variants(font)

    with TTFont(BytesIO(typefaces._woff2(held.characters))) as font:
        assert variants(font).keys() == {pair for pair in known if pair[0] in held.characters}
        assert variants(font)[ord(kanji), 0xE0100] not in {None, font.getBestCmap()[ord(kanji)]}


def test_what_may_change_while_a_page_is_read_is_as_wide_in_every_font(slices):
    """Letters and figures are of many widths: they stay as they first stood. Kana and kanji are squares."""
    with TTFont(typefaces.SOURCE, lazy=True) as font:
        glyphs, widths = font.getBestCmap(), font["hmtx"]
    common = [one for one in slices if one.name.startswith(("kana", "kanji"))]
    narrow = {c for one in common for c in one.characters if widths[glyphs[c]][0] != 1000}

    assert [one.name for one in slices if one.display != "swap"] == ["latin"]
    assert {chr(c) for c in narrow} <= set("‐‑‒–—―‖‘’‚“”„†‡•‥…‧‰‱′″‹›−√∞\u3099\u309a")


def test_the_sheet_is_small(slices):
    assert len(compress(typefaces.stylesheet(slices).encode())) < 12_000
