"""Papers of a contract as PDF: plain values in, bytes out; nothing here asks the database."""

from contracts.documents.certificate import Attested, CertificatePaper, Signer, Stage, Told
from contracts.documents.copies import mark_copy
from contracts.documents.drawing import render_certificate, render_consent, render_contract
from contracts.documents.fonts import Unprintable, legible
from contracts.documents.front import NothingChanged, clause_values
from contracts.documents.papers import Conditions, ConsentPaper, ContractPaper, Method, PaperKind, Party
from contracts.documents.wording import heading

__all__ = [
    "Attested",
    "CertificatePaper",
    "Conditions",
    "ConsentPaper",
    "ContractPaper",
    "Method",
    "NothingChanged",
    "PaperKind",
    "Party",
    "Signer",
    "Stage",
    "Told",
    "Unprintable",
    "clause_values",
    "heading",
    "legible",
    "mark_copy",
    "render_certificate",
    "render_consent",
    "render_contract",
]
