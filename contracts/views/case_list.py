"""The cases of the city as a list and as a board: what stands where, whose deadline comes next."""

from collections.abc import Mapping
from typing import Any

from django.http import HttpResponse, QueryDict
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from accounts.actors import Actor
from accounts.permissions import requires
from accounts.requests import ActorRequest
from contracts import listing, paging, permissions, rules, story
from contracts.forms.cases import BOARD, CaseSearchForm
from contracts.models import Case, ViewPage
from contracts.services.batches.kinds import open_to
from contracts.states import OPEN_CASES
from contracts.views import case_links as links
from contracts.views import savedviews
from contracts.views.questions import without_place


@require_safe
@requires(permissions.can_read)
def case_list(request: ActorRequest) -> HttpResponse:
    """Show the city's cases, newest first or as a board; every condition stands in the address."""
    query, form = links.tidied(request.GET), CaseSearchForm(request.GET, actor=request.actor)
    asked = form.cleaned_data if form.is_valid() else {}
    conditions = list(links.conditions(query, _departments(form))) if asked else []
    context = {
        "form": form,
        "conditions": conditions,
        "asked": bool(conditions or form.errors),
        "may_register": permissions.can_register(request.actor),
        "deeds": open_to(request.actor, at=timezone.now()),
        "question": without_place(query).urlencode(),
        "list_url": links.address(query, view=""),
        "board_url": links.address(query, view=BOARD),
        **savedviews.beside(ViewPage.CASES, request.actor),
    }
    shown = _board if asked.get("view") == BOARD else _list
    context |= shown(request, query, asked)
    return render(request, "contracts/cases/list.html", context, status=422 if form.errors else 200)


def _departments(form: CaseSearchForm) -> dict[str, str]:
    """Name the department that was asked for, which the form has read."""
    chosen = form.cleaned_data.get("department")
    return {str(chosen.pk): chosen.name} if chosen else {}


def _list(request: ActorRequest, _query: QueryDict, asked: Mapping[str, Any]) -> dict[str, Any]:
    rows = listing.told(_matching(asked, request.actor), actor=request.actor)
    page = paging.following(
        rows, by="registered_at", actor=request.actor, after=request.GET.get("after", ""), newest_first=True
    )
    return {
        "rows": [_line(case) for case in page.rows],
        "is_list": True,
        "next_url": paging.next_address(request.GET, page),
        "later_page": bool(request.GET.get("after")),
    }


def _board(request: ActorRequest, query: QueryDict, asked: Mapping[str, Any]) -> dict[str, Any]:
    lanes = listing.board(
        _matching(asked, request.actor),
        actor=request.actor,
        today=timezone.localdate(),
        is_narrowed=asked["state"] not in {"", listing.OPEN},
    )
    return {"lanes": [_column(lane, query) for lane in lanes], "rows": [card for lane in lanes for card in lane.cards]}


def _column(lane: listing.Lane, query: QueryDict) -> dict[str, Any]:
    return {
        "lane": lane,
        "cards": [_line(case) for case in lane.cards],
        "url": links.address(query, view="", state=lane.standing.value),
    }


def _matching(asked: Mapping[str, Any], actor: Actor) -> Any:
    return listing.matching(asked, actor=actor, today=timezone.localdate())


def _line(case: Any) -> tuple[Case, story.Stage, int | None]:
    """Put beside a case where it stands, and the days it has left."""
    stage = story.stage(case, consent_state=case.consent_state, version_state=case.version_state)
    return case, stage, days_left(case)


def days_left(case: Case) -> int | None:
    """Count the days until the deadline of a case that is still open; None when none runs."""
    if case.conclusion_deadline_date is None or case.state not in OPEN_CASES:
        return None
    return rules.days_left(case.conclusion_deadline_date, timezone.localdate())
