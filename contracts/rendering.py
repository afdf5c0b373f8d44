"""Answer with the pages of papers, as images and text."""

from collections.abc import Callable
from typing import Any

from django.http import Http404, HttpResponse

from contracts import legible
from contracts.legible import Paper
from contracts.models import ConsentSubmission, Document
from vault import files

FOR_A_WHILE, NEVER = "private, max-age=600", "no-store"


def _paper_of(row: Document | ConsentSubmission | Paper) -> Paper:
    """Show the latest revision of a document, 様式第1号 as it was submitted, or a paper at hand."""
    if isinstance(row, Paper):
        return row
    if isinstance(row, Document):
        return legible.of_document(row)
    return Paper(sha256=row.paper.sha256, read=lambda: files.read(row.paper))


def viewer_pages(row: Document | ConsentSubmission | Paper, *, address: Callable[[int], str]) -> list[dict[str, Any]]:
    """Give the document viewer its pages; `address` names the image of a page."""
    texts = _paper_of(row).texts()
    return [{"number": number, "image": address(number), "text": text} for number, text in enumerate(texts, start=1)]


def image_response(row: Document | ConsentSubmission | Paper, *, page: int, kept: str = FOR_A_WHILE) -> HttpResponse:
    """Answer with the image of a page; `kept` says how long the asker's own browser, and nobody else, may keep it.

    Raises Http404 when the paper has no such page.
    """
    paper = _paper_of(row)
    if not 1 <= page <= len(paper.texts()):
        raise Http404
    return HttpResponse(paper.image(page), content_type="image/webp", headers={"Cache-Control": kept})
