"""Whom a guarantor deals with: the list, a new entry, and how each of them comes in."""

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.cache import add_never_cache_headers
from django.views.decorators.debug import sensitive_variables
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.permissions import requires
from accounts.refusals import Refusal
from accounts.requests import ActorRequest
from audit.models import Event
from contracts.views.answers import reason_of
from guarantees.issuing import permissions
from guarantees.issuing.forms import CorrespondentForm, EntryOfBooksForm
from guarantees.issuing.services import correspondents, entering, viewing
from guarantees.models.issuing import Correspondent, Side, Tries

PAGE_LENGTH = 50
EVENTS = 50


@require_safe
@requires(permissions.can_underwrite)
def issuing_correspondents(request: ActorRequest) -> HttpResponse:
    """List the contractors and the orderers."""
    rows = Correspondent.objects.visible_to(request.actor).order_by("side", "name")
    page = Paginator(rows, PAGE_LENGTH).get_page(request.GET.get("page"))
    return render(request, "guarantees/issuing/correspondents.html", {"page": page})


@require_http_methods(["GET", "HEAD", "POST"])
@requires(permissions.can_underwrite)
def issuing_correspondent_new(request: ActorRequest) -> HttpResponse:
    """Enter one more."""
    form = CorrespondentForm(request.POST if request.method == "POST" else None)
    if form.is_valid():
        try:
            made = correspondents.register(actor=request.actor, at=timezone.now(), **form.cleaned_data)
        except Refusal as refused:
            form.add_error("name", str(refused))
        else:
            messages.success(request, f"「{made.name}」を登録しました。画面のリンクを送ると、使い始められます。")
            return redirect("issuing_correspondent", made.pk)
    status = 422 if form.errors else 200
    return render(request, "guarantees/issuing/correspondent_new.html", {"form": form}, status=status)


@require_http_methods(["GET", "HEAD", "POST"])
@requires(permissions.can_underwrite)
def issuing_correspondent_edit(request: ActorRequest, correspondent_id: int) -> HttpResponse:
    """Correct an entry."""
    row = _correspondent(request, correspondent_id)
    now = {name: getattr(row, name) for name in ("name", "address", "email", "phone")}
    form = EntryOfBooksForm(request.POST if request.method == "POST" else None, initial=now)
    if form.is_valid():
        try:
            correspondents.correct(row, actor=request.actor, at=timezone.now(), **form.cleaned_data)
        except Refusal as refused:
            form.add_error("name", str(refused))
        else:
            messages.success(request, "訂正しました。発行済みの証書の記載は変わりません。")
            return redirect("issuing_correspondent", row.pk)
    context = {"form": form, "correspondent": row}
    return render(request, "guarantees/issuing/correspondent_new.html", context, status=422 if form.errors else 200)


@require_safe
@requires(permissions.can_underwrite)
def issuing_correspondent(request: ActorRequest, correspondent_id: int) -> HttpResponse:
    """Show one of them, how they come in, and what was stopped."""
    return _page(request, _correspondent(request, correspondent_id))


@sensitive_variables("token")
def _page(request: ActorRequest, correspondent: Correspondent, token: str = "") -> HttpResponse:
    locked = Tries.objects.visible_to(request.actor).filter(orderer=correspondent, locked_at__isnull=False)
    context = {
        "correspondent": correspondent,
        "is_orderer": correspondent.side == Side.ORDERER,
        "locked": locked.order_by("locked_at"),
        "events": Event.objects.of_thread(correspondent.tenant_id, correspondents.thread_of(correspondent))[:EVENTS],
        "token": token,
        "api": request.build_absolute_uri(reverse("issuing_api", kwargs={"guarantor": request.city.slug})),
    }
    return render(request, "guarantees/issuing/correspondent.html", context)


@require_POST
@requires(permissions.can_underwrite)
def issuing_invite(request: ActorRequest, correspondent_id: int) -> HttpResponse:
    """Mail them the way in."""
    correspondent = _correspondent(request, correspondent_id)
    entering.send(correspondent, actor=request.actor, at=timezone.now())
    messages.success(request, f"{correspondent.email} へ、画面のリンクをお送りします。")
    return redirect("issuing_correspondent", correspondent.pk)


@require_POST
@requires(permissions.can_underwrite)
@sensitive_variables("token")
def issuing_connect(request: ActorRequest, correspondent_id: int) -> HttpResponse:
    """Make the token of an orderer's system, shown on this answer only."""
    correspondent = _correspondent(request, correspondent_id)
    token = correspondents.connect(correspondent, actor=request.actor, at=timezone.now())
    response = _page(request, correspondent, token)
    add_never_cache_headers(response)
    return response


@require_POST
@requires(permissions.can_underwrite)
def issuing_unlock(request: ActorRequest, tries_id: int) -> HttpResponse:
    """Let an orderer try a number again."""
    tries: Tries = get_object_or_404(Tries.objects.visible_to(request.actor), pk=tries_id)
    viewing.unlock(tries, actor=request.actor, at=timezone.now(), reason=reason_of(request))
    messages.success(request, f"保証契約番号 {tries.number} の閲覧を再開しました。")
    return redirect("issuing_correspondent", tries.orderer_id)


def _correspondent(request: ActorRequest, correspondent_id: int) -> Correspondent:
    rows = Correspondent.objects.visible_to(request.actor).select_related("tenant")
    correspondent: Correspondent = get_object_or_404(rows, pk=correspondent_id)
    return correspondent
