"""The desk of a guarantor's underwriters: what was applied for, and the certificates they answer for."""

from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_POST, require_safe

from accounts.permissions import requires
from accounts.requests import ActorRequest
from audit.models import Event
from contracts.views.answers import pdf_response, reason_of
from guarantees.facts import CertificateFacts
from guarantees.issuing import permissions
from guarantees.issuing.services import applying, underwriting, viewing
from guarantees.models.issuing import Application, IssuedCertificate
from guarantees.states import ApplicationState, IssueState

PAGE_LENGTH = 50
EVENTS = 50


@require_safe
@requires(permissions.can_underwrite)
def issuing(request: ActorRequest) -> HttpResponse:
    """List what waits to be looked at, the longest waiting first, and the newest certificates."""
    applications = Application.objects.visible_to(request.actor).filter(state=ApplicationState.APPLIED)
    certificates = IssuedCertificate.objects.visible_to(request.actor).select_related(*_RELATED)
    page = Paginator(certificates.order_by("-issued_at", "-pk"), PAGE_LENGTH).get_page(request.GET.get("page"))
    waiting = applications.select_related("applicant", "orderer").order_by("applied_at", "pk")[:PAGE_LENGTH]
    held = certificates.filter(state=IssueState.SEALING).exclude(last_error="").order_by("issued_at")[:PAGE_LENGTH]
    return render(request, "guarantees/issuing/desk.html", {"applications": waiting, "page": page, "held": held})


_RELATED = ("application__applicant", "application__orderer")


@require_safe
@requires(permissions.can_underwrite)
def issuing_application(request: ActorRequest, application_id: int) -> HttpResponse:
    """Show an application, with what may be done now; or what became of it."""
    application = _application(request, application_id)
    context = {
        "application": application,
        "certificate": IssuedCertificate.objects.visible_to(request.actor).filter(application=application).first(),
        "may_decide": permissions.can_underwrite(request.actor, application),
        "events": _events(application),
    }
    return render(request, "guarantees/issuing/application.html", context)


@require_POST
@requires(permissions.can_underwrite)
def issuing_issue(request: ActorRequest, application_id: int) -> HttpResponse:
    """Take an application on."""
    application = _application(request, application_id)
    certificate = underwriting.issue(application, actor=request.actor, at=timezone.now())
    messages.success(
        request,
        f"引き受けました。保証契約番号は {certificate.number} です。"
        "証書に署名とタイムスタンプを付け、保証契約者へメールでお知らせします。",
    )
    return redirect("issuing_certificate", certificate.pk)


@require_POST
@requires(permissions.can_underwrite)
def issuing_decline(request: ActorRequest, application_id: int) -> HttpResponse:
    """Refuse an application with a reason."""
    application = _application(request, application_id)
    underwriting.decline(application, actor=request.actor, at=timezone.now(), reason=reason_of(request))
    messages.success(request, "お引き受けできない理由を、申込者へメールでお知らせします。")
    return redirect("issuing")


@require_safe
@requires(permissions.can_underwrite)
def issuing_certificate(request: ActorRequest, certificate_id: int) -> HttpResponse:
    """Show a certificate, how far it is, and who looked at it; never its key."""
    certificate = _certificate(request, certificate_id)
    context = {
        "certificate": certificate,
        "facts": CertificateFacts.from_json(certificate.facts),
        "locks": viewing.locks(certificate),
        "may_cancel": permissions.can_cancel(request.actor, certificate),
        "events": _events(certificate.application),
    }
    return render(request, "guarantees/issuing/certificate.html", context)


@require_POST
@requires(permissions.can_underwrite)
def issuing_certificate_pdf(request: ActorRequest, certificate_id: int) -> HttpResponse:
    """Hand out the sealed certificate."""
    certificate = _certificate(request, certificate_id)
    content = viewing.take(certificate, actor=request.actor, at=timezone.now())
    return pdf_response(content, "保証証書", certificate.number)


@require_POST
@requires(permissions.can_underwrite)
def issuing_cancel(request: ActorRequest, certificate_id: int) -> HttpResponse:
    """End a certificate before its time."""
    certificate = _certificate(request, certificate_id)
    underwriting.cancel(certificate, actor=request.actor, at=timezone.now(), reason=reason_of(request))
    messages.success(request, "解約しました。保証契約者と発注者へメールでお知らせします。")
    return redirect("issuing_certificate", certificate.pk)


def _application(request: ActorRequest, application_id: int) -> Application:
    rows = Application.objects.visible_to(request.actor)
    related = ("applicant", "orderer", "tenant", "decided_by", "changes")
    application: Application = get_object_or_404(rows.select_related(*related), pk=application_id)
    return application


def _certificate(request: ActorRequest, certificate_id: int) -> IssuedCertificate:
    rows = IssuedCertificate.objects.visible_to(request.actor)
    related = (*_RELATED, "application__decided_by", "replaces", "replaced_by", "tenant")
    certificate: IssuedCertificate = get_object_or_404(rows.select_related(*related), pk=certificate_id)
    return certificate


def _events(application: Application) -> Any:
    return Event.objects.of_thread(application.tenant_id, applying.thread_of(application))[:EVENTS]
