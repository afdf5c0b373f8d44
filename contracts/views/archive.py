"""The auditor's search over the concluded contracts (R23)."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from accounts.permissions import requires
from accounts.requests import ActorRequest
from contracts import permissions
from contracts.archive.paging import read_order, read_place, write_place
from contracts.archive.searching import Found, search
from contracts.forms.staff import ArchiveForm


@require_safe
@requires(permissions.can_read)
def archive(request: ActorRequest) -> HttpResponse:
    """Search by date, counterparty, amount and words; the whole question stands in the address."""
    form = ArchiveForm(request.GET)
    order = read_order(request.GET.get("order", ""))
    after = read_place(request.GET.get("after", ""), order)
    if form.is_valid():
        found = search(form.wanted, actor=request.actor, order=order, after=after)
    else:
        found = Found()
    context = {
        "form": form,
        "found": found,
        "asked": any(form.cleaned_data.values()),
        "next_url": _next_url(request, found),
        "later_page": after is not None,
    }
    return render(request, "contracts/archive.html", context, status=422 if form.errors else 200)


def _next_url(request: HttpRequest, found: Found) -> str:
    if found.following is None:
        return ""
    query = request.GET.copy()
    query["after"] = write_place(found.following)
    return f"?{query.urlencode()}"
