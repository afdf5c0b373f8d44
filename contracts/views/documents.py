"""Documents: read in the browser, handed out, verified."""

from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_POST, require_safe

from accounts.permissions import requires
from accounts.requests import ActorRequest
from contracts import permissions, rendering
from contracts.models import Document
from contracts.services.signatures import downloading, verifying
from contracts.views.answers import pdf_response
from contracts.views.verify import report_context
from signing import setup


def _document(request: ActorRequest, document_id: int) -> Document:
    rows = Document.objects.visible_to(request.actor).select_related("version__contract__case__contractor")
    document: Document = get_object_or_404(rows, pk=document_id)
    return document


@require_safe
@requires(permissions.can_read)
def document(request: ActorRequest, document_id: int) -> HttpResponse:
    """Show a document of a set, its fingerprint and its revisions."""
    shown = _document(request, document_id)

    def address(page: int) -> str:
        return reverse("document_page", args=[shown.pk, page])

    revisions = list(shown.revisions.select_related("step").order_by("number"))
    context = {
        "document": shown,
        "version": shown.version,
        "case": shown.version.case,
        "siblings": Document.objects.visible_to(request.actor).filter(version=shown.version).order_by("order"),
        "revisions": revisions,
        "pages": rendering.viewer_pages(shown, address=address),
        "may_download": permissions.can_download(request.actor, shown.version),
        "is_signed": len(revisions) > 1,
    }
    return render(request, "contracts/cases/document.html", context)


@require_safe
@requires(permissions.can_read)
def document_page(request: ActorRequest, document_id: int, page: int) -> HttpResponse:
    """Draw one page of a document."""
    return rendering.image_response(_document(request, document_id), page=page)


@require_POST
@requires(permissions.can_read)
def document_download(request: ActorRequest, document_id: int) -> HttpResponse:
    """Hand out a concluded document."""
    handed = _document(request, document_id)
    content = downloading.download(handed, actor=request.actor, at=timezone.now())
    case = handed.version.case
    return pdf_response(content, case.number, handed.title, case.contractor.name)


@require_POST
@requires(permissions.can_read)
def document_received(request: ActorRequest, document_id: int) -> HttpResponse:
    """Hand out an upload as it came in, where the gate had to put it in order."""
    handed = _document(request, document_id)
    content = downloading.take_received(handed, actor=request.actor, at=timezone.now())
    return pdf_response(content, handed.version.case.number, handed.title, "受け取ったまま")


@require_POST
@requires(permissions.can_read)
def document_copy(request: ActorRequest, document_id: int) -> HttpResponse:
    """Hand out a 写し of a concluded document (R83)."""
    copied = _document(request, document_id)
    content = downloading.copy(copied, actor=request.actor, at=timezone.now())
    case = copied.version.case
    return pdf_response(content, case.number, copied.title, case.contractor.name, "写し")


@require_POST
@requires(permissions.can_read)
def document_verify(request: ActorRequest, document_id: int) -> HttpResponse:
    """Verify a document as it is stored, and report as Acrobat's signature panel would."""
    verified = _document(request, document_id)
    report = verifying.verify_document(verified, actor=request.actor, at=timezone.now(), trust=setup.trust())
    context = {"document": verified, "case": verified.version.case, **report_context(report)}
    return render(request, "contracts/cases/verified.html", context)
