"""The list of a city's guarantees: what waits first, the longest waiting on top."""

from typing import Any

from django.core.paginator import Paginator
from django.db.models import Case, Count, F, Q, Value, When
from django.http import HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from accounts.permissions import requires
from accounts.requests import ActorRequest
from contracts.permissions import can_read
from guarantees import permissions, states
from guarantees.forms.listing import ListForm, counts
from guarantees.models import Guarantee

PAGE_LENGTH = 50
# 手を待つもの、提出を待つもの、その後の順。待つものは古い順、済んだものは新しい順。
_ORDER = Case(
    When(state__in=sorted(states.OPEN), then=Value(0)), When(state="expected", then=Value(1)), default=Value(2)
)
_RELATED = ("case__contractor", "institution", "routed_to", "amends")


@require_safe
@requires(can_read)
def guarantee_list(request: ActorRequest) -> HttpResponse:
    """List the guarantees of the city, narrowed as the address asks."""
    seen = Guarantee.objects.visible_to(request.actor)
    by_state = dict(seen.order_by().values_list("state").annotate(count=Count("pk")))
    form = ListForm(request.GET, actor=request.actor, counts=counts(by_state))
    page = Paginator(_ordered(seen.filter(form.wanted)), PAGE_LENGTH).get_page(request.GET.get("page"))
    context = {
        "page": page,
        "rows": [_row(guarantee) for guarantee in page],
        "form": form,
        "asked": form.is_asked,
        "waiting": sum(by_state.get(state, 0) for state in states.OPEN),
        "may_handle": permissions.may_handle(request.actor),
    }
    return render(request, "guarantees/list.html", context)


def _ordered(rows: Any) -> Any:
    waits = Q(state__in=sorted(states.OPEN))
    ordered = rows.annotate(turn=_ORDER, since=Case(When(waits, then=F("submitted_at"))))
    return ordered.select_related(*_RELATED).order_by("turn", F("since").asc(nulls_last=True), "-expected_at", "-pk")


def _row(guarantee: Guarantee) -> dict[str, Any]:
    """Lay out one line, with the days a guarantee has been waiting for the city."""
    waits = guarantee.state in states.OPEN and guarantee.submitted_at is not None
    days = (timezone.localdate() - timezone.localdate(guarantee.submitted_at)).days if waits else None
    return {"guarantee": guarantee, "days": days}
