"""Arithmetic over a municipality's dated rules (R123). Law lives in the data, loaded from TOML or JSON; never here."""

from contracts.rules.amounts import GuaranteeTerms, Threshold, guarantee_terms, payment_terms
from contracts.rules.card import CardLine, card
from contracts.rules.choices import CHANNELS, GUARANTEE_TYPES, PAPERS
from contracts.rules.clausesets import (
    Article,
    ClauseSet,
    ContractTerms,
    clause_set,
    clause_set_named,
    clause_sets,
    contract_terms,
)
from contracts.rules.comparing import Change, differences
from contracts.rules.deadlines import (
    Deadline,
    Lateness,
    date_basis,
    days_left,
    deadline,
    late,
    late_policy,
    payment_due,
    refund_due,
    tolerated_days,
)
from contracts.rules.eligibility import CaseFacts, RuleLine, Verdict, econtract_verdict, guarantee_verdict, kinds
from contracts.rules.errors import GuaranteeRefused, RuleError
from contracts.rules.guarantees import key_kept_days, required_papers, route
from contracts.rules.levels import signing_level, signing_levels, stronger_than, strongest
from contracts.rules.nodes import CASE_DEPARTMENT, Rules
from contracts.rules.reminders import (
    deadline_days,
    ending_days,
    escalation_days,
    furthest_left,
    overdue_days,
    reminder_line,
    waiting_days,
)
from contracts.rules.retention import Retention, retention, retention_period
from contracts.rules.routes import Route, RouteStep, approval_route, department_for, signing_order
from contracts.rules.texts import consent_methods, text
from contracts.rules.validation import departments, problems, validate
from contracts.rules.ways import guarantee_policy, mail_subjects

__all__ = [
    "CASE_DEPARTMENT",
    "CHANNELS",
    "GUARANTEE_TYPES",
    "PAPERS",
    "Article",
    "CardLine",
    "CaseFacts",
    "Change",
    "ClauseSet",
    "ContractTerms",
    "Deadline",
    "GuaranteeRefused",
    "GuaranteeTerms",
    "Lateness",
    "Retention",
    "Route",
    "RouteStep",
    "RuleError",
    "RuleLine",
    "Rules",
    "Threshold",
    "Verdict",
    "approval_route",
    "card",
    "clause_set",
    "clause_set_named",
    "clause_sets",
    "consent_methods",
    "contract_terms",
    "date_basis",
    "days_left",
    "deadline",
    "deadline_days",
    "department_for",
    "departments",
    "differences",
    "econtract_verdict",
    "ending_days",
    "escalation_days",
    "furthest_left",
    "guarantee_policy",
    "guarantee_terms",
    "guarantee_verdict",
    "key_kept_days",
    "kinds",
    "late",
    "late_policy",
    "mail_subjects",
    "overdue_days",
    "payment_due",
    "payment_terms",
    "problems",
    "refund_due",
    "reminder_line",
    "required_papers",
    "retention",
    "retention_period",
    "route",
    "signing_level",
    "signing_levels",
    "signing_order",
    "stronger_than",
    "strongest",
    "text",
    "tolerated_days",
    "validate",
    "waiting_days",
]
