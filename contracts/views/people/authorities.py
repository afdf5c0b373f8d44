"""The authority register of the city: who may sign, on what ground, until when, and whose term is ending (R3)."""

from datetime import date, timedelta
from typing import Any

from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from accounts.models import Membership, Role
from accounts.permissions import can_administer, is_member, requires
from accounts.requests import ActorRequest
from contracts.services.cases import handing
from contracts.views.people.shown import held_role

PER_PAGE = 50
SOON = timedelta(days=30)
MOST = 10  # 一人ごとに並べる契約の数。残りは数だけを言う


@require_safe
@requires(is_member)
def authority_list(request: ActorRequest) -> HttpResponse:
    """Show the signatories with their terms, and first those whose end leaves signatures waiting."""
    today = timezone.localdate()
    rows = Membership.objects.visible_to(request.actor).filter(role=Role.SIGNATORY)
    rows = rows.select_related("user", "department")
    page = Paginator(rows.order_by("-ends_date", "user__name", "pk"), PER_PAGE).get_page(request.GET.get("page"))
    context = {
        "page": page,
        "rows": [held_role(row, today=today) for row in page],
        "warnings": _warnings(request, rows, today=today),
        "may_administer": can_administer(request.actor),
        "most": MOST,
    }
    return render(request, "people/authorities.html", context)


def _warnings(request: ActorRequest, rows: Any, *, today: date) -> list[dict[str, Any]]:
    """List terms that end within 30 days, and terms that ended while signatures still wait for them."""
    ending = list(rows.filter(ends_date__lte=today + SOON).order_by("ends_date", "pk"))
    waiting = handing.waiting_for([each.user_id for each in ending], tenant_id=request.actor.tenant_id)
    return [
        {"term": each, "over": each.ends_date < today, "waiting": waiting.get(each.user_id, [])}
        for each in ending
        if each.ends_date >= today or waiting.get(each.user_id)
    ]
