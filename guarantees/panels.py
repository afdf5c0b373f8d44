from typing import Any

from accounts.requests import ActorRequest
from contracts.models import Case
from contracts.states import CaseState
from guarantees import permissions, services
from guarantees.models import Guarantee


def case_panel(case: Case, request: ActorRequest) -> dict[str, Any]:
    """Give the case page its guarantees and whether one may be registered."""
    contracted = case.state in {CaseState.CONCLUDED, CaseState.PAPER}
    rows = Guarantee.objects.visible_to(request.actor).filter(case=case).select_related("institution", "routed_to")
    return {
        "guarantees": rows.order_by("submitted_at"),
        "guarantee_verdict": services.verdict(case),
        "may_register": contracted and permissions.can_submit(request.actor),
        "contracted": contracted,
    }
