"""One transaction, one asker and one municipality per request."""

from collections.abc import Callable
from typing import Any

from django.core.exceptions import ImproperlyConfigured
from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponseBase
from django.shortcuts import render
from django.utils import timezone

from accounts import enrolling, sitting, tenancy, visiting, whence, whereabouts
from accounts.acting import acting
from accounts.models import Organization, OrganizationKind
from accounts.permissions import ACCESS
from accounts.refusals import Refusal
from accounts.services import tries
from vault.errors import Destroyed

# 自分で入口を守る外部の画面（allauth）。ここに名のない画面は requires か public を宣言する。
GUARDED_MODULES = ("allauth.", "django.")
# アドレスに団体の記号を持つ画面: 引数の名と、その団体の種別
PLACES = {"city": OrganizationKind.MUNICIPALITY, "guarantor": OrganizationKind.GUARANTOR}


def client_ip(request: HttpRequest) -> str | None:
    """Tell where a request comes from: the peer, or behind our own proxies the address that they saw."""
    return whence.address_of(request.META)


class ActorMiddleware:
    """Set `request.actor` and `request.city`, and the municipality whose rows the request may see.

    Staff act in the municipality of their membership, whatever the address or a header says; someone of the operator
    who has begun a visit (立入り), in the city they visit, as long as it lasts.
    A page reached by a mailed link (`<slug:city>/…`, `<slug:guarantor>/…`) acts in the organization its address
    names; the link itself must exist there.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        with transaction.atomic():
            tenancy.forget()
            response = self.get_response(request)
            if (visit := getattr(request, "visit", None)) is not None:
                response = visiting.shown(request, response)
            if response.status_code >= 400:
                transaction.set_rollback(True)
        whereabouts.note(request, at=timezone.now())
        if response.status_code >= 400:
            tries.count_again(getattr(request, tries.FAILURES, []))
        if visit is not None:
            visiting.note(visit, request.actor, request, response, at=timezone.now())  # type: ignore[attr-defined]
        return response

    def process_exception(self, request: HttpRequest, exception: Exception) -> HttpResponseBase | None:
        """Show a refusal as a page that says why and what to do; nothing of the request is kept.

        So is what was disposed of, wherever somebody still asks for it.
        """
        if not isinstance(exception, Refusal | Destroyed):
            return None
        status = 410 if isinstance(exception, Destroyed) else 409
        return render(request, "refused.html", {"reason": str(exception)}, status=status)

    def process_view(
        self, request: Any, view: Callable[..., HttpResponseBase], _args: tuple[Any, ...], kwargs: dict[str, Any]
    ) -> HttpResponseBase | None:
        if not hasattr(view, ACCESS) and not view.__module__.startswith(GUARDED_MODULES):
            raise ImproperlyConfigured(f"{view.__module__}.{view.__name__} は requires か public を宣言していません。")
        request.actor = request.city = request.visit = None
        for place, kind in PLACES.items():
            if place in kwargs:
                request.city = Organization.objects.filter(slug=kwargs.pop(place), kind=kind).first()
                if request.city is None:
                    raise Http404
                tenancy.set_tenant(request.city.pk)
                return None
        if request.user.is_authenticated:
            at = timezone.now()
            if sitting.is_over(request, at=at):
                return sitting.ended(request)
            sitting.note(request, at=at)
            tenancy.set_user(request.user.pk)
            held = acting(
                request.user,
                on=timezone.localdate(),
                ip=client_ip(request),
                user_agent=request.META.get("HTTP_USER_AGENT", "")[:300],
            )
            if held is not None:
                elsewhere = whereabouts.turned_away(request, *held, view, request.resolver_match)
                if elsewhere is not None:
                    return elsewhere
                request.actor, request.city = held
                request.visit = visiting.under_way(request.actor, at=timezone.now())
                if request.visit is not None:
                    request.actor, request.city = visiting.guest(request.actor, request.visit), request.visit.tenant
                tenancy.set_tenant(request.city.pk)
                return enrolling.led_away(request.actor, view, request.resolver_match)
        return None
