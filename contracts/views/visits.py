"""Visits of operators: where they begin, the list that the city keeps an eye on, and the ways to end one."""

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.models import Visit
from accounts.permissions import leaves, requires
from accounts.requests import ActorRequest
from contracts import permissions
from contracts.forms.visits import VisitForm
from contracts.services.visits import beginning, ending
from contracts.services.visits.beginning import VisitRefused

PAGE = 50


@require_http_methods(["GET", "HEAD", "POST"])
@requires(permissions.operates)
def platform_visits(request: ActorRequest) -> HttpResponse:
    """Ask to enter a city; list where the asker has been."""
    form = VisitForm(request.POST if request.method == "POST" else None)
    if form.is_valid():
        try:
            return _entered(request, form)
        except VisitRefused as refused:
            form.add_error(None, str(refused))
    rows = Visit.objects.visible_to(request.actor).select_related("tenant").order_by("-pk")
    context = {"form": form, "page": Paginator(rows, PAGE).get_page(request.GET.get("page"))}
    return render(request, "contracts/visits/platform.html", context, status=422 if form.errors else 200)


def _entered(request: ActorRequest, form: VisitForm) -> HttpResponse:
    visit = beginning.begin(
        beginning.find(form.cleaned_data["city"].strip()),
        actor=request.actor,
        at=timezone.now(),
        reason=form.cleaned_data["reason"],
        term=form.term,
    )
    messages.success(request, f"{visit.tenant.name}の運用管理者にお知らせし、立ち入りました。")
    return redirect("home")


@require_POST
@requires(permissions.comes_and_goes)
@leaves
def visit_leave(request: ActorRequest) -> HttpResponse:
    """End one's own visit."""
    visit = Visit.objects.visible_to(request.actor).filter(pk=request.actor.visit_id).first()
    if visit is not None:
        ending.leave(visit, actor=request.actor, at=timezone.now())
        messages.success(request, "立入りを終え、見た頁を自治体の運用管理者に報告しました。")
    return redirect("platform_visits")


@require_safe
@requires(permissions.can_read_log)
def visits(request: ActorRequest) -> HttpResponse:
    """Show the city who of the operator is or was there, why and how long."""
    rows = Visit.objects.visible_to(request.actor).order_by("-pk")
    page = Paginator(rows, PAGE).get_page(request.GET.get("page"))
    at = timezone.now()
    context = {
        "page": page,
        "rows": [(visit, visit.lasts(at)) for visit in page],
        "can_end": permissions.can_end_visit(request.actor),
    }
    return render(request, "contracts/visits/list.html", context)


@require_safe
@requires(permissions.can_read_log)
def visit(request: ActorRequest, visit_id: int) -> HttpResponse:
    """Show the city what a visitor was shown."""
    found = get_object_or_404(Visit.objects.visible_to(request.actor), pk=visit_id)
    at = timezone.now()
    context = {
        "visited": found,
        "lasts": found.lasts(at),
        "looked": list(ending.pages(found).items()),
        "can_end": permissions.can_end_visit(request.actor, found),
    }
    return render(request, "contracts/visits/visit.html", context)


@require_POST
@requires(permissions.can_end_visit)
def visit_end(request: ActorRequest, visit_id: int) -> HttpResponse:
    """Let the city end a visit at once."""
    found = get_object_or_404(Visit.objects.visible_to(request.actor), pk=visit_id)
    ending.send_out(found, actor=request.actor, at=timezone.now())
    messages.success(request, "立入りを終えました。次の頁から、何も見えません。")
    return redirect("visits")
