"""様式第1号 電子契約利用承諾書 on the web: fill in, look at the PDF, submit (R48–R57)."""

from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST

from accounts.languages import speaks_english
from accounts.refusals import MovedOn, Refusal
from accounts.requests import ActorRequest
from contracts import documents, permissions
from contracts.forms.consents import ConsentForm
from contracts.models import AccessLink, Consent, Purpose
from contracts.services.consents import consenting
from contracts.services.signatures import downloading
from contracts.services.versions import papers
from contracts.views.answers import pdf_response
from contracts.views.consent_parts import compared, consent_of, inline_pages, kept_pages
from contracts.views.links import by_link, case_facts


@speaks_english
@by_link(Purpose.CONSENT)
@require_http_methods(["GET", "HEAD", "POST"])
def consent_form(request: ActorRequest, link: AccessLink) -> HttpResponse:
    """Show the form; with `step=preview` its PDF, with `step=submit` hand it in, with `step=edit` the form again."""
    consent = consent_of(request, link)
    if not permissions.can_submit_consent(request.actor, consent):
        return _submitted(request, link, consent)
    step = request.POST.get("step", "preview") if request.method == "POST" else ""
    form = _form(request, consent)
    if step in {"preview", "submit"} and form.is_valid():
        try:
            if step == "submit":
                consenting.submit(consent, actor=request.actor, at=timezone.now(), answers=form.answers)
                return redirect(request.path)
            return _preview(request, link, consent, form)
        except MovedOn:  # 二度押しの二つ目。済んだ画面を見せる
            return redirect(request.path)
        except (Refusal, documents.Unprintable) as refused:
            form.add_error(None, str(refused))
    if step == "edit":
        form = _form(request, consent, again=True)
    context = {"form": form, "consent": consent, "today": timezone.localdate()}
    return render(
        request, "contracts/links/consent.html", context | case_facts(link.case), status=422 if form.errors else 200
    )


@speaks_english
@by_link(Purpose.CONSENT)
@require_POST
def consent_copy(request: ActorRequest, link: AccessLink) -> HttpResponse:
    """Hand the contractor a copy of what they submitted."""
    consent = consent_of(request, link)
    content = downloading.download_consent(consent, actor=request.actor, at=timezone.now())
    return pdf_response(content, link.case.number, "電子契約利用承諾書")


def _form(request: ActorRequest, consent: Consent, *, again: bool = False) -> ConsentForm:
    """Make the form of a request; `again` shows what was typed without judging it."""
    uses = consenting.contact_email_uses(consent)
    if again:
        return ConsentForm(consent=consent, typed=request.POST, contact_email_uses=uses)
    data = request.POST if request.method == "POST" else None
    return ConsentForm(data, consent=consent, contact_email_uses=uses)


def _preview(request: ActorRequest, link: AccessLink, consent: Consent, form: ConsentForm) -> HttpResponse:
    for name, answer in form.answers.items():
        setattr(consent, name, answer)
    paper = papers.consent_paper(consent, at=timezone.now())
    context = {
        "form": form,
        "consent": consent,
        "pages": inline_pages(documents.render_consent(paper)),
        "other_address": consent.authority_email.casefold() != link.email.casefold(),
    }
    context |= compared(consent) | case_facts(link.case)
    return render(request, "contracts/links/consent_preview.html", context)


def _submitted(request: ActorRequest, link: AccessLink, consent: Consent) -> HttpResponse:
    context = {"link": link, "consent": consent, "pages": kept_pages(consent)}
    return render(request, "contracts/links/consent_done.html", context | case_facts(link.case))
