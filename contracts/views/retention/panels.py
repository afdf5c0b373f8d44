"""What the case page shows of how long a case is kept."""

from collections.abc import Mapping
from typing import Any

from accounts.requests import ActorRequest
from contracts import shelf
from contracts.hooks import Ahead, Panel
from contracts.models import Case
from contracts.states import CaseState


def case_panel(case: Case, request: ActorRequest) -> dict[str, Any]:
    """Give the case page the term of the case; nothing before it has its contract."""
    if case.state not in {CaseState.CONCLUDED, CaseState.PAPER}:
        return {}
    return {"custody": shelf.custodies(request.actor).filter(case=case).first()}


def _ahead(context: Mapping[str, Any]) -> list[Ahead]:
    custody = context.get("custody")
    if custody is None or custody.ends_date is None or custody.disposed_at is not None:
        return []
    return [Ahead("保存期間の末日", custody.ends_date)]


PANEL = Panel(
    template="contracts/retention/_case_panel.html",
    context=case_panel,
    anchor="retention",
    label="保存期間",
    shown_with=("custody",),
    ahead=_ahead,
)
