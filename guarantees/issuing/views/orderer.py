"""The pages of an orderer's staff: number and key in, the certificate out (R91)."""

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.languages import speaks_english
from accounts.requests import ActorRequest
from contracts.views.answers import pdf_response
from guarantees.facts import CertificateFacts
from guarantees.issuing.forms import ViewForm
from guarantees.issuing.services import viewing
from guarantees.issuing.views.doors import by_entry
from guarantees.models.issuing import EntryLink, IssuedCertificate, Side
from signing import setup
from signing.verification import verify

SESSION_KEY = "viewed"


@speaks_english
@by_entry(Side.ORDERER)
@sensitive_post_parameters("key")
@require_http_methods(["GET", "HEAD", "POST"])
def issuing_view(request: ActorRequest, link: EntryLink) -> HttpResponse:
    """Take a number and a key; a wrong key is counted, so the answer is a redirect and the request is kept."""
    form = ViewForm(request.POST if request.method == "POST" else None)
    if not form.is_valid():
        context = {"link": link, "form": form, "most_tries": viewing.MOST_TRIES}
        return render(request, "guarantees/issuing/view.html", context, status=422 if form.errors else 200)
    answer = viewing.view(link.correspondent, actor=request.actor, at=timezone.now(), **form.cleaned_data)
    here = request.city.slug
    if answer.certificate is None:
        messages.error(request, answer.words)
        return redirect("issuing_view", guarantor=here, link_id=link.pk)
    request.session[SESSION_KEY] = sorted({*request.session.get(SESSION_KEY, []), answer.certificate.pk})
    return redirect("issuing_viewed", guarantor=here, link_id=link.pk, certificate_id=answer.certificate.pk)


@speaks_english
@by_entry(Side.ORDERER)
@require_safe
def issuing_viewed(request: ActorRequest, link: EntryLink, certificate_id: int) -> HttpResponse:
    """Show a certificate that this browser has opened with its key, and what our verification says of its seal."""
    certificate = _opened(request, link, certificate_id)
    context = {
        "link": link,
        "certificate": certificate,
        "facts": CertificateFacts.from_json(certificate.facts),
        "report": verify(viewing.pdf_of(certificate), trust=setup.trust()),
    }
    return render(request, "guarantees/issuing/viewed.html", context)


@speaks_english
@by_entry(Side.ORDERER)
@require_POST
def issuing_viewed_pdf(request: ActorRequest, link: EntryLink, certificate_id: int) -> HttpResponse:
    """Hand out the sealed certificate."""
    certificate = _opened(request, link, certificate_id)
    content = viewing.take(certificate, actor=request.actor, at=timezone.now())
    return pdf_response(content, "保証証書", certificate.number)


def _opened(request: ActorRequest, link: EntryLink, certificate_id: int) -> IssuedCertificate:
    found = viewing.opened(link.correspondent, certificate_id=certificate_id)
    if certificate_id not in request.session.get(SESSION_KEY, []) or found is None:
        raise Http404
    return found
