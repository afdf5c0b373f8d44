"""決裁: pass a step, send the draft back, note that one has read it, allow signatures after the deadline."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils import timezone
from django.views.decorators.http import require_POST

from accounts.permissions import requires
from accounts.requests import ActorRequest
from contracts import permissions
from contracts.forms.staff import CommentForm
from contracts.models import ApprovalStep, ContractVersion
from contracts.services.versions import approving
from contracts.states import VersionState
from contracts.views.answers import reason_of, version_of


def _back(version: ContractVersion) -> HttpResponse:
    return redirect("case", case_id=version.contract.case_id)


@require_POST
@requires(permissions.can_read)
def version_approve(request: ActorRequest, version_id: int) -> HttpResponse:
    """Pass the open step; the last one sends the request for signature. The route names who may, not the door."""
    form = CommentForm(request.POST)
    comment = form.cleaned_data["comment"] if form.is_valid() else ""
    version = approving.approve(
        version_of(request, version_id), actor=request.actor, at=timezone.now(), comment=comment
    )
    if version.state == VersionState.SENT:
        messages.success(request, "決裁が済み、受注者へ署名を依頼しました。相手方の署名をお待ちください。")
    else:
        messages.success(request, "決裁を記録しました。次に決裁する人にお知らせしています。")
    return _back(version)


@require_POST
@requires(permissions.can_read)
def version_return(request: ActorRequest, version_id: int) -> HttpResponse:
    """Send the draft back to its drafter."""
    version = approving.return_(
        version_of(request, version_id), actor=request.actor, at=timezone.now(), reason=reason_of(request)
    )
    messages.success(request, "起案を差し戻し、起案者に理由をお知らせしました。")
    return _back(version)


@require_POST
@requires(permissions.can_read)
def version_allow_late(request: ActorRequest, version_id: int) -> HttpResponse:
    """Allow signatures after the deadline, with the reason."""
    version = approving.allow_late(
        version_of(request, version_id), actor=request.actor, at=timezone.now(), reason=reason_of(request)
    )
    messages.success(request, "期限後の締結を認めました。理由は操作記録に残り、署名できるようになりました。")
    return _back(version)


@require_POST
@requires(permissions.can_read)
def approval_see(request: ActorRequest, approval_id: int) -> HttpResponse:
    """Note that someone who was told of the contract has read it."""
    rows = ApprovalStep.objects.visible_to(request.actor).select_related("version__contract__case")
    step: ApprovalStep = get_object_or_404(rows, pk=approval_id)
    approving.see(step, actor=request.actor, at=timezone.now())
    messages.success(request, "閲覧したことを記録しました。")
    return _back(step.version)
