"""Where a firm's consent stands: its copy, the way to withdraw it, and the way to name another authority."""

from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST

from accounts.languages import speaks_english
from accounts.refusals import Refusal
from accounts.requests import ActorRequest
from contracts import permissions
from contracts.forms.consents import AuthorityForm, WithdrawalForm
from contracts.models import AccessLink, Purpose
from contracts.services.consents import addresses, withdrawing
from contracts.services.signatures import downloading
from contracts.views.answers import pdf_response
from contracts.views.consent_parts import consent_of, kept_pages
from contracts.views.links import by_link, case_facts


@speaks_english
@by_link(Purpose.STANDING)
@require_http_methods(["GET", "HEAD", "POST"])
def consent_standing(request: ActorRequest, link: AccessLink) -> HttpResponse:
    """Show the consent as it stands; POST withdraws it."""
    consent = consent_of(request, link)
    form = WithdrawalForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        reason = form.cleaned_data["reason"]
        try:
            withdrawing.withdraw(consent, actor=request.actor, at=timezone.now(), reason=reason)
        except Refusal as refused:
            form.add_error(None, str(refused))
        else:
            return redirect(request.path)
    may_withdraw = permissions.can_withdraw_consent(request.actor, consent) and withdrawing.is_open(link.case)
    context = {
        "link": link,
        "consent": consent,
        "form": form,
        "pages": kept_pages(consent),
        "may_withdraw": may_withdraw,
        "may_change": permissions.can_change_authority(request.actor, consent),
    }
    context |= case_facts(link.case)
    return render(request, "contracts/links/standing.html", context, status=422 if form.errors else 200)


@speaks_english
@by_link(Purpose.STANDING)
@require_POST
def standing_copy(request: ActorRequest, link: AccessLink) -> HttpResponse:
    """Hand the firm its copy once more."""
    consent = consent_of(request, link)
    content = downloading.download_consent(consent, actor=request.actor, at=timezone.now())
    return pdf_response(content, link.case.number, "電子契約利用承諾書")


@speaks_english
@by_link(Purpose.STANDING)
@require_http_methods(["GET", "HEAD", "POST"])
def standing_authority(request: ActorRequest, link: AccessLink) -> HttpResponse:
    """Let the firm name another authority or address, which then has to answer (R44)."""
    consent = consent_of(request, link)
    form = AuthorityForm(request.POST or None, consent=consent)
    if request.method == "POST" and form.is_valid():
        reason = form.cleaned_data["reason"]
        try:
            addresses.change_authority(
                consent, actor=request.actor, at=timezone.now(), answers=form.answers, reason=reason
            )
        except Refusal as refused:
            form.add_error(None, str(refused))
        else:
            return redirect("consent_standing", city=request.city.slug, link_id=link.pk)
    context = {"link": link, "consent": consent, "form": form} | case_facts(link.case)
    return render(request, "contracts/links/standing_authority.html", context, status=422 if form.errors else 200)
