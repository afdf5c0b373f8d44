"""What guarantees add to the pages of contracts: a panel on the case page, and lines in 「受信箱」."""

from datetime import datetime
from typing import Any

from django.db.models import Q
from django.urls import reverse

from accounts.actors import Actor
from accounts.requests import ActorRequest
from contracts.hooks import Panel, Waiting, Work
from contracts.models import Case
from contracts.states import CaseState
from guarantees import permissions, services, states
from guarantees.models import Completion, Guarantee
from guarantees.states import GuaranteeState

VERBS = {
    GuaranteeState.SUBMITTED: "保証を振り分ける",
    GuaranteeState.ROUTED: "保証を照合する",
    GuaranteeState.CHECKED_OK: "保証を受理する",
    GuaranteeState.CHECKED_NG: "不足のある保証を決める",
}


def case_panel(case: Case, request: ActorRequest) -> dict[str, Any]:
    """Give the case page its guarantees, what each still needs, and whether one may be registered."""
    rows = Guarantee.objects.visible_to(request.actor).filter(case=case).select_related("amends")
    contracted = case.state in {CaseState.CONCLUDED, CaseState.PAPER}
    completion = Completion.objects.visible_to(request.actor).filter(case=case).first()
    return {
        "case": case,
        "guarantees": list(rows.order_by("pk")),
        "guarantee_obstacle": services.why_not(case, completed=completion is not None),
        "may_handle_guarantees": contracted and permissions.may_handle(request.actor),
        "completion": completion,
        "contracted": contracted,
    }


PANEL = Panel(
    template="guarantees/_case_panel.html",
    context=case_panel,
    anchor="guarantees",
    label="保証",
    shown_with=("contracted", "guarantees"),
)


def _waiting(actor: Actor, _at: datetime) -> Any:
    """Ask for the guarantees that this person's department has to check or decide."""
    rows = Guarantee.objects.visible_to(actor).filter(state__in=states.OPEN)
    if actor.department_id is not None:
        rows = rows.filter(Q(routed_to_id=actor.department_id) | Q(routed_to=None))
    return rows.select_related("case__contractor", "case__department")


def _work(guarantee: Guarantee) -> Work:
    verb = VERBS[GuaranteeState(guarantee.state)]
    return Work(guarantee.case, verb, reverse("guarantee", args=[guarantee.pk]), str(guarantee))


WAITING = Waiting(permissions.may_handle, _waiting, _work, case="case")
