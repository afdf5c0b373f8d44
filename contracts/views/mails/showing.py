"""お知らせ: every mail of a case, one mail with what was ever answered to it, and what it said."""

from typing import Any

from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils import timezone
from django.views.decorators.http import require_safe

from accounts.permissions import requires
from accounts.requests import ActorRequest
from contracts import paging, permissions
from contracts.models import Case
from contracts.services.mails import reading
from contracts.services.mails.reading import Truth
from notifications.models import Delivery

ON_THE_CASE_PAGE = 10


def panel(case: Case, request: ActorRequest) -> dict[str, Any]:
    """Give the case page its newest mails, and whether there are more."""
    rows = list(reading.of_case(case, actor=request.actor)[: ON_THE_CASE_PAGE + 1])
    truths = reading.of(rows[:ON_THE_CASE_PAGE], actor=request.actor, at=timezone.now())
    return {"mails": truths, "more_mails": len(rows) > ON_THE_CASE_PAGE}


@require_safe
@requires(permissions.can_read)
def case_mails(request: ActorRequest, case_id: int) -> HttpResponse:
    """List every mail of a case, the newest first."""
    case: Case = get_object_or_404(Case.objects.visible_to(request.actor), pk=case_id)
    page = paging.following(
        reading.of_case(case, actor=request.actor),
        by="created_at",
        actor=request.actor,
        after=request.GET.get("after", ""),
        newest_first=True,
    )
    context = {
        "case": case,
        "mails": reading.of(page.rows, actor=request.actor, at=timezone.now()),
        "next_url": paging.next_address(request.GET, page),
    }
    return render(request, "contracts/mails/case.html", context)


@require_safe
@requires(permissions.can_read)
def mail(request: ActorRequest, delivery_id: int) -> HttpResponse:
    """Show one mail: where it is, every answer to it, what it said, and what can be done."""
    truth = truth_of(request, delivery_id)
    return render(request, "contracts/mails/mail.html", facts(request, truth))


def truth_of(request: ActorRequest, delivery_id: int) -> Truth:
    """Find a mail of the asker's city with its link; raises Http404."""
    rows = Delivery.objects.visible_to(request.actor).select_related("tenant")
    delivery = get_object_or_404(rows, pk=delivery_id)
    (truth,) = reading.of([delivery], actor=request.actor, at=timezone.now())
    return truth


def facts(request: ActorRequest, truth: Truth) -> dict[str, Any]:
    """Give the page of a mail what it shows."""
    cases = reading.cases_of([truth.delivery], actor=request.actor)
    return {
        "truth": truth,
        "delivery": truth.delivery,
        "case": cases.get(truth.delivery.thread),
        "words": reading.said(truth.delivery),
        "newer": reading.newer(truth),
        "doubts": reading.doubts_of(truth),
    }
