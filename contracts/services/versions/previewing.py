"""The contract document of a draft as it would be printed now; nothing is stored."""

import hashlib

from contracts import documents
from contracts.legible import Paper, Remembered
from contracts.models import ContractVersion
from contracts.services.versions import drafting, papers

_printed: Remembered[bytes] = Remembered(most=8)


def preview(version: ContractVersion) -> Paper:
    """Print the contract document of a draft, to be read on screen.

    Raises DraftRefused when the draft has nothing to print yet, Unprintable for a character the fonts lack.
    """
    drafting.check_consents(version.case)
    drafting.check_change(version)
    paper = papers.contract_paper(version)
    key = hashlib.sha256(repr(paper).encode()).hexdigest()
    return Paper(sha256=key, read=lambda: _printed.get(key, lambda: documents.render_contract(paper)))
