"""What may be done with an advance payment, each step in a module of its own."""

from guarantees.advances.services.basing import ask_for_cover, set_basis
from guarantees.advances.services.certifying import certify
from guarantees.advances.services.paying import cancel, claim, pay
from guarantees.advances.services.refunding import on_amended, settle, take_back
from guarantees.advances.services.refusals import AdvanceRefused

__all__ = [
    "AdvanceRefused",
    "ask_for_cover",
    "cancel",
    "certify",
    "claim",
    "on_amended",
    "pay",
    "set_basis",
    "settle",
    "take_back",
]
