"""What a person decides after the comparison: the guarantee is accepted, or it is not."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.views.decorators.http import require_POST

from accounts.permissions import requires
from accounts.requests import ActorRequest
from guarantees import permissions, services
from guarantees.forms.checking import AcceptForm, RejectForm
from guarantees.views import showing


@require_POST
@requires(permissions.may_handle)
def accept(request: ActorRequest, guarantee_id: int) -> HttpResponse:
    """Accept a checked guarantee, with what was made sure of on each unsure line, and tell the contractor."""
    guarantee = showing.found(request, guarantee_id)
    form = AcceptForm(request.POST, findings=guarantee.findings, prefix="settle")
    if not form.is_valid() and permissions.can_accept(request.actor, guarantee):
        return showing.page(request, guarantee, accept_form=form)
    services.accept(guarantee, actor=request.actor, at=timezone.now(), settled=form.cleaned_data)
    messages.success(request, "保証を受理しました。受注者へメールでお知らせします。")
    return redirect("guarantee", guarantee_id)


@require_POST
@requires(permissions.may_handle)
def reject(request: ActorRequest, guarantee_id: int) -> HttpResponse:
    """Refuse a guarantee, with the reason the contractor is told."""
    guarantee = showing.found(request, guarantee_id)
    form = RejectForm(request.POST, prefix="reject")
    if not form.is_valid():
        return showing.page(request, guarantee, reject_form=form)
    services.reject(guarantee, actor=request.actor, at=timezone.now(), reason=form.cleaned_data["reason"])
    messages.success(request, "保証を受理しないことにしました。受注者へ理由をメールでお知らせします。")
    return redirect("guarantee", guarantee_id)
