from guarantees.models.adoptions import AdopterClass, AdoptionRecord
from guarantees.models.advances import AdvanceBasis, AdvanceKind, AdvancePayment
from guarantees.models.arriving import BEARS_KEY, PRIVATE, Arrival, Attachment, PaperSlot
from guarantees.models.completions import Completion
from guarantees.models.guarantees import (
    Channel,
    CredentialKind,
    FactsSource,
    Guarantee,
    GuaranteeType,
    PaperKind,
)
from guarantees.models.institutions import Institution, InstitutionKind
from guarantees.models.issuing import Application, Correspondent, EntryLink, IssuedCertificate, Side, Tries

__all__ = [
    "BEARS_KEY",
    "PRIVATE",
    "AdopterClass",
    "AdoptionRecord",
    "AdvanceBasis",
    "AdvanceKind",
    "AdvancePayment",
    "Application",
    "Arrival",
    "Attachment",
    "Channel",
    "Completion",
    "Correspondent",
    "CredentialKind",
    "EntryLink",
    "FactsSource",
    "Guarantee",
    "GuaranteeType",
    "Institution",
    "InstitutionKind",
    "IssuedCertificate",
    "PaperKind",
    "PaperSlot",
    "Side",
    "Tries",
]
