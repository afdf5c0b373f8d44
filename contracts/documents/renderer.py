"""Turn a finished page source into a tagged PDF/A-3u, fetching nothing but the bundled style sheets and fonts.

They are served under our own scheme `bundled:`; no address of the network or of the file system means anything here
(CVE-2026-55073 and its kin).
"""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

import weasyprint
from django.conf import settings
from weasyprint.text.fonts import FontConfiguration
from weasyprint.urls import URLFetcher, URLFetcherResponse

from contracts.documents import fonts

STYLES = frozenset(
    {
        "paper.css",
        "certificate.css",
        "consent.css",
        "contract.css",
        "copy.css",
        "figures.css",
        "guarantee.css",
        "kit.css",
        "overview.css",
        "specification.css",
    }
)


class Attached(NamedTuple):
    """A file that goes with a paper; `at` is aware."""

    name: str
    description: str
    content: str
    at: datetime


class ForbiddenReference(Exception):
    """Say which address a paper tried to fetch."""


class BundledFetcher(URLFetcher):  # type: ignore[misc]
    """Serve the bundled files, refuse the rest and remember the first refusal: the renderer swallows exceptions."""

    def __init__(self) -> None:
        super().__init__(allowed_protocols=("bundled",), allow_redirects=False)
        self.refused: ForbiddenReference | None = None

    def fetch(self, url: str, headers: Mapping[str, str] | None = None) -> Any:  # noqa: ARG002
        scheme, _, name = url.partition(":")
        if scheme == "bundled" and name in fonts.FILES:
            return URLFetcherResponse(url, fonts.content(name), {"Content-Type": "font/otf"})
        if scheme == "bundled" and name in STYLES:
            return URLFetcherResponse(url, _style(name), {"Content-Type": "text/css"})
        refused = ForbiddenReference(f"印刷に使えない参照です: {url[:200]}")
        self.refused = self.refused or refused
        raise refused


@cache
def _style(name: str) -> bytes:
    return (Path(settings.BASE_DIR) / "static/pdf" / name).read_bytes()


def print_html(source: str, *, is_tagged: bool = True, attached: Sequence[Attached] = ()) -> bytes:
    """Print a page source; the same source gives the same bytes.

    Raises ForbiddenReference for anything that is not bundled, Unprintable when another font slipped in.
    """
    fetcher, faces = BundledFetcher(), FontConfiguration()
    try:
        page = weasyprint.HTML(string=source, base_url="bundled:", url_fetcher=fetcher)
        pdf: bytes = page.write_pdf(
            font_config=faces,
            pdf_variant="pdf/a-3u",
            pdf_tags=is_tagged,
            finisher=_refuse_other_fonts,
            attachments=[_attachment(each) for each in attached],
        )
    finally:
        # 書体の写し（約 11 MB）を一時フォルダーに残さない。後始末は本来 GC 任せで、worker が強制終了すると残り続ける。
        faces.__del__()
    if fetcher.refused is not None:
        # 様式の一部を欠いた契約書を出さない。
        raise fetcher.refused
    return pdf


def _attachment(file: Attached) -> Any:
    at = file.at.astimezone(UTC)
    return weasyprint.Attachment(
        string=file.content,
        name=file.name,
        description=file.description,
        created=at,
        modified=at,
        relationship="Supplement",
    )


def _refuse_other_fonts(document: Any, _pdf: Any) -> None:
    if strangers := {font.family for font in document.fonts.values()} - fonts.FAMILIES:
        raise fonts.Unprintable(f"契約書の書体にない文字があります（{'、'.join(sorted(strangers))}）。")
