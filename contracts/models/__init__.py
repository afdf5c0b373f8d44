from contracts.models.archive import ArchiveEntry
from contracts.models.cases import Case, CaseKind, Contractor, ProcurementMethod
from contracts.models.consents import Consent
from contracts.models.documents import Document, DocumentKind, Revision
from contracts.models.links import AccessLink, Purpose
from contracts.models.rulesets import RuleSet
from contracts.models.signing import Party, SigningJob, SigningStep
from contracts.models.versions import Contract, ContractVersion

__all__ = [
    "AccessLink",
    "ArchiveEntry",
    "Case",
    "CaseKind",
    "Consent",
    "Contract",
    "ContractVersion",
    "Contractor",
    "Document",
    "DocumentKind",
    "Party",
    "ProcurementMethod",
    "Purpose",
    "Revision",
    "RuleSet",
    "SigningJob",
    "SigningStep",
]
