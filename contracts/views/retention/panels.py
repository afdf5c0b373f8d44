"""What the case page shows of how long a case is kept."""

from typing import Any

from accounts.requests import ActorRequest
from contracts import shelf
from contracts.models import Case
from contracts.states import CaseState


def case_panel(case: Case, request: ActorRequest) -> dict[str, Any]:
    """Give the case page the term of the case; nothing before it has its contract."""
    if case.state not in {CaseState.CONCLUDED, CaseState.PAPER}:
        return {}
    return {"custody": shelf.custodies(request.actor).filter(case=case).first()}
