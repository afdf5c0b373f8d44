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

__all__ = [
    "Channel",
    "Completion",
    "CredentialKind",
    "FactsSource",
    "Guarantee",
    "GuaranteeType",
    "Institution",
    "InstitutionKind",
    "PaperKind",
]
