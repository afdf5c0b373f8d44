"""The pages of a contractor that applies for guarantees: its certificates, an application, the notice of a key."""

from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.db.models import Q
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.cache import add_never_cache_headers
from django.views.decorators.debug import sensitive_variables
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.languages import speaks_english
from accounts.refusals import Refusal
from accounts.requests import ActorRequest
from contracts.views.answers import pdf_response
from guarantees.facts import CertificateFacts
from guarantees.issuing import permissions
from guarantees.issuing.forms import ApplicationForm, SearchForm, WishForm, initial_of
from guarantees.issuing.papers import NOTICE_TITLE
from guarantees.issuing.services import applying, noticing, viewing
from guarantees.issuing.views.doors import by_entry
from guarantees.models.issuing import Application, EntryLink, IssuedCertificate, Side
from guarantees.states import ApplicationState, IssueState

PAGE_LENGTH = 20


@speaks_english
@by_entry(Side.APPLICANT)
@require_safe
def issuing_client(request: ActorRequest, link: EntryLink) -> HttpResponse:
    """List the guaranteed works (保証工事一覧, R104), those that stand by default, and what is being looked at."""
    form = SearchForm(request.GET if "state" in request.GET else {"state": IssueState.CURRENT})
    page = Paginator(_listed(request, form), PAGE_LENGTH).get_page(request.GET.get("page"))
    applications = Application.objects.visible_to(request.actor).exclude(state=ApplicationState.ISSUED)
    waiting = applications.select_related("orderer").order_by("-applied_at")[:PAGE_LENGTH]
    context = {"link": link, "form": form, "page": page, "applications": waiting}
    return render(request, "guarantees/issuing/client.html", context)


def _listed(request: ActorRequest, form: SearchForm) -> Any:
    rows = IssuedCertificate.objects.visible_to(request.actor).select_related("application__orderer")
    if not form.is_valid():
        return rows.none()
    asked = form.cleaned_data
    for name, value in (("application__type", asked["type"]), ("state", asked["state"])):
        rows = rows.filter(**{name: value}) if value else rows
    for word in asked["words"].split():
        named = Q(application__work_title__icontains=word) | Q(application__orderer__name__icontains=word)
        rows = rows.filter(named | Q(number__icontains=word))
    return rows.order_by("-issued_at", "-pk")


@speaks_english
@by_entry(Side.APPLICANT)
@require_http_methods(["GET", "HEAD", "POST"])
def issuing_apply(request: ActorRequest, link: EntryLink) -> HttpResponse:
    """Take an application for a guarantee."""
    form = ApplicationForm(request.POST if request.method == "POST" else None, actor=request.actor)
    if form.is_valid():
        typed = {"type_": form.cleaned_data["type"], "orderer": form.cleaned_data["orderer"], "wish": form.wish}
        try:
            applying.apply(link.correspondent, actor=request.actor, at=timezone.now(), **typed)
        except Refusal as refused:
            form.add_error(None, str(refused))
        else:
            return _applied(request, link)
    return _form(request, "guarantees/issuing/apply.html", {"link": link, "form": form})


@speaks_english
@by_entry(Side.APPLICANT)
@require_http_methods(["GET", "HEAD", "POST"])
def issuing_change(request: ActorRequest, link: EntryLink, certificate_id: int) -> HttpResponse:
    """Take an application for a change certificate （変更）."""
    certificate = _certificate(request, certificate_id)
    typed = request.POST if request.method == "POST" else None
    form = WishForm(typed, initial=initial_of(certificate.application))
    if form.is_valid():
        try:
            applying.apply_for_change(certificate, actor=request.actor, at=timezone.now(), wish=form.wish)
        except Refusal as refused:
            form.add_error(None, str(refused))
        else:
            return _applied(request, link)
    return _form(request, "guarantees/issuing/apply.html", {"link": link, "form": form, "changes": certificate})


def _applied(request: ActorRequest, link: EntryLink) -> HttpResponse:
    messages.success(request, "お申込みを受け付けました。審査のうえ、電子証書を登録したときにメールでお知らせします。")
    return redirect("issuing_client", guarantor=request.city.slug, link_id=link.pk)


def _form(request: ActorRequest, template: str, context: dict[str, Any]) -> HttpResponse:
    return render(request, template, context, status=422 if context["form"].errors else 200)


@speaks_english
@by_entry(Side.APPLICANT)
@require_safe
def issuing_own(request: ActorRequest, link: EntryLink, certificate_id: int) -> HttpResponse:
    """Show what a certificate says to the one who applied for it (R105)."""
    certificate = _certificate(request, certificate_id)
    context = {
        "link": link,
        "certificate": certificate,
        "facts": CertificateFacts.from_json(certificate.facts),
        "may_take_notice": permissions.can_take_notice(request.actor, certificate),
    }
    return render(request, "guarantees/issuing/own.html", context)


@speaks_english
@by_entry(Side.APPLICANT)
@require_POST
def issuing_own_pdf(request: ActorRequest, _link: EntryLink, certificate_id: int) -> HttpResponse:
    """Hand out the sealed certificate."""
    certificate = _certificate(request, certificate_id)
    content = viewing.take(certificate, actor=request.actor, at=timezone.now())
    return pdf_response(content, "保証証書", certificate.number)


@speaks_english
@by_entry(Side.APPLICANT)
@require_POST
@sensitive_variables("notice")
def issuing_key(request: ActorRequest, link: EntryLink, certificate_id: int) -> HttpResponse:
    """Show what is to be handed to the orderer, key and all, on this answer only (R104: 認証キー「表示」)."""
    certificate = _certificate(request, certificate_id)
    notice = noticing.show(certificate, actor=request.actor, at=timezone.now())
    context = {"link": link, "certificate": certificate, "notice": notice, "notice_title": NOTICE_TITLE}
    response = render(request, "guarantees/issuing/key.html", context)
    add_never_cache_headers(response)
    return response


@speaks_english
@by_entry(Side.APPLICANT)
@require_POST
def issuing_notice(request: ActorRequest, _link: EntryLink, certificate_id: int) -> HttpResponse:
    """Hand out the notice PDF (R108)."""
    certificate = _certificate(request, certificate_id)
    content = noticing.download(certificate, actor=request.actor, at=timezone.now())
    return pdf_response(content, "認証キー等のお知らせ", certificate.number)


def _certificate(request: ActorRequest, certificate_id: int) -> IssuedCertificate:
    rows = IssuedCertificate.objects.visible_to(request.actor).select_related("application__orderer", "tenant")
    certificate: IssuedCertificate = get_object_or_404(rows, pk=certificate_id)
    return certificate
