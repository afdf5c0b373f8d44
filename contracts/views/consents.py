"""The consent form as staff see it: read, accepted or sent back."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_POST, require_safe

from accounts.permissions import requires
from accounts.requests import ActorRequest
from contracts import permissions, rendering
from contracts.models import Consent
from contracts.services import consenting, downloading
from contracts.views.answers import pdf_response, reason_of


def _consent(request: ActorRequest, consent_id: int) -> Consent:
    rows = Consent.objects.visible_to(request.actor).select_related("case__contractor", "case__tenant", "paper")
    consent: Consent = get_object_or_404(rows, pk=consent_id)
    return consent


@require_safe
@requires(permissions.can_read)
def consent_paper(request: ActorRequest, consent_id: int) -> HttpResponse:
    """Show 様式第1号 as it was submitted."""
    consent = _consent(request, consent_id)

    def address(page: int) -> str:
        return reverse("consent_page", args=[consent.pk, page])

    context = {
        "consent": consent,
        "case": consent.case,
        "pages": rendering.viewer_pages(consent, address=address),
        "may_accept": permissions.can_accept_consent(request.actor, consent),
    }
    return render(request, "contracts/cases/consent.html", context)


@require_safe
@requires(permissions.can_read)
def consent_page(request: ActorRequest, consent_id: int, page: int) -> HttpResponse:
    """Draw one page of the submitted form."""
    return rendering.image_response(_consent(request, consent_id), page=page)


@require_POST
@requires(permissions.can_read)
def consent_download(request: ActorRequest, consent_id: int) -> HttpResponse:
    """Hand out the submitted form."""
    consent = _consent(request, consent_id)
    content = downloading.download_consent(consent, actor=request.actor, at=timezone.now())
    return pdf_response(content, consent.case.number, "電子契約利用承諾書", consent.company_name)


@require_POST
@requires(permissions.can_accept_consent)
def consent_accept(request: ActorRequest, consent_id: int) -> HttpResponse:
    """Accept the consent."""
    consent = consenting.accept(_consent(request, consent_id), actor=request.actor, at=timezone.now())
    messages.success(request, "承諾を確認しました。次は契約書の起案です。")
    return redirect("case", case_id=consent.case_id)


@require_POST
@requires(permissions.can_accept_consent)
def consent_return(request: ActorRequest, consent_id: int) -> HttpResponse:
    """Send the consent back with the reason."""
    consent = consenting.return_(
        _consent(request, consent_id), actor=request.actor, at=timezone.now(), reason=reason_of(request)
    )
    messages.success(request, "承諾書を差し戻し、理由をメールで送りました。再提出をお待ちください。")
    return redirect("case", case_id=consent.case_id)
