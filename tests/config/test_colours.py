"""The colours of tokens.css: each pair that meets on a page can be told apart, in both schemes (WCAG 1.4.3, 1.4.11)."""

import re
from pathlib import Path

import pytest

CSS = Path(__file__).parents[2] / "static/css"
TOKENS = (CSS / "tokens.css").read_text()
TONES = ("info", "success", "warning", "error", "neutral")
SOFT = tuple(f"{tone}-soft" for tone in TONES)

# 文字と、その下の面
TEXTS = {
    "text": ("paper", "sunken", "key-soft", *SOFT),
    "muted": ("paper", "sunken", "key-soft", *SOFT),
    "link": ("paper", "sunken", "key-soft", *SOFT),
    "link-visited": ("paper", "sunken", "key-soft", *SOFT),
    "key": ("paper", "sunken", "key-soft"),
    "key-strong": ("paper", "key-soft"),
    "on-key": ("key", "key-strong", "key-deep"),
    "on-danger": ("danger", "danger-strong"),
    "paper": ("success", "error"),
    **{tone: ("paper", "sunken", f"{tone}-soft") for tone in TONES},
}
# 形を示す縁と、その隣の面
EDGES = {
    "edge": ("paper", "sunken", "key-soft", *SOFT),
    "key": ("paper", "sunken", "key-soft"),
    "danger": ("paper", "sunken"),
    **{tone: ("paper", f"{tone}-soft") for tone in TONES},
}
# 面と、区切りの飾りの線: 見分けられなくても、何も失われない
SURFACES = {"paper", "sunken", "line", "key-soft", *SOFT, "focus", "focus-edge"}


def colours(scheme: str) -> dict[str, tuple[float, ...]]:
    """Read the colours of a scheme; the dark one is the light one with what it replaces."""
    light, dark = re.split(r"@media screen and \(prefers-color-scheme: dark\)", TOKENS)
    found = _hexes(light) | (_hexes(dark.split("@media")[0]) if scheme == "dark" else {})
    return {name: _rgb(value) for name, value in found.items()}


def _hexes(css: str) -> dict[str, str]:
    return dict(re.findall(r"--([a-z-]+): #([0-9a-f]{3,6});", css))


def _rgb(value: str) -> tuple[float, ...]:
    six = value if len(value) == 6 else "".join(c * 2 for c in value)
    return tuple(int(six[i : i + 2], 16) / 255 for i in (0, 2, 4))


def _luminance(rgb: tuple[float, ...]) -> float:
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in rgb]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(one: tuple[float, ...], other: tuple[float, ...]) -> float:
    """Return the ratio of two colours, 1 to 21 (WCAG 2.2, contrast ratio)."""
    high, low = sorted((_luminance(one), _luminance(other)), reverse=True)
    return (high + 0.05) / (low + 0.05)


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize(("pairs", "least"), [(TEXTS, 4.5), (EDGES, 3.0)], ids=["texts", "edges"])
def test_every_pair_can_be_told_apart(scheme, pairs, least):
    found = colours(scheme)
    ratios = {(a, b): round(contrast(found[a], found[b]), 2) for a, surfaces in pairs.items() for b in surfaces}
    assert {pair: ratio for pair, ratio in ratios.items() if ratio < least} == {}


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_focus_ring_shows_on_every_surface(scheme):
    """The ring is black and yellow side by side: whatever is under it, one of the two stands out."""
    found = colours(scheme)
    for surface in ("paper", "sunken", "key", "danger", "key-soft", *SOFT):
        assert max(contrast(found[ring], found[surface]) for ring in ("focus", "focus-edge")) >= 3.0


def test_every_colour_is_in_a_pair():
    assert set(colours("light")) == set(colours("dark"))
    assert set(colours("light")) == {*TEXTS, *EDGES} | SURFACES | {b for bs in TEXTS.values() for b in bs}


def test_pages_name_colours_and_write_none():
    """Pages set their colours by the names of tokens.css; white is allowed under what is printed or photographed."""
    written = {
        (path.name, value)
        for path in CSS.glob("*.css")
        if path.name not in {"tokens.css", "print.css"}
        for value in re.findall(r"#[0-9a-f]{3,8}\b|rgba?\([^)]*\)|hsla?\([^)]*\)", path.read_text())
    }
    assert {value for _, value in written} <= {"#fff"}


def test_every_name_that_a_page_uses_is_defined():
    sheets = {path.name: path.read_text() for path in CSS.glob("*.css")}
    defined = set(re.findall(r"(--[a-z0-9-]+):", "".join(sheets.values())))
    used = {name: set(re.findall(r"var\((--[a-z0-9-]+)\)", text)) for name, text in sheets.items()}
    assert {name: sorted(names - defined) for name, names in used.items() if names - defined} == {}


def test_every_token_is_used():
    text = "".join(path.read_text() for path in CSS.glob("*.css"))
    assert [n for n in re.findall(r"^\s+(--[a-z0-9-]+):", TOKENS, re.MULTILINE) if f"var({n})" not in text] == []
