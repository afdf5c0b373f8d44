"""Print a template as a tagged PDF/A-3u on A4, with nothing but the bundled fonts and style sheets.

The renderer may fetch only what `BUNDLED` lists, under our own scheme `bundled:`; no address of the network or of the
file system means anything to it (CVE-2026-55073 and its kin). Its fonts come from a package, so a contract looks the same
on every machine, and a character they lack is refused rather than borrowed from a system font or printed as a box.
"""

import html
import re
from collections.abc import Mapping, Sequence
from functools import cache, lru_cache
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import pylopdf_fonts_jp
from django.conf import settings
from django.template.loader import render_to_string
from fontTools.ttLib import TTFont

if TYPE_CHECKING:
    from weasyprint.urls import URLFetcher

SERIF, SANS = "Musubi Serif", "Musubi Sans"  # paper.css の @font-face と同じ名
FONTS = {"serif.otf": pylopdf_fonts_jp.serif_path(), "sans.otf": pylopdf_fonts_jp.sans_path()}
STYLES = ("paper.css", "consent.css", "contract.css", "specification.css")
_VARIATION = re.compile("(.)([\ufe00-\ufe0f\U000e0100-\U000e01ef])", re.DOTALL)
_INVISIBLE = frozenset("\n\r\t")


class Unprintable(Exception):  # noqa: N818
    """Say which characters the contract's fonts cannot print."""


class ForbiddenReference(Exception):  # noqa: N818
    """Say which address a paper tried to fetch."""


class Repertoire(NamedTuple):
    characters: frozenset[int]
    variations: frozenset[tuple[int, int]]


@cache
def repertoire() -> Repertoire:
    """Read once which characters, and which of their variants (IVS), both fonts can print."""
    found = [_repertoire(path) for path in FONTS.values()]
    return Repertoire(
        frozenset.intersection(*(one.characters for one in found)),
        frozenset.intersection(*(one.variations for one in found)),
    )


def _repertoire(path: Path) -> Repertoire:
    with TTFont(path, lazy=True) as font:
        tables = font["cmap"].tables
        variations = {
            (base, selector)
            for table in tables
            if table.format == 14
            for selector, pairs in table.uvsDict.items()
            for base, _ in pairs
        }
        return Repertoire(frozenset(font.getBestCmap()), frozenset(variations))


def unprintable(text: str) -> list[str]:
    """List the characters of a text that the fonts cannot print, in order, each once."""
    known = repertoire()
    variants = {pair: pair for pair in _VARIATION.findall(text)}
    missing = [base + selector for base, selector in variants if (ord(base), ord(selector)) not in known.variations]
    plain = dict.fromkeys(_VARIATION.sub(r"\1", text))
    return missing + [one for one in plain if ord(one) not in known.characters and one not in _INVISIBLE]


def refuse_unprintable(text: str) -> None:
    """Raise Unprintable, naming each character that cannot be printed and its code points."""
    if missing := unprintable(text):
        names = "、".join(f"「{one}」（{' '.join(f'U+{ord(part):04X}' for part in one)}）" for one in missing[:5])
        raise Unprintable(f"次の文字は契約書の書体にないため印刷できません。別の字体に置き換えてください: {names}")


@lru_cache(maxsize=len(STYLES))
def _style(name: str) -> bytes:
    return (Path(settings.BASE_DIR) / "static/pdf" / name).read_bytes()


def _bundled(url: str) -> tuple[bytes, str]:
    scheme, _, name = url.partition(":")
    if scheme == "bundled" and name in FONTS:
        return FONTS[name].read_bytes(), "font/otf"
    if scheme == "bundled" and name in STYLES:
        return _style(name), "text/css"
    raise ForbiddenReference(f"印刷に使えない参照です: {url[:200]}")


@cache
def fetcher() -> "URLFetcher":
    """Build the one fetcher that the renderer gets: it serves the bundled files and ends the printing at anything else."""
    urls = import_module("weasyprint.urls")

    class BundledFetcher(urls.URLFetcher):  # type: ignore[misc, name-defined]
        def fetch(self, url: str, headers: Mapping[str, str] | None = None) -> Any:  # noqa: ANN401, ARG002
            try:
                body, kind = _bundled(url)
            except ForbiddenReference as refused:
                # 様式の一部を欠いた契約書を出さないよう、無視せず印刷ごとやめる。
                raise urls.FatalURLFetchingError(str(refused)) from refused
            return urls.URLFetcherResponse(url, body, {"Content-Type": kind})

    return BundledFetcher(allowed_protocols=("bundled",), allow_redirects=False)


def print_pdf(template: str, context: Mapping[str, object], *, styles: Sequence[str]) -> bytes:
    """Render a template and print it; the same input gives the same bytes.

    Raises Unprintable for a character the fonts lack, ForbiddenReference for anything that is not bundled.
    """
    source = render_to_string(template, {**context, "styles": ("paper.css", *styles)})
    refuse_unprintable(html.unescape(source))
    return print_html(source)


def print_html(source: str) -> bytes:
    """Print a finished page source with the bundled files only."""
    # 読み込みに約 1 秒かかるので、印刷しないプロセスには負わせない。
    weasyprint = import_module("weasyprint")
    fatal = import_module("weasyprint.urls").FatalURLFetchingError
    try:
        page = weasyprint.HTML(string=source, base_url="bundled:", url_fetcher=fetcher())
        pdf: bytes = page.write_pdf(pdf_variant="pdf/a-3u", pdf_tags=True, finisher=_only_bundled_fonts)
    except fatal as refused:
        raise ForbiddenReference(str(refused)) from refused
    return pdf


def _only_bundled_fonts(document: Any, _pdf: Any) -> None:  # noqa: ANN401
    strangers = {font.family for font in document.fonts.values()} - {SERIF, SANS}
    if strangers:
        raise Unprintable(f"契約書の書体にない文字があります（{'、'.join(sorted(strangers))}）。")
