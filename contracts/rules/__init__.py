"""Arithmetic over a municipality's dated rules (R123). Law lives in the data, loaded from TOML or JSON; never here."""

from contracts.rules.deadlines import Deadline, Lateness, days_left, deadline, late
from contracts.rules.eligibility import CaseFacts, RuleLine, Verdict, econtract_verdict, guarantee_verdict
from contracts.rules.errors import GuaranteeRefused, RuleError
from contracts.rules.guarantees import CASE_DEPARTMENT, GUARANTEE_TYPES, required_papers, route
from contracts.rules.schema import Rules, validate

__all__ = [
    "CASE_DEPARTMENT",
    "GUARANTEE_TYPES",
    "CaseFacts",
    "Deadline",
    "GuaranteeRefused",
    "Lateness",
    "RuleError",
    "RuleLine",
    "Rules",
    "Verdict",
    "days_left",
    "deadline",
    "econtract_verdict",
    "guarantee_verdict",
    "late",
    "required_papers",
    "route",
    "validate",
]
