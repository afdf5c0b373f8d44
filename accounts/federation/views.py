"""The ways to a city's identity provider and back: chosen by the domain of an address, never by who is registered."""

import logging
from collections.abc import Callable
from typing import Any, cast
from urllib.parse import urlencode, urlsplit

from allauth.account.adapter import get_adapter
from allauth.account.internal.flows.login import perform_login, record_authentication
from allauth.account.models import Login
from csp.decorators import csp_update
from django import forms
from django.conf import settings
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.cache import add_never_cache_headers
from django.views.decorators.http import require_GET, require_http_methods

from accounts import lockout
from accounts.acting import actor_for
from accounts.federation import attempts, finding, oidc, saml
from accounts.federation.attempts import Attempt
from accounts.federation.models import IdentityProvider, ProviderKind, Stage
from accounts.federation.requirement import METHOD
from accounts.federation.saying import NotProven, Said
from accounts.federation.services import matching, settling
from accounts.middleware import client_ip
from accounts.models import Organization, User
from accounts.permissions import can_administer, public
from accounts.requests import ActorRequest
from accounts.services.tries import TurnedAway

logger = logging.getLogger(__name__)
FAILED = (
    "認証基盤からサインインできませんでした。もう一度お試しください。"
    "続くときは、所属する自治体の運用管理者にご相談ください。"
)


class AddressForm(forms.Form):
    """The address whose domain tells the city."""

    email = forms.EmailField(
        label="メールアドレス",
        max_length=254,
        widget=forms.EmailInput(attrs={"autocomplete": "username"}),
        help_text="職員として登録されているアドレス。@ の後だけを見ます。",
    )


@require_http_methods(["GET", "HEAD", "POST"])
@public
def sign_on(request: HttpRequest) -> HttpResponse:
    """Ask for an address, and lead to the provider of the city that has its domain, if there is one."""
    form = AddressForm(request.POST if request.method == "POST" else None)
    found: list[Organization] | None = None
    if form.is_valid():
        found = [each.city for each in finding.speakers(form.cleaned_data["email"])]
        if len(found) == 1:
            return redirect(_page_of(found[0], onward=_onward(request)))
    context = {"form": form, "found": found, "onward": _onward(request)}
    return render(request, "account/sign_on.html", context, status=422 if form.errors else 200)


def _page_of(city: Organization, *, onward: str) -> str:
    asked = f"?{urlencode({'next': onward})}" if onward else ""
    return reverse("city_sign_on", kwargs={"city": city.slug}) + asked


def _onward(request: HttpRequest) -> str:
    """Read where to go on after signing in; empty for anywhere but our own pages."""
    onward = request.POST.get("next") or request.GET.get("next") or ""
    return onward if onward.startswith("/") and get_adapter(request).is_safe_url(onward) else ""


@require_http_methods(["GET", "HEAD", "POST"])
@public
def city_sign_on(request: ActorRequest) -> HttpResponse:
    """Show the way to a city's provider; its button sets out."""
    provider = finding.in_use(request.city.pk)
    if provider is None:
        raise Http404
    if request.method == "POST":
        return set_out(request, provider, onward=_onward(request))
    page = render(request, "account/sign_on_city.html", {"onward": _onward(request)})
    return allowing(request, page, provider)


def set_out(
    request: HttpRequest, provider: IdentityProvider, *, onward: str = "", tester_id: int | None = None
) -> HttpResponse:
    """Send the browser to the provider, and remember in it what must come back."""
    attempt = Attempt(provider.pk, timezone.now().timestamp(), onward, tester_id)
    attempts.keep(request, attempt)
    city = provider.tenant
    if provider.kind == ProviderKind.SAML:
        place = saml.address_of(provider, attempt, entity=entity_of(city), back=acs_of(city))
    else:
        place = oidc.address_of(provider, attempt, back=back_of(city))
    leaving = HttpResponseRedirect(place)
    add_never_cache_headers(leaving)
    return leaving


def back_of(city: Organization) -> str:
    """Name the address of ours to which a city's OpenID Connect provider sends people back."""
    return settings.BASE_URL + reverse("city_callback", kwargs={"city": city.slug})


def acs_of(city: Organization) -> str:
    """Name the address of ours to which a city's SAML provider posts its answers (ACS)."""
    return settings.BASE_URL + reverse("city_acs", kwargs={"city": city.slug})


def entity_of(city: Organization) -> str:
    """Name us as a city's SAML provider knows us (entity ID); our metadata is there."""
    return settings.BASE_URL + reverse("city_sp_metadata", kwargs={"city": city.slug})


def allowing(request: HttpRequest, page: HttpResponse, *providers: IdentityProvider | None) -> HttpResponse:
    """Let the buttons of a page lead to these providers, and to nobody else but us."""
    places = [urlsplit(each.places["authorization_endpoint"]) for each in providers if each is not None]
    origins = sorted({f"{each.scheme}://{each.netloc}" for each in places})
    allowed: Callable[..., Any] = csp_update({"form-action": origins})
    return cast(HttpResponse, allowed(lambda _: page)(request))


@require_GET
@public
def city_callback(request: ActorRequest) -> HttpResponse:
    """Take in whoever comes back from the city's OpenID Connect provider."""
    came, now = {name: str(value) for name, value in request.GET.items()}, timezone.now().timestamp()
    attempt = attempts.take(request, came.get("state", ""), at=now)
    if attempt is None:
        return failed(request)
    provider = provider_of(request, attempt)
    if provider is None or provider.kind != ProviderKind.OIDC:
        return failed(request)
    back = back_of(provider.tenant)
    try:
        said = lockout.from_network(
            request, prove=lambda: oidc.prove(provider, attempt, came, back=back, now=now), wrong=NotProven
        )
    except (NotProven, TurnedAway) as wrong:
        return unproven(request, wrong, is_trial=attempt.tester_id is not None)
    return accepted(request, attempt, provider, said)


def provider_of(request: ActorRequest, attempt: Attempt) -> IdentityProvider | None:
    """Find the provider to which a browser set out, if it still stands as it did then."""
    rows = IdentityProvider.unscoped.filter(tenant_id=request.city.pk, pk=attempt.provider_id)
    stage = Stage.DRAFT if attempt.tester_id else Stage.ACTIVE
    found: IdentityProvider | None = rows.filter(stage=stage).select_related("tenant").first()
    return found


def unproven(request: ActorRequest, wrong: Exception, *, is_trial: bool) -> HttpResponse:
    """Say that nobody is proved to have come; why, only to an administrator who tries."""
    logger.warning("Sign-on to %s not proven: %s", request.city.slug, wrong)
    return failed(request, why=str(wrong) if is_trial else "", is_trial=is_trial)


def accepted(request: ActorRequest, attempt: Attempt, provider: IdentityProvider, said: Said) -> HttpResponse:
    """Let in, or show to the administrator who tries, whom the provider has proved to send."""
    if attempt.tester_id:
        return _tried(request, attempt, provider, said)
    return _entered(request, attempt, provider, said)


def _entered(request: ActorRequest, attempt: Attempt, provider: IdentityProvider, said: Said) -> HttpResponse:
    at, ip = timezone.now(), client_ip(request)
    try:
        user = matching.enter(provider, said=said, at=at, ip=ip)
    except matching.Unmatched as unmatched:
        matching.refuse(provider, said=said, why=str(unmatched), at=at, ip=ip)
        return failed(request)
    if request.user.is_authenticated and request.user.pk != user.pk:
        get_adapter(request).logout(request)
    record_authentication(request, user, METHOD, issuer=said.issuer)
    return cast(HttpResponse, perform_login(request, Login(user=user, redirect_url=attempt.onward or None)))


def _tried(request: ActorRequest, attempt: Attempt, draft: IdentityProvider, said: Said) -> HttpResponse:
    """Tell the administrator who would have signed in, and that the draft may be used."""
    at = timezone.now()
    tester: Any = request.user
    is_theirs = isinstance(tester, User) and tester.pk == attempt.tester_id
    actor = actor_for(tester, on=timezone.localdate(at), ip=client_ip(request)) if is_theirs else None
    if actor is None or actor.tenant_id != request.city.pk or not can_administer(actor):
        return failed(request)
    try:
        user = matching.find(draft, said=said)
    except matching.Unmatched as unmatched:
        return failed(request, why=f"認証基盤からは戻れましたが、職員と結び付きません。{unmatched}", is_trial=True)
    settling.note_trial(draft, actor=actor, at=at, said=said, user=user)
    messages.success(request, f"{user.name}（{user.email}）として戻って来ました。この設定を使い始められます。")
    return redirect("sign_on_settings")


def failed(request: HttpRequest, *, why: str = "", is_trial: bool = False) -> HttpResponse:
    """Send back to where it began. No error status: what was counted and told must stand."""
    messages.error(request, why or FAILED)
    return redirect("sign_on_settings" if is_trial else "account_login")
