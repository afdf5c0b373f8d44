"""The pages on which guarantees are handed in: the contractor's, by a mailed link, and the clerk's."""

from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.cache import add_never_cache_headers
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods

from accounts.permissions import requires
from accounts.refusals import Refusal
from accounts.requests import ActorRequest
from contracts.models import AccessLink, Case, Purpose
from contracts.views.links import by_link, case_facts
from guarantees import guidance, permissions, services
from guarantees.forms.submitting import TYPE_AGAIN, GuaranteeForm, ReceivedForm
from guarantees.models import Channel, Guarantee


@by_link(Purpose.GUARANTEE)
@sensitive_post_parameters("key")
@require_http_methods(["GET", "HEAD", "POST"])
def guarantee_form(request: ActorRequest, link: AccessLink) -> HttpResponse:
    """Let the contractor register a guarantee, and show what came of those registered before."""
    case = link.case
    form = GuaranteeForm(request.POST or None, case=case, actor=request.actor)
    if form.is_valid() and _submit(request, case, form, channel=Channel.UPLOAD):
        return redirect(request.path)
    registered = (
        Guarantee.objects.visible_to(request.actor)
        .filter(case=case, submitted_at__isnull=False)
        .select_related("institution")
    )
    context = {
        "form": form,
        "guide": guidance.guide(case),
        "registered": registered.order_by("-submitted_at"),
    }
    return _form_page(request, "guarantees/contractor.html", context | case_facts(case))


@require_http_methods(["GET", "HEAD", "POST"])
@requires(permissions.can_submit)
@sensitive_post_parameters("key")
def guarantee_new(request: ActorRequest, case_id: int) -> HttpResponse:
    """Register a guarantee whose notice came by mail or was brought along (R90, R118)."""
    rows = Case.objects.visible_to(request.actor).select_related("contractor", "department", "rule_set", "tenant")
    case = get_object_or_404(rows, pk=case_id)
    obstacle = services.why_not(case)
    if obstacle:
        return render(request, "guarantees/new.html", {"case": case, "obstacle": obstacle})
    form = ReceivedForm(request.POST or None, case=case, actor=request.actor)
    if form.is_valid() and (taken := _submit(request, case, form)):
        return redirect("guarantee", taken.pk)
    return _form_page(request, "guarantees/new.html", {"case": case, "form": form, "guide": guidance.guide(case)})


def _submit(request: ActorRequest, case: Case, form: GuaranteeForm, **more: Any) -> Guarantee | None:
    try:
        taken = services.submit(case, actor=request.actor, at=timezone.now(), **form.typed, **more)
    except Refusal as refused:
        form.add_error(None, str(refused))
        form.add_error("key", TYPE_AGAIN)
        return None
    text = f"{taken.get_type_display()}を受け付けました。受付番号は {taken.receipt} です。"
    messages.success(request, f"{text}控えを受注者の方へメールでお送りします。")
    return taken


def _form_page(request: ActorRequest, template: str, context: dict[str, Any]) -> HttpResponse:
    response = render(request, template, context, status=422 if context["form"].errors else 200)
    add_never_cache_headers(response)
    return response
