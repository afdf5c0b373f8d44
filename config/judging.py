"""Whom the journal believes: it cannot judge time-stamp tokens itself, so what signing says of them is handed to it."""

from django.conf import settings

from audit import hooks
from signing import setup
from signing.verification.attesting import token_problem


def register() -> None:
    """Let tokens be judged, where this process was told whom to trust."""
    if settings.TRUST_ROOTS:
        hooks.token_flaws.append(token_flaw)


def token_flaw(token: bytes, digest: bytes) -> str:
    """Say what does not hold in a token over an anchor's hash; empty when it leads to a trusted root."""
    problem = token_problem(token, digest, trust=setup.trust())
    return str(problem or "")
