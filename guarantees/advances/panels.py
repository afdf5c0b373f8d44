"""What advance payments add to the case page and to 「受信箱」."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.urls import reverse

from accounts.actors import Actor
from accounts.requests import ActorRequest
from contracts.hooks import Ahead, Panel, Waiting, Work
from contracts.models import Case
from guarantees.advances import account
from guarantees.advances.account import PAID_KINDS
from guarantees.models import AdvancePayment
from guarantees.permissions import may_handle
from guarantees.states import AdvanceState

VERBS = {
    AdvanceState.CLAIMED: "前払金を支払う",
    AdvanceState.REFUND_DUE: "前払金の返還を確かめる",
}
DUE_LABELS = {
    AdvanceState.CLAIMED: "支払の期限",
    AdvanceState.REFUND_DUE: "返還の期限",
}


def case_panel(case: Case, _request: ActorRequest) -> dict[str, Any]:
    """Give the case page what was paid in advance, what waits, and what may still be claimed."""
    if account.obstacle(case):
        return {"case": case, "advances": None}
    found = account.of(case)
    return {
        "case": case,
        "advances": found,
        "open_advances": found.unpaid,
        "advance_shares": [
            (kind.label, found.of(kind), found.payable(kind), found.why_not(kind)) for kind in PAID_KINDS
        ],
    }


def _ahead(context: Mapping[str, Any]) -> list[Ahead]:
    found = [row for row in context.get("open_advances", ()) if row.due_date is not None and row.state in DUE_LABELS]
    return [Ahead(f"{row.get_kind_display()}：{DUE_LABELS[AdvanceState(row.state)]}", row.due_date) for row in found]


PANEL = Panel(
    template="guarantees/_advance_panel.html",
    context=case_panel,
    anchor="advances",
    label="前払金",
    shown_with=("advances",),
    ahead=_ahead,
)


def _waiting(actor: Actor, _at: datetime) -> Any:
    """Ask for the advances that this person's department has to pay or to see come back."""
    rows = AdvancePayment.objects.visible_to(actor).filter(state__in=list(VERBS))
    if actor.department_id is not None:
        rows = rows.filter(case__department_id=actor.department_id)
    return rows.select_related("case__contractor", "case__department")


def _work(row: AdvancePayment) -> Work:
    state = AdvanceState(row.state)
    address, label = reverse("advances", args=[row.case_id]), DUE_LABELS[state]
    return Work(row.case, VERBS[state], address, row.get_kind_display(), due=row.due_date, due_label=label)


WAITING = Waiting(may_handle, _waiting, _work, case="case", due="due_date")
