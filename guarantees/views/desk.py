"""The checking desk: a guarantee beside its contract, and what a clerk does with it."""

from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.cache import add_never_cache_headers
from django.views.decorators.debug import sensitive_variables
from django.views.decorators.http import require_POST, require_safe

from accounts.permissions import requires
from accounts.refusals import Refusal
from accounts.requests import ActorRequest
from contracts.permissions import can_read
from guarantees import permissions, services
from guarantees.forms.checking import CheckForm, RejectForm, RevealForm
from guarantees.models import Guarantee
from guarantees.rules.amounts import expected_text
from guarantees.rules.lines import Finding
from guarantees.states import GuaranteeState
from guarantees.views import life

_WITH_CASE = ("case__contractor", "case__department", "case__rule_set", "case__tenant", "institution", "routed_to")
_WITH_PEOPLE = ("checked_by", "decided_by", "amends")


@require_safe
@requires(can_read)
def guarantee_page(request: ActorRequest, guarantee_id: int) -> HttpResponse:
    """Show a guarantee beside its contract, with what may be done now."""
    guarantee = _found(request, guarantee_id)
    return _page(request, guarantee) if guarantee.is_electronic else life.record(request, guarantee)


@require_POST
@requires(permissions.may_handle)
@sensitive_variables("shown")
def reveal(request: ActorRequest, guarantee_id: int) -> HttpResponse:
    """Show the key once, on this answer only."""
    guarantee = _found(request, guarantee_id)
    form = RevealForm(request.POST, prefix="reveal")
    if not form.is_valid():
        return _page(request, guarantee, reveal_form=form)
    shown = services.reveal(guarantee, actor=request.actor, at=timezone.now(), reason=form.cleaned_data["reason"])
    return _page(request, guarantee, shown=shown)


@require_POST
@requires(permissions.may_handle)
def check(request: ActorRequest, guarantee_id: int) -> HttpResponse:
    """Take what was read on the certificate and show how it compares."""
    guarantee = _found(request, guarantee_id)
    form = CheckForm(request.POST)
    if form.is_valid():
        try:
            checked = services.check(guarantee, actor=request.actor, at=timezone.now(), facts=form.facts)
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


@sensitive_variables("shown")
def _page(
    request: ActorRequest, guarantee: Guarantee, *, shown: services.Credential | None = None, **forms: Any
) -> HttpResponse:
    actor = request.actor
    minimum, maximum = services.expected_amounts(guarantee)
    context = {
        "guarantee": guarantee,
        "case": guarantee.case,
        "shown": shown,
        "expected": expected_text(minimum, maximum),
        "unsure": any(line["outcome"] == Finding.UNSURE for line in guarantee.findings),
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
    if shown:
        add_never_cache_headers(response)
    return response
