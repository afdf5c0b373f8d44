"""What staff do about a mail: send it again, put its address right, take it back."""

from collections.abc import Sequence

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST

from accounts.permissions import requires
from accounts.refusals import Refusal
from accounts.requests import ActorRequest
from contracts import permissions
from contracts.forms.mails import CorrectionForm
from contracts.services.mails import reading, recalling, resending
from contracts.shield import Doubt
from contracts.views.answers import addresses_checked
from contracts.views.mails.showing import facts, truth_of
from notifications.models import Delivery


def _back(delivery: Delivery) -> HttpResponse:
    """Go to the mails of the case, where the new one stands on top."""
    return redirect(reverse("case", args=[reading.case_id(delivery)]) + "#mails")


@require_POST
@requires(permissions.can_tend_mails)
def mail_resend(request: ActorRequest, delivery_id: int) -> HttpResponse:
    """Send what the mail was for once more; the old link dies."""
    delivery = truth_of(request, delivery_id).delivery
    address = resending.resend(
        delivery, actor=request.actor, at=timezone.now(), addresses_checked=addresses_checked(request)
    )
    messages.success(request, f"{address} へ送り直しました。前のリンクは使えなくなりました。")
    return _back(delivery)


@require_http_methods(["GET", "HEAD", "POST"])
@requires(permissions.can_tend_mails)
def mail_correct(request: ActorRequest, delivery_id: int) -> HttpResponse:
    """Put the address right where it came from, and send the matter there."""
    truth = truth_of(request, delivery_id)
    form = CorrectionForm(request.POST or None, initial={"email": truth.address})
    doubts: Sequence[Doubt] = ()
    if request.method == "POST" and form.is_valid():
        try:
            resending.correct(
                truth.delivery,
                actor=request.actor,
                at=timezone.now(),
                addresses_checked=addresses_checked(request),
                **form.cleaned_data,
            )
        except Refusal as refused:
            form.add_error(None, str(refused))
            doubts = getattr(refused, "doubts", ())
        else:
            email = form.cleaned_data["email"]
            messages.success(request, f"宛先を直し、{email} へ送りました。前のリンクは使えなくなりました。")
            return _back(truth.delivery)
    context = facts(request, truth) | {"form": form, "doubts": doubts}
    return render(request, "contracts/mails/correct.html", context, status=422 if form.errors else 200)


@require_POST
@requires(permissions.can_tend_mails)
def mail_recall(request: ActorRequest, delivery_id: int) -> HttpResponse:
    """Take the mail back before anyone has opened it."""
    delivery = truth_of(request, delivery_id).delivery
    recalling.recall(delivery, actor=request.actor, at=timezone.now())
    messages.success(
        request, "取り戻しました。届いていても、リンクは開けません。宛先を直すか、同じ宛先へ送り直してください。"
    )
    return redirect("mail", delivery_id=delivery_id)
