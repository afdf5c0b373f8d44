"""Pure rules of guarantees: plain values in, plain values out (amounts to the yen, certificates against contracts)."""

from guarantees.rules.amounts import expected_amounts, expected_text
from guarantees.rules.before import (
    LABELS,
    CertificateFacts,
    ContractFacts,
    Finding,
    Line,
    compare,
    passes,
)
from guarantees.rules.papers import missing

__all__ = [
    "LABELS",
    "CertificateFacts",
    "ContractFacts",
    "Finding",
    "Line",
    "compare",
    "expected_amounts",
    "expected_text",
    "missing",
    "passes",
]
