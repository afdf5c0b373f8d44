"""When the electronic way is closed: what to do, whose deadline is near, and a case's papers for seals."""

from collections.abc import Sequence

from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.permissions import requires
from accounts.refusals import Refusal
from accounts.requests import ActorRequest
from contracts import guide, paging, permissions, rules
from contracts.models import Case
from contracts.services.cases import kits
from contracts.states import OPEN_CASES
from contracts.views.answers import pdf_response
from contracts.views.case_list import days_left

OF_KIT = ("contractor", "department", "rule_set", "tenant")


@require_safe
@requires(permissions.can_read)
def outage(request: ActorRequest) -> HttpResponse:
    """Tell staff what to do when people cannot get through, with the cases under way, nearest deadline first."""
    return _outage(request)


@require_POST
@requires(permissions.can_switch_to_paper)
def outage_kits(request: ActorRequest) -> HttpResponse:
    """Hand out the kits of the chosen cases as one PDF, nearest deadline first."""
    chosen = [
        int(text) for text in request.POST.getlist("case") if text.isascii() and text.isdecimal() and len(text) < 19
    ]
    rows = Case.objects.visible_to(request.actor).select_related(*OF_KIT).filter(pk__in=chosen)
    try:
        content = kits.take_all(rows.order_by("conclusion_deadline_date", "pk"), actor=request.actor, at=timezone.now())
    except Refusal as refused:
        return _outage(request, refusal=str(refused), chosen=chosen)
    return pdf_response(content, request.city.name, "緊急時の紙の一式")


def _outage(request: ActorRequest, *, refusal: str = "", chosen: Sequence[int] = ()) -> HttpResponse:
    rows = Case.objects.visible_to(request.actor).filter(state__in=OPEN_CASES, econtract_verdict__eligible=True)
    rows = rows.filter(conclusion_deadline_date__isnull=False).select_related("contractor", "department")
    page = paging.following(
        rows, by="conclusion_deadline_date", actor=request.actor, after=request.GET.get("after", "")
    )
    current = guide.published(request.city, on=timezone.localdate()).current
    context = {
        "rows": [(case, days_left(case)) for case in page.rows],
        "next_url": f"{reverse('outage')}{following}" if (following := paging.next_address(request.GET, page)) else "",
        "advice": rules.text(current.data, "outage") if current else (),
        "may_take": permissions.can_switch_to_paper(request.actor),
        "most": kits.MOST_AT_ONCE,
        "refusal": refusal,
        "chosen": chosen,
    }
    return render(request, "contracts/outage.html", context, status=422 if refusal else 200)


@require_http_methods(["GET", "HEAD", "POST"])
@requires(permissions.can_switch_to_paper)
def case_kit(request: ActorRequest, case_id: int) -> HttpResponse:
    """Show what a case's kit holds and how it is used, and hand it out as PDF."""
    case = get_object_or_404(Case.objects.visible_to(request.actor).select_related(*OF_KIT), pk=case_id)
    refusal = ""
    if request.method == "POST":
        try:
            content = kits.take(case, actor=request.actor, at=timezone.now())
        except Refusal as refused:
            refusal = str(refused)
        else:
            return pdf_response(content, case.number, "緊急時の紙の一式")
    context = {
        "case": case,
        "refusal": refusal,
        "may_take": case.is_eligible and permissions.can_switch_to_paper(request.actor, case),
        "attached": kits.attached(case),
        "owing": kits.owing(case),
        "days_left": days_left(case),
    }
    return render(request, "contracts/cases/kit.html", context, status=422 if refusal else 200)
