"""What may be done with a guarantee, from its being expected to its return; each step in a module of its own."""

from guarantees.services.asking import Answer, ask, can_be_asked
from guarantees.services.changing import on_amended
from guarantees.services.checking import check, compared
from guarantees.services.deciding import accept, dismiss, reject
from guarantees.services.expecting import expected_amounts, verdict, want, why_not
from guarantees.services.inviting import invite_again, on_contracted
from guarantees.services.matching import expected
from guarantees.services.receiving import receive_paper
from guarantees.services.refusals import REASON_LENGTH, REVEAL_REASON_LENGTH, GuaranteeRefused
from guarantees.services.releasing import complete, release
from guarantees.services.revealing import Credential, reveal
from guarantees.services.routing import route
from guarantees.services.screens import read_saved
from guarantees.services.submitting import plain, submit

__all__ = [
    "REASON_LENGTH",
    "REVEAL_REASON_LENGTH",
    "Answer",
    "Credential",
    "GuaranteeRefused",
    "accept",
    "ask",
    "can_be_asked",
    "check",
    "compared",
    "complete",
    "dismiss",
    "expected",
    "expected_amounts",
    "invite_again",
    "on_amended",
    "on_contracted",
    "plain",
    "read_saved",
    "receive_paper",
    "reject",
    "release",
    "reveal",
    "route",
    "submit",
    "verdict",
    "want",
    "why_not",
]
