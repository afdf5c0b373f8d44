"""様式第1号 電子契約利用承諾書 on the web: fill in, look at the PDF, submit (R48–R57)."""

from base64 import b64encode
from typing import Any

from django.core.exceptions import PermissionDenied
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST

from accounts.refusals import Refusal
from accounts.requests import ActorRequest
from contracts import documents, permissions
from contracts.forms.contractor import ConsentForm
from contracts.models import AccessLink, Consent, Purpose
from contracts.services import consenting, downloading, papers
from contracts.views.answers import pdf_response
from contracts.views.links import by_link, case_facts
from signing import pages
from vault import files


@by_link(Purpose.CONSENT)
@require_http_methods(["GET", "HEAD", "POST"])
def consent_form(request: ActorRequest, link: AccessLink) -> HttpResponse:
    """Show the form; with `step=preview` its PDF, with `step=submit` hand it in, with `step=edit` the form again."""
    consent = _consent(request, link)
    if not permissions.can_submit_consent(request.actor, consent):
        return _submitted(request, link, consent)
    step = request.POST.get("step", "preview") if request.method == "POST" else ""
    form = ConsentForm(request.POST if request.method == "POST" else None, consent=consent)
    if step in {"preview", "submit"} and form.is_valid():
        try:
            if step == "submit":
                consenting.submit(consent, actor=request.actor, at=timezone.now(), answers=form.answers)
                return redirect(request.path)
            return _preview(request, link, consent, form)
        except PermissionDenied:  # 二度押しの二つ目。済んだ画面を見せる
            return redirect(request.path)
        except (Refusal, documents.Unprintable) as refused:
            form.add_error(None, str(refused))
    if step == "edit":
        form = ConsentForm(consent=consent, typed=request.POST)
    context = {"form": form, "consent": consent, "today": timezone.localdate()}
    return render(
        request, "contracts/links/consent.html", context | case_facts(link.case), status=422 if form.errors else 200
    )


@by_link(Purpose.CONSENT)
@require_POST
def consent_copy(request: ActorRequest, link: AccessLink) -> HttpResponse:
    """Hand the contractor a copy of what they submitted."""
    consent = _consent(request, link)
    content = downloading.download_consent(consent, actor=request.actor, at=timezone.now())
    return pdf_response(content, link.case.number, "電子契約利用承諾書")


def _consent(request: ActorRequest, link: AccessLink) -> Consent:
    rows = Consent.objects.visible_to(request.actor).select_related("paper")
    consent: Consent = get_object_or_404(rows, case_id=link.case_id)
    consent.case = link.case
    return consent


def _preview(request: ActorRequest, link: AccessLink, consent: Consent, form: ConsentForm) -> HttpResponse:
    for name, answer in form.answers.items():
        setattr(consent, name, answer)
    paper = papers.consent_paper(consent, at=timezone.now())
    registered = link.case.contractor.email
    context = {
        "form": form,
        "pages": _inline(documents.render_consent(paper)),
        "other_email": registered if form.answers["authority_email"].casefold() != registered.casefold() else "",
    }
    return render(request, "contracts/links/consent_preview.html", context | case_facts(link.case))


def _submitted(request: ActorRequest, link: AccessLink, consent: Consent) -> HttpResponse:
    shown = _inline(files.read(consent.paper)) if consent.paper else []
    context = {"link": link, "consent": consent, "pages": shown}
    return render(request, "contracts/links/consent_done.html", context | case_facts(link.case))


def _inline(pdf: bytes) -> list[dict[str, Any]]:
    """Draw a short form into the page itself: an unsubmitted form is stored nowhere."""
    return [
        {
            "number": number,
            "image": "data:image/webp;base64," + b64encode(pages.render(pdf, page=number, width=1000)).decode(),
            "text": pages.text(pdf, page=number),
        }
        for number in range(1, pages.count(pdf) + 1)
    ]
