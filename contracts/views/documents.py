"""Documents: read in the browser, handed out, verified."""

from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_POST, require_safe

from accounts.permissions import hands_out, requires
from accounts.requests import ActorRequest
from contracts import permissions, rendering
from contracts.models import Document, Renewal, StepKind
from contracts.services.signatures import downloading, verifying
from contracts.services.signatures.fields import field_of
from contracts.views.answers import pdf_response, version_of
from contracts.views.verify import report_context
from signing import setup
from signing.results import Verdict


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
        "renewal": Renewal.objects.visible_to(request.actor).filter(document=shown).first(),
        "revisions": revisions,
        "paper": rendering.reader(shown, request.GET, address=address),
        "may_download": permissions.can_download(request.actor, shown.version),
        "is_signed": len(revisions) > 1,
    }
    return render(request, "contracts/cases/document.html", context)


@require_safe
@requires(permissions.can_read)
def document_page(request: ActorRequest, document_id: int, page: int) -> HttpResponse:
    """Draw one page of a document."""
    return rendering.image_response(_document(request, document_id), request.GET, page=page)


@require_POST
@requires(permissions.can_read)
@hands_out
def document_download(request: ActorRequest, document_id: int) -> HttpResponse:
    """Hand out a concluded document."""
    handed = _document(request, document_id)
    content = downloading.download(handed, actor=request.actor, at=timezone.now())
    case = handed.version.case
    return pdf_response(content, case.number, handed.title, case.contractor.name)


@require_POST
@requires(permissions.can_read)
@hands_out
def document_received(request: ActorRequest, document_id: int) -> HttpResponse:
    """Hand out an upload as it came in, where the gate had to put it in order."""
    handed = _document(request, document_id)
    content = downloading.take_received(handed, actor=request.actor, at=timezone.now())
    return pdf_response(content, handed.version.case.number, handed.title, "受け取ったまま")


@require_POST
@requires(permissions.can_read)
@hands_out
def document_copy(request: ActorRequest, document_id: int) -> HttpResponse:
    """Hand out a 写し of a concluded document (R83)."""
    copied = _document(request, document_id)
    content = downloading.copy(copied, actor=request.actor, at=timezone.now())
    case = copied.version.case
    return pdf_response(content, case.number, copied.title, case.contractor.name, "写し")


@require_POST
@requires(permissions.can_read)
@hands_out
def document_version(request: ActorRequest, document_id: int, number: int) -> HttpResponse:
    """Hand out a concluded document as it stood at one of its versions (R80)."""
    shown = _document(request, document_id)
    content = downloading.download_version(shown, number=number, actor=request.actor, at=timezone.now())
    if content is None:
        raise Http404
    case = shown.version.case
    return pdf_response(content, case.number, shown.title, case.contractor.name, f"版{number}")


@require_POST
@requires(permissions.can_read)
@hands_out
def version_verify(request: ActorRequest, version_id: int) -> HttpResponse:
    """Verify every document of a version as it is stored, and what stands beside them (R80)."""
    version = version_of(request, version_id)
    found = verifying.verify_all(version, actor=request.actor, at=timezone.now(), trust=setup.trust())
    context = {
        "version": version,
        "case": version.case,
        "found": [{"document": document, **report_context(report)} for document, report in found],
        "all_valid": all(report.verdict is Verdict.VALID for _document, report in found),
    }
    return render(request, "contracts/cases/verified_all.html", context)


@require_POST
@requires(permissions.can_read)
@hands_out
def document_verify(request: ActorRequest, document_id: int) -> HttpResponse:
    """Verify a document as it is stored, and report as Acrobat's signature panel would."""
    verified = _document(request, document_id)
    report = verifying.verify_document(verified, actor=request.actor, at=timezone.now(), trust=setup.trust())
    context = {
        "document": verified,
        "version": verified.version,
        "case": verified.version.case,
        "may_download": permissions.can_download(request.actor, verified.version),
        **report_context(report, types=_signature_types(verified)),
    }
    return render(request, "contracts/cases/verified.html", context)


def _signature_types(document: Document) -> dict[str, str]:
    steps = document.version.steps.filter(kind=StepKind.SIGN)
    return {field_of(document, step): step.get_signature_type_display() for step in steps}
