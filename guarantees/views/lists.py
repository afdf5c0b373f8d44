"""The list of a city's guarantees: what waits first."""

from django.core.paginator import Paginator
from django.db.models import F
from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from accounts.permissions import requires
from accounts.requests import ActorRequest
from contracts.permissions import can_read
from guarantees import states
from guarantees.models import Guarantee

PAGE_LENGTH = 50


@require_safe
@requires(can_read)
def guarantee_list(request: ActorRequest) -> HttpResponse:
    """List the guarantees of the city: what waits first, the longest waiting on top."""
    rows = Guarantee.objects.visible_to(request.actor).select_related("case__contractor", "institution", "routed_to")
    ordered = rows.order_by(F("decided_at").desc(nulls_first=True), F("submitted_at").asc(nulls_last=True), "pk")
    page = Paginator(ordered, PAGE_LENGTH).get_page(request.GET.get("page"))
    waiting = rows.filter(state__in=states.OPEN).count()
    return render(request, "guarantees/list.html", {"page": page, "waiting": waiting})
