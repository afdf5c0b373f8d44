"""署名者の変更の申出, as the department reads and answers it."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_POST, require_safe

from accounts.permissions import requires
from accounts.requests import ActorRequest
from contracts import permissions
from contracts.models import SignerChange
from contracts.services.mails import shielding
from contracts.services.signatures import changing, reassigning
from contracts.views.answers import addresses_checked, reason_of


def _change(request: ActorRequest, change_id: int) -> SignerChange:
    rows = SignerChange.objects.visible_to(request.actor)
    related = ("step__version__contract__case__contractor", "step__contractor", "answered_by")
    change: SignerChange = get_object_or_404(rows.select_related(*related), pk=change_id)
    return change


@require_safe
@requires(permissions.can_answer_change)
def signer_change(request: ActorRequest, change_id: int) -> HttpResponse:
    """Show who signs now, who should sign instead and why, with the two answers."""
    change = _change(request, change_id)
    context = {
        "change": change,
        "step": change.step,
        "case": change.step.version.case,
        "may_answer": permissions.can_answer_change(request.actor, change),
        "doubts": shielding.of_step(change.step, address=change.email),
    }
    return render(request, "contracts/cases/signer_change.html", context)


@require_POST
@requires(permissions.can_answer_change)
def signer_change_accept(request: ActorRequest, change_id: int) -> HttpResponse:
    """Ask the other person to sign; the old link dies at once."""
    change = _change(request, change_id)
    step = reassigning.accept(
        change, actor=request.actor, at=timezone.now(), addresses_checked=addresses_checked(request)
    )
    messages.success(request, f"{step.name} 様へ署名を依頼しました。前の署名者のリンクは使えなくなりました。")
    return redirect("case", case_id=change.step.version.contract.case_id)


@require_POST
@requires(permissions.can_answer_change)
def signer_change_refuse(request: ActorRequest, change_id: int) -> HttpResponse:
    """Leave the signer as they are, and tell them why."""
    change = _change(request, change_id)
    changing.refuse(change, actor=request.actor, at=timezone.now(), reason=reason_of(request))
    messages.success(request, f"{change.asked_by} 様へ、変更しないことと理由をお知らせしました。")
    return redirect("case", case_id=change.step.version.contract.case_id)
