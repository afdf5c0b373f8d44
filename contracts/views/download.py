"""Hand the concluded documents to a party: two presses from the mail (R67, R68)."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_POST, require_safe

from accounts.languages import speaks_english
from accounts.requests import ActorRequest
from contracts import guide
from contracts.models import AccessLink, Document, DocumentKind, Purpose, SigningStep
from contracts.services.inboxes import entering, matters
from contracts.services.signatures import downloading
from contracts.views.answers import pdf_response
from contracts.views.links import by_link, case_facts


@speaks_english
@by_link(Purpose.DOWNLOAD)
@require_safe
def contractor_download(request: ActorRequest, link: AccessLink) -> HttpResponse:
    """Show the finished documents and how the signing went."""
    step = SigningStep.objects.visible_to(request.actor).select_related("version").get()
    version = step.version
    documents = Document.objects.visible_to(request.actor).order_by("order")
    context = {
        "link": link,
        "version": version,
        "documents": documents.of_the_set(),
        "certificate": documents.filter(kind=DocumentKind.CERTIFICATE).first(),
        "steps": version.steps.order_by("order"),
        "links": guide.topics(request.city, on=timezone.localdate()),
        "is_kept": matters.is_kept(step, email=link.email),
    }
    return render(request, "contracts/links/download.html", context | case_facts(link.case))


@by_link(Purpose.DOWNLOAD)
@require_POST
def contractor_document(request: ActorRequest, link: AccessLink, document_id: int) -> HttpResponse:
    """Hand out one document, named 工事番号_文書名.pdf (RFC 5987)."""
    rows = Document.objects.visible_to(request.actor).select_related("version__contract__case")
    document = get_object_or_404(rows, pk=document_id)
    content = downloading.download(document, actor=request.actor, at=timezone.now())
    return pdf_response(content, link.case.number, document.title)


@by_link(Purpose.DOWNLOAD)
@require_POST
def contractor_keep(request: ActorRequest, link: AccessLink) -> HttpResponse:
    """Put the contract into the party's inbox, where it stays after the link has run out (R67)."""
    now = timezone.now()
    step = SigningStep.objects.visible_to(request.actor).select_related("version__contract__case").get()
    matters.keep(step, inbox=entering.of(request.city, email=link.email, at=now), actor=request.actor, at=now)
    messages.success(request, "受注者の窓口に保管しました。")
    return redirect("contractor_download", city=request.city.slug, link_id=link.pk)
