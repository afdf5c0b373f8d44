"""The list of cases: what stands where, whose deadline comes next."""

from datetime import timedelta
from typing import Any

from django.db.models import Case as Choose
from django.db.models import Count, Exists, OuterRef, Q, Subquery, Value, When
from django.http import HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from accounts.permissions import requires
from accounts.requests import ActorRequest
from contracts import paging, permissions, rules, story
from contracts.folding import search_key
from contracts.forms.cases import NEAR, PASSED, CaseSearchForm
from contracts.models import Case, Consent, ContractKind, ContractVersion
from contracts.states import OPEN_CASES, ContractState
from contracts.story.stages import SLOWEST_FIRST

SOON = timedelta(days=3)


@require_safe
@requires(permissions.can_read)
def case_list(request: ActorRequest) -> HttpResponse:
    """List the city's cases, newest first; every condition stands in the address."""
    form = CaseSearchForm(request.GET, actor=request.actor)
    asked = form.cleaned_data if form.is_valid() else {}
    rows = _told(_matching(asked, request), request)
    page = paging.following(
        rows, by="registered_at", actor=request.actor, after=request.GET.get("after", ""), newest_first=True
    )
    context = {
        "form": form,
        "rows": [(case, _stage(case), days_left(case)) for case in page.rows],
        "next_url": paging.next_address(request.GET, page),
        "later_page": bool(request.GET.get("after")),
        "asked": any(asked.values()) or bool(form.errors),
        "may_register": permissions.can_register(request.actor),
    }
    return render(request, "contracts/cases/list.html", context, status=422 if form.errors else 200)


def _matching(asked: dict[str, Any], request: ActorRequest) -> Any:
    rows = Case.objects.visible_to(request.actor)
    for word in asked.get("words", "").split():
        rows = rows.filter(search_key__contains=search_key(word))
    if state := asked.get("state"):
        rows = rows.filter(state=state)
    if department := asked.get("department"):
        rows = rows.filter(department=department)
    return rows.filter(_deadline(asked.get("deadline", "")))


def _deadline(wanted: str) -> Q:
    """Ask for open cases whose deadline is near, or has passed."""
    today = timezone.localdate()
    running = Q(state__in=OPEN_CASES)
    if wanted == PASSED:
        return running & Q(conclusion_deadline_date__lt=today)
    if wanted == NEAR:
        return running & Q(conclusion_deadline_date__range=(today, today + SOON))
    return Q()


def _told(rows: Any, request: ActorRequest) -> Any:
    """Add, within the one query, what the list tells of the consents and the contracts of each case."""
    consents = Consent.objects.visible_to(request.actor).filter(case=OuterRef("pk"))
    newer = Consent.objects.visible_to(request.actor).filter(
        case=OuterRef("case"), contractor=OuterRef("contractor"), pk__gt=OuterRef("pk")
    )
    rank = Choose(*(When(state=state, then=Value(place)) for place, state in enumerate(SLOWEST_FIRST)))
    versions = ContractVersion.objects.visible_to(request.actor).filter(
        contract__case=OuterRef("pk"), contract__kind=ContractKind.ORIGINAL
    )
    return rows.select_related("contractor", "department").annotate(
        consent_state=Subquery(consents.filter(~Exists(newer)).order_by(rank).values("state")[:1]),
        version_state=Subquery(versions.order_by("-number").values("state")[:1]),
        amendments=Count(
            "contracts",
            filter=Q(contracts__kind=ContractKind.AMENDMENT) & ~Q(contracts__state=ContractState.DROPPED),
        ),
    )


def _stage(case: Any) -> story.Stage:
    return story.stage(case, consent_state=case.consent_state, version_state=case.version_state)


def days_left(case: Case) -> int | None:
    """Count the days until the deadline of a case that is still open; None when none runs."""
    if case.conclusion_deadline_date is None or case.state not in OPEN_CASES:
        return None
    return rules.days_left(case.conclusion_deadline_date, timezone.localdate())
