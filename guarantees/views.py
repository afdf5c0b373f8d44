"""The pages of guarantees: the contractor's, by a mailed link, and those of the people who receive them."""

from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.db.models import F
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.cache import add_never_cache_headers
from django.views.decorators.debug import sensitive_post_parameters, sensitive_variables
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.permissions import requires
from accounts.refusals import Refusal
from accounts.requests import ActorRequest
from contracts.models import AccessLink, Case, Purpose
from contracts.permissions import can_read
from contracts.views.links import by_link, case_facts
from guarantees import guidance, permissions, rules, services, states
from guarantees.forms import TYPE_AGAIN, CheckForm, GuaranteeForm, ReceivedForm, RejectForm, RevealForm
from guarantees.models import Channel, Guarantee
from guarantees.states import GuaranteeState

PAGE_LENGTH = 50
_WITH_CASE = ("case__contractor", "case__department", "case__rule_set", "case__tenant", "institution", "routed_to")
_WITH_PEOPLE = ("checked_by", "decided_by")


@by_link(Purpose.GUARANTEE)
@sensitive_post_parameters("key")
@require_http_methods(["GET", "HEAD", "POST"])
def guarantee_form(request: ActorRequest, link: AccessLink) -> HttpResponse:
    """Let the contractor register a guarantee, and show what came of those registered before."""
    case = link.case
    form = GuaranteeForm(request.POST or None, case=case, actor=request.actor)
    if form.is_valid() and _submit(request, case, form, channel=Channel.UPLOAD):
        return redirect(request.path)
    registered = Guarantee.objects.visible_to(request.actor).filter(case=case).select_related("institution")
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


@require_safe
@requires(can_read)
def guarantee_list(request: ActorRequest) -> HttpResponse:
    """List the guarantees of the city: what waits first, the longest waiting on top."""
    rows = Guarantee.objects.visible_to(request.actor).select_related("case__contractor", "institution", "routed_to")
    ordered = rows.order_by(F("decided_at").desc(nulls_first=True), "submitted_at", "pk")
    page = Paginator(ordered, PAGE_LENGTH).get_page(request.GET.get("page"))
    waiting = rows.filter(state__in=states.OPEN).count()
    return render(request, "guarantees/list.html", {"page": page, "waiting": waiting})


@require_safe
@requires(can_read)
def guarantee_page(request: ActorRequest, guarantee_id: int) -> HttpResponse:
    """Show a guarantee beside its contract, with what may be done now."""
    return _page(request, _found(request, guarantee_id))


@require_POST
@requires(permissions.may_handle)
@sensitive_variables("key")
def reveal(request: ActorRequest, guarantee_id: int) -> HttpResponse:
    """Show the key once, on this answer only."""
    guarantee = _found(request, guarantee_id)
    form = RevealForm(request.POST, prefix="reveal")
    if not form.is_valid():
        return _page(request, guarantee, reveal_form=form)
    key = services.reveal(guarantee, actor=request.actor, at=timezone.now(), reason=form.cleaned_data["reason"])
    return _page(request, guarantee, key=key)


@require_POST
@requires(permissions.may_handle)
def check(request: ActorRequest, guarantee_id: int) -> HttpResponse:
    """Take what was read on the certificate and show how it compares."""
    guarantee = _found(request, guarantee_id)
    form = CheckForm(request.POST)
    if form.is_valid():
        try:
            checked = services.check(guarantee, actor=request.actor, at=timezone.now(), **form.cleaned_data)
        except Refusal as refused:
            form.add_error(None, str(refused))
        else:
            tone = messages.SUCCESS if checked.state == GuaranteeState.CHECKED_OK else messages.WARNING
            messages.add_message(request, tone, f"照合しました。結果は「{checked.get_state_display()}」です。")
            return redirect("guarantee", guarantee.pk)
    return _page(request, guarantee, check_form=form)


@require_POST
@requires(permissions.may_handle)
def accept(request: ActorRequest, guarantee_id: int) -> HttpResponse:
    """Accept a checked guarantee and tell the contractor."""
    guarantee = services.accept(_found(request, guarantee_id), actor=request.actor, at=timezone.now())
    messages.success(request, "保証を受理しました。受注者へメールでお知らせします。")
    return redirect("guarantee", guarantee.pk)


@require_POST
@requires(permissions.may_handle)
def reject(request: ActorRequest, guarantee_id: int) -> HttpResponse:
    """Refuse a guarantee, with the reason the contractor is told."""
    guarantee = _found(request, guarantee_id)
    form = RejectForm(request.POST, prefix="reject")
    if not form.is_valid():
        return _page(request, guarantee, reject_form=form)
    services.reject(guarantee, actor=request.actor, at=timezone.now(), reason=form.cleaned_data["reason"])
    messages.success(request, "保証を受理しないことにしました。受注者へ理由をメールでお知らせします。")
    return redirect("guarantee", guarantee.pk)


def _found(request: ActorRequest, guarantee_id: int) -> Guarantee:
    rows = Guarantee.objects.visible_to(request.actor).select_related(*_WITH_CASE, *_WITH_PEOPLE)
    return get_object_or_404(rows, pk=guarantee_id)  # type: ignore[no-any-return]


@sensitive_variables("key")
def _page(request: ActorRequest, guarantee: Guarantee, *, key: str = "", **forms: Any) -> HttpResponse:
    actor = request.actor
    minimum, maximum = services.expected_amounts(guarantee)
    context = {
        "guarantee": guarantee,
        "case": guarantee.case,
        "key": key,
        "expected": rules.expected_text(minimum, maximum),
        "unsure": any(line["outcome"] == rules.Finding.UNSURE for line in guarantee.findings),
        "may_check": permissions.can_check(actor, guarantee),
        "may_accept": permissions.can_accept(actor, guarantee),
        "may_reject": permissions.can_reject(actor, guarantee),
        "may_reveal": permissions.can_reveal(actor, guarantee),
        "check_form": CheckForm(),
        "reject_form": RejectForm(prefix="reject"),
        "reveal_form": RevealForm(prefix="reveal"),
    } | forms
    wrong = any(form.errors for form in forms.values())
    response = render(request, "guarantees/guarantee.html", context, status=422 if wrong else 200)
    if key:
        add_never_cache_headers(response)
    return response
