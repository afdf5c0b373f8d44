"""What the services of guarantees refuse with, and how long a reason may be."""

from accounts.refusals import Refusal

REASON_LENGTH = 500
REVEAL_REASON_LENGTH = 200


class GuaranteeRefused(Refusal):
    """The guarantee cannot be taken, checked, decided or released this way."""


def reason_given(reason: str, *, ask: str) -> str:
    """Trim a reason to its length; raise GuaranteeRefused with `ask` when there is none."""
    reason = reason.strip()[:REASON_LENGTH]
    if not reason:
        raise GuaranteeRefused(ask)
    return reason
