"""The way back from a city's SAML provider: posted from elsewhere without our cookies, finished in our own page.

What is posted is proved at once and kept for a moment; only the browser that set out can take it up.
"""

from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_GET, require_POST, require_safe

from accounts import lockout
from accounts.federation import attempts, saml, views
from accounts.federation.models import IdentityProvider, ProviderKind, Stage
from accounts.federation.saying import NotProven
from accounts.federation.services import arriving
from accounts.permissions import public
from accounts.requests import ActorRequest
from accounts.services.tries import TurnedAway


@csrf_exempt
@require_POST
@public
def city_acs(request: ActorRequest) -> HttpResponse:
    """Take in the response that a browser brings from the city's provider."""
    rows = IdentityProvider.unscoped.filter(tenant_id=request.city.pk, kind=ProviderKind.SAML)
    named = request.POST.get("RelayState", "")
    provider = rows.exclude(stage=Stage.RETIRED).filter(pk=int(named) if named.isdecimal() else 0).first()
    if provider is None:
        return views.failed(request)
    at, came = timezone.now(), request.POST.get("SAMLResponse", "")
    entity, back = views.entity_of(request.city), views.acs_of(request.city)
    try:
        arrived = lockout.from_network(
            request, prove=lambda: saml.prove(provider, came, entity=entity, back=back, at=at), wrong=NotProven
        )
        token = arriving.keep(provider, arrived=arrived, at=at)
    except (NotProven, TurnedAway) as unproven:
        return views.unproven(request, unproven, is_trial=provider.stage == Stage.DRAFT)
    leaving = redirect("city_acs_finish", city=request.city.slug, token=token)
    leaving.status_code = 303
    return leaving


@require_GET
@public
def city_acs_finish(request: ActorRequest, token: str) -> HttpResponse:
    """Let in the browser that set out for what has arrived."""
    at = timezone.now()
    arrived = arriving.take(request.city.pk, token=token, at=at)
    asked = arrived.request_id.removeprefix("_") if arrived else ""
    attempt = attempts.take(request, asked, at=at.timestamp(), by="nonce")
    if arrived is None or attempt is None or attempt.provider_id != arrived.provider_id:
        return views.failed(request)
    provider = views.provider_of(request, attempt)
    return views.failed(request) if provider is None else views.accepted(request, attempt, provider, arrived.said)


@require_safe
@public
def city_sp_metadata(request: ActorRequest) -> HttpResponse:
    """Describe us to the city's provider."""
    text = saml.our_metadata(entity=views.entity_of(request.city), back=views.acs_of(request.city))
    return HttpResponse(
        text,
        content_type="application/samlmetadata+xml",
        headers={"Content-Disposition": f'attachment; filename="musubi-{request.city.slug}.xml"'},
    )
