from contracts.models.apitokens import ApiAnswer, ApiToken, Scope
from contracts.models.approvals import ApprovalAct, ApprovalKind, ApprovalStep, Decision
from contracts.models.archive import ArchiveBackfill, Archived, ArchiveEntry, EntryState
from contracts.models.auditsets import AuditItem, AuditMark, AuditSet, DrawRule
from contracts.models.batches import Batch, BatchKind, Deed
from contracts.models.cases import Case
from contracts.models.certificates import Certificate, CertificateKind
from contracts.models.checks import CheckPart, RecordCheck
from contracts.models.codes import CodeProof, SigningCode
from contracts.models.consents import Consent, ConsentChannel, ConsentSubmission
from contracts.models.contractors import Authority, Basis, Contractor, JvMember
from contracts.models.custody import Custody, LegalHold
from contracts.models.disposals import Disposal, DisposalItem, DisposalRecord
from contracts.models.documents import Document, DocumentKind, Revision
from contracts.models.elsewhere import ForeignContract
from contracts.models.figures import CityFigures
from contracts.models.imports import ImportJob, ImportKind
from contracts.models.inboxes import INBOX, AddressCode, Inbox, InboxLink, KeptContract
from contracts.models.links import AccessLink, Purpose
from contracts.models.readmarks import ReadMark
from contracts.models.rollups import GramShare, PartyTotal, PartyYear, TotalChange
from contracts.models.rulesets import RuleDraft, RuleSet
from contracts.models.savedviews import SavedView, ViewPage
from contracts.models.signing import Party, SignatureType, SignerChange, SigningJob, SigningStep, StepKind
from contracts.models.texts import DocumentText, PageText, Reading, TextPlace
from contracts.models.upkeep import ConclusionCertificate, Renewal
from contracts.models.versions import Contract, ContractKind, ContractVersion, SigningLevel
from contracts.models.webhooks import Webhook, WebhookMessage

__all__ = [
    "INBOX",
    "AccessLink",
    "AddressCode",
    "ApiAnswer",
    "ApiToken",
    "ApprovalAct",
    "ApprovalKind",
    "ApprovalStep",
    "ArchiveBackfill",
    "ArchiveEntry",
    "Archived",
    "AuditItem",
    "AuditMark",
    "AuditSet",
    "Authority",
    "Basis",
    "Batch",
    "BatchKind",
    "Case",
    "Certificate",
    "CertificateKind",
    "CheckPart",
    "CityFigures",
    "CodeProof",
    "ConclusionCertificate",
    "Consent",
    "ConsentChannel",
    "ConsentSubmission",
    "Contract",
    "ContractKind",
    "ContractVersion",
    "Contractor",
    "Custody",
    "Decision",
    "Deed",
    "Disposal",
    "DisposalItem",
    "DisposalRecord",
    "Document",
    "DocumentKind",
    "DocumentText",
    "DrawRule",
    "EntryState",
    "ForeignContract",
    "GramShare",
    "ImportJob",
    "ImportKind",
    "Inbox",
    "InboxLink",
    "JvMember",
    "KeptContract",
    "LegalHold",
    "PageText",
    "Party",
    "PartyTotal",
    "PartyYear",
    "Purpose",
    "ReadMark",
    "Reading",
    "RecordCheck",
    "Renewal",
    "Revision",
    "RuleDraft",
    "RuleSet",
    "SavedView",
    "Scope",
    "SignatureType",
    "SignerChange",
    "SigningCode",
    "SigningJob",
    "SigningLevel",
    "SigningStep",
    "StepKind",
    "TextPlace",
    "TotalChange",
    "ViewPage",
    "Webhook",
    "WebhookMessage",
]
