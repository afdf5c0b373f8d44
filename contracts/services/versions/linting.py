"""文言の点検: paper wording in what is to be signed, and what the set omits of 建設業法19条."""

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from django.utils import timezone

from contracts import legible, wording
from contracts.models import ContractVersion
from contracts.services.versions import freezing, papers, previewing
from contracts.states import VersionState
from contracts.wording import Finding
from signing.pages import PageMissing

MOST_PAGES = 200

_found: legible.Remembered[tuple[Finding, ...]] = legible.Remembered(most=64)


@dataclass(frozen=True)
class Findings:
    """What was found in how many pages.

    `unread` names the documents of which only the first pages were read, `unreadable` those that took too much.
    """

    rows: tuple[Finding, ...]
    pages: int
    unread: tuple[str, ...] = ()
    unreadable: tuple[str, ...] = ()

    def of(self, severity: Literal["error", "warning", "info"]) -> tuple[Finding, ...]:
        return tuple(row for row in self.rows if row.severity == severity)

    @property
    def errors(self) -> tuple[Finding, ...]:
        return self.of("error")

    @property
    def others(self) -> tuple[Finding, ...]:
        return (*self.of("warning"), *self.of("info"))


def examine(version: ContractVersion, *, at: datetime) -> Findings:
    """Look through the documents of a version, the first MOST_PAGES pages of each, by the rules of that day (JST).

    Raises DraftRefused when a draft has nothing to print yet.
    """
    papers_ = _papers(version)
    texts = [(title, _texts(paper)) for title, paper in papers_]
    day, is_whole = timezone.localdate(at), version.contract.is_original
    kind = version.case.kind
    key = (day, is_whole, kind, *((title, paper.sha256) for title, paper in papers_))
    read = [(title, pages[:MOST_PAGES]) for title, pages in texts]
    rows = _found.get(key, lambda: wording.lint_documents(read, kind=kind, on=day, whole=is_whole))
    return Findings(
        rows=rows,
        pages=sum(len(pages) for _, pages in read),
        unread=tuple(title for title, pages in texts if len(pages) > MOST_PAGES),
        unreadable=tuple(title for title, pages in texts if not pages),
    )


def _texts(paper: legible.Paper) -> tuple[str, ...]:
    """Read a paper; nothing of one that takes too much."""
    try:
        return paper.texts()
    except PageMissing:
        return ()


def _papers(version: ContractVersion) -> list[tuple[str, legible.Paper]]:
    rows = [(row.title, legible.of_document(row, number=0)) for row in freezing.current(version)]
    if version.state != VersionState.DRAFT:
        return rows
    return [(papers.contract_title(version), previewing.preview(version)), *rows]
