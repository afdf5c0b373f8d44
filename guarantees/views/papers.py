"""The papers beside a guarantee, and the department it lies with: opened with a reason, routed by hand."""

import re

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils import timezone
from django.utils.http import content_disposition_header
from django.views.decorators.http import require_http_methods, require_POST

from accounts.languages import speaks_english
from accounts.permissions import requires
from accounts.refusals import Refusal
from accounts.requests import ActorRequest
from contracts.models import AccessLink, Purpose
from contracts.streams.names import file_name
from contracts.views.links import by_link, case_facts
from guarantees import permissions, services
from guarantees.forms.files import OpenPaperForm, PrivatePaperForm, RouteForm
from guarantees.models import PRIVATE, Attachment, Guarantee
from guarantees.services import keeping
from guarantees.views.submitting import form_page

RELATED = ("case__contractor", "case__tenant", "case__rule_set", "routed_to", "institution")


@require_http_methods(["GET", "HEAD", "POST"])
@requires(permissions.may_handle)
def guarantee_file(request: ActorRequest, guarantee_id: int, paper_id: int) -> HttpResponse:
    """Ask why a paper that bears the key is opened, then hand it out; any other is handed out at once by POST."""
    paper = _paper(request, guarantee_id, paper_id)
    form = OpenPaperForm(request.POST or None) if paper.bears_key else None
    asking = request.method != "POST" if form is None else not form.is_valid()
    if asking:
        context = {"guarantee": paper.guarantee, "paper": paper, "form": form}
        return form_page(request, "guarantees/file.html", context)
    return _handed_out(request, paper, reason=form.cleaned_data["reason"] if form else "")


@require_http_methods(["GET", "HEAD", "POST"])
@requires(permissions.may_handle)
def guarantee_route(request: ActorRequest, guarantee_id: int) -> HttpResponse:
    """Send a guarantee to a department by hand (R111)."""
    rows = Guarantee.objects.visible_to(request.actor).select_related(*RELATED)
    guarantee = get_object_or_404(rows, pk=guarantee_id)
    form = RouteForm(request.POST or None, actor=request.actor)
    if form.is_valid():
        department = form.cleaned_data["department"]
        try:
            services.route(guarantee, department=department, actor=request.actor, at=timezone.now())
        except Refusal as refused:
            form.add_error(None, str(refused))
        else:
            messages.success(request, f"{department.name}に振り分け、メールでお知らせしました。")
            return redirect("guarantee", guarantee.pk)
    context = {
        "guarantee": guarantee,
        "case": guarantee.case,
        "form": form,
        "may": permissions.can_route(request.actor, guarantee),
    }
    return form_page(request, "guarantees/route.html", context)


@speaks_english
@by_link(Purpose.GUARANTEE)
@require_http_methods(["GET", "HEAD", "POST"])
def guarantee_own_papers(request: ActorRequest, link: AccessLink, guarantee_id: int) -> HttpResponse:
    """Let the contractor keep papers of their own beside a guarantee (R109)."""
    guarantee = _own(request, link, guarantee_id)
    form = PrivatePaperForm(request.POST or None, request.FILES or None, city=request.city)
    if form.is_valid():
        try:
            keeping.add_private(guarantee, actor=request.actor, at=timezone.now(), **form.typed)
        except Refusal as refused:
            form.add_error(None, str(refused))
        else:
            messages.success(request, "書類を保管しました。")
            return redirect(request.path)
    papers = Attachment.objects.visible_to(request.actor).filter(guarantee=guarantee)
    own, given = papers.filter(slot__in=PRIVATE), papers.exclude(slot__in=PRIVATE)
    context = {"link": link, "guarantee": guarantee, "own": own, "given": given, "form": form}
    return form_page(request, "guarantees/own_papers.html", context | case_facts(link.case))


@speaks_english
@by_link(Purpose.GUARANTEE)
@require_POST
def guarantee_own_file(request: ActorRequest, link: AccessLink, guarantee_id: int, paper_id: int) -> HttpResponse:
    """Hand a paper back to the contractor, theirs or one they gave."""
    _own(request, link, guarantee_id)
    return _handed_out(request, _paper(request, guarantee_id, paper_id))


@speaks_english
@by_link(Purpose.GUARANTEE)
@require_POST
def guarantee_own_remove(request: ActorRequest, link: AccessLink, guarantee_id: int, paper_id: int) -> HttpResponse:
    """Let the contractor take back a paper of their own."""
    guarantee = _own(request, link, guarantee_id)
    keeping.remove_private(_paper(request, guarantee_id, paper_id), actor=request.actor, at=timezone.now())
    messages.success(request, "書類を消しました。")
    return redirect("guarantee_own_papers", city=request.city.slug, link_id=link.pk, guarantee_id=guarantee.pk)


def _own(request: ActorRequest, link: AccessLink, guarantee_id: int) -> Guarantee:
    rows = Guarantee.objects.visible_to(request.actor).filter(case=link.case, submitted_at__isnull=False)
    return get_object_or_404(rows.select_related(*RELATED), pk=guarantee_id)  # type: ignore[no-any-return]


def _paper(request: ActorRequest, guarantee_id: int, paper_id: int) -> Attachment:
    rows = Attachment.objects.visible_to(request.actor).filter(guarantee_id=guarantee_id)
    related = ("file", *(f"guarantee__{name}" for name in RELATED))
    return get_object_or_404(rows.select_related(*related), pk=paper_id)  # type: ignore[no-any-return]


def _handed_out(request: ActorRequest, paper: Attachment, *, reason: str = "") -> HttpResponse:
    content = keeping.open_(paper, actor=request.actor, at=timezone.now(), reason=reason)
    is_mail = paper.name.lower().endswith(".eml")
    kind, ending = ("message/rfc822", ".eml") if is_mail else ("application/pdf", ".pdf")
    name = file_name(re.sub(r"\.(eml|pdf)$", "", paper.name, flags=re.IGNORECASE)) + ending
    disposition = content_disposition_header(True, name) or "attachment"  # noqa: FBT003
    headers = {"Content-Disposition": disposition, "Cache-Control": "no-store", "X-Content-Type-Options": "nosniff"}
    return HttpResponse(content, content_type=kind, headers=headers)
