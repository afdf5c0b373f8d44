"""Papers of a contract as PDF: plain values in, bytes out; nothing here asks the database."""

from contracts.documents.fonts import Unprintable
from contracts.documents.papers import ConsentPaper, ContractPaper, Party, render_consent, render_contract

__all__ = ["ConsentPaper", "ContractPaper", "Party", "Unprintable", "render_consent", "render_contract"]
