"""The desk of those who run this installation: one search over the archives of all municipalities."""

from typing import Any

from django.http import HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from accounts.permissions import requires
from accounts.requests import ActorRequest
from contracts import permissions
from contracts.archive.paging import read_place, write_place
from contracts.forms.operators import AcrossForm
from contracts.models import Archived
from contracts.services import operators
from contracts.services.operators import Answer


@require_http_methods(["GET", "HEAD", "POST"])
@requires(permissions.operates)
def platform_archive(request: ActorRequest) -> HttpResponse:
    """Ask by POST, since every question is written down; the question itself stands in no address."""
    form = AcrossForm(request.POST if request.method == "POST" else None, today=timezone.localdate())
    context: dict[str, Any] = {"form": form}
    if form.is_valid():
        context |= _shown(_answer(request, form), form)
    return render(request, "contracts/operators/archive.html", context, status=422 if form.errors else 200)


def _answer(request: ActorRequest, form: AcrossForm) -> Answer:
    return operators.search(
        form.wanted,
        actor=request.actor,
        at=timezone.now(),
        reason=form.cleaned_data["reason"],
        after=read_place(form.cleaned_data["after"]),
    )


def _shown(answer: Answer, form: AcrossForm) -> dict[str, Any]:
    totals = answer.totals
    return {
        "answered": True,
        "entries": answer.page.entries,
        "asked": [(name, form.data.get(name, "")) for name in form.fields if name != "after"],
        "after": write_place(answer.page.following) if answer.page.following else "",
        "totals": totals,
        "whats": [(Archived(what).label, total) for what, total in totals.by_what.items()] if totals else [],
    }
