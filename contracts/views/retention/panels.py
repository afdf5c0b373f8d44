"""What the case page shows of how long a case is kept."""

from typing import Any

from accounts.requests import ActorRequest
from contracts import shelf
from contracts.models import Case


def case_panel(case: Case, request: ActorRequest) -> dict[str, Any]:
    """Give the case page the term of the case; nothing before it has its contract."""
    return {"custody": shelf.custodies(request.actor).filter(case=case).first()}
