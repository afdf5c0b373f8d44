"""Papers of a contract as PDF: plain values in, bytes out; nothing here asks the database."""

from contracts.documents.papers import ConsentPaper, ContractPaper, Party, render_consent, render_contract
from contracts.documents.printing import Unprintable

__all__ = ["ConsentPaper", "ContractPaper", "Party", "Unprintable", "render_consent", "render_contract"]
