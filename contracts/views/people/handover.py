"""引継ぎ: see what waits for one signatory, and let another take all of it over."""

from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from accounts.permissions import can_administer, requires
from accounts.refusals import Refusal
from accounts.requests import ActorRequest
from contracts.forms.people import HandoverForm
from contracts.services.cases import handing


@require_http_methods(["GET", "HEAD", "POST"])
@requires(can_administer)
def handover(request: ActorRequest) -> HttpResponse:
    """Choose from whom to whom (`?giver=`), see what moves, and move it by POST."""
    asked = request.POST if request.method == "POST" else (request.GET if "to" in request.GET else None)
    initial = {"giver": request.GET.get("giver")}
    form = HandoverForm(asked, actor=request.actor, today=timezone.localdate(), initial=initial)
    valid = asked is not None and form.is_valid()
    if request.method == "POST" and valid:
        giver, to = form.cleaned_data["giver"], form.cleaned_data["to"]
        try:
            moved = handing.hand_over(giver, actor=request.actor, at=timezone.now(), to=to)
        except Refusal as refused:
            form.add_error(None, str(refused))
        else:
            messages.success(request, f"{giver.name}さんから{to.name}さんへ、{len(moved)}件の署名を引き継ぎました。")
            return redirect("authority_list")
    context = {"form": form, "preview": _preview(request, form) if valid and not form.errors else None}
    return render(request, "people/handover.html", context, status=422 if form.errors else 200)


def _preview(request: ActorRequest, form: HandoverForm) -> dict[str, Any]:
    giver, tenant_id = form.cleaned_data["giver"], request.actor.tenant_id
    return {
        "giver": giver,
        "to": form.cleaned_data["to"],
        "waiting": handing.waiting_for([giver.pk], tenant_id=tenant_id)[giver.pk],
        "drafts": handing.drafts_of(giver, tenant_id=tenant_id),
    }
