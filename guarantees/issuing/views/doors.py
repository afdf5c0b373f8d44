"""The way in for people without an account: a mailed link, one POST, then a session without the token."""

from collections.abc import Callable
from functools import wraps
from typing import Any, TypeAlias

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from accounts.languages import speaks_english
from accounts.middleware import client_ip
from accounts.permissions import public
from accounts.requests import ActorRequest
from contracts.views.links import kept_private
from guarantees.issuing.forms import EntryForm
from guarantees.issuing.services import entering
from guarantees.models.issuing import EntryLink, Side

AnyView: TypeAlias = Callable[..., HttpResponse]
SESSION_KEY = "entries"
PAGES = {Side.APPLICANT: "issuing_client", Side.ORDERER: "issuing_view"}


@speaks_english
@public
@kept_private
@require_http_methods(["GET", "HEAD", "POST"])
def issuing_enter(request: ActorRequest) -> HttpResponse:
    """Mail whoever is on the books their link; the answer is the same for everyone."""
    form = EntryForm(request.POST if request.method == "POST" else None)
    if form.is_valid():
        entering.ask(request.city, at=timezone.now(), email=form.cleaned_data["email"])
        messages.success(
            request, "ご登録のあるメールアドレスであれば、画面のリンクをお送りしました。メールをご確認ください。"
        )
        return redirect("issuing_enter", guarantor=request.city.slug)
    return render(request, "guarantees/issuing/enter.html", {"form": form}, status=422 if form.errors else 200)


@speaks_english
@public
@kept_private
@require_http_methods(["GET", "HEAD", "POST"])
def issuing_landing(request: ActorRequest, token: str) -> HttpResponse:
    """Say whose page this is; only the button 「確認する」 opens it."""
    now = timezone.now()
    link = entering.find(token, at=now)
    if link is None:
        return gone(request)
    if request.method != "POST":
        return render(request, "guarantees/issuing/landing.html", {"link": link})
    entering.open_(link, actor=_holder(request, link), at=now)
    request.session.cycle_key()
    request.session[SESSION_KEY] = sorted({*request.session.get(SESSION_KEY, []), link.pk})
    return redirect(PAGES[Side(link.correspondent.side)], guarantor=request.city.slug, link_id=link.pk)


def by_entry(side: Side) -> Callable[[AnyView], AnyView]:
    """Hand the view the living link that this browser has opened; show the dead-link page to everyone else."""

    def door(view: AnyView) -> AnyView:
        @wraps(view)
        def entered(request: ActorRequest, *args: Any, link_id: int, **kwargs: Any) -> HttpResponse:
            known = link_id in request.session.get(SESSION_KEY, [])
            link = entering.opened(link_id, side=side, at=timezone.now()) if known else None
            if link is None:
                return gone(request)
            request.actor = _holder(request, link)
            return view(request, link, *args, **kwargs)

        return public(kept_private(entered))

    return door


def gone(request: ActorRequest) -> HttpResponse:
    """Answer every dead link alike, with the way to a fresh one."""
    return render(request, "guarantees/issuing/dead.html", status=404)


def _holder(request: ActorRequest, link: EntryLink) -> Any:
    return entering.holder(link, ip=client_ip(request), user_agent=request.META.get("HTTP_USER_AGENT", "")[:300])
