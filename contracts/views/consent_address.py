"""The round trip of the authority's address: one page, one button (R45)."""

from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from accounts.languages import speaks_english
from accounts.refusals import Refusal
from accounts.requests import ActorRequest
from contracts.models import AccessLink, Purpose
from contracts.services.consents import addresses
from contracts.views.consent_parts import consent_of
from contracts.views.links import by_link, case_facts


@speaks_english
@by_link(Purpose.ADDRESS)
@require_http_methods(["GET", "HEAD", "POST"])
def consent_address(request: ActorRequest, link: AccessLink) -> HttpResponse:
    """Ask whether the address is right; POST answers. Only what the person must know is shown: it may be a stranger."""
    consent = consent_of(request, link)
    refused = ""
    if request.method == "POST":
        agreed = bool(request.POST.get("methods_agreed"))
        try:
            addresses.confirm(consent, actor=request.actor, at=timezone.now(), methods_agreed=agreed)
        except Refusal as refusal:
            refused = str(refusal)
        else:
            return redirect(request.path)
    context = {"consent": consent, "refused": refused} | case_facts(link.case)
    return render(request, "contracts/links/address.html", context, status=422 if refused else 200)
