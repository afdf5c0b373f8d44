"""From which networks the people of the city may work, as its administrators settle it."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from accounts.permissions import can_administer, requires
from accounts.refusals import Refusal
from accounts.requests import ActorRequest
from accounts.services import networks as service
from contracts.forms.networks import NetworksForm


@require_http_methods(["GET", "HEAD", "POST"])
@requires(can_administer)
def networks(request: ActorRequest) -> HttpResponse:
    """Show from where each role may work; POST settles it, unless that would shut out whoever presses."""
    form = NetworksForm(request.POST or None, city=request.city)
    if request.method == "POST" and form.is_valid():
        try:
            service.settle(actor=request.actor, at=timezone.now(), lists=form.lists, seen=form.cleaned_data["seen"])
        except Refusal as refused:
            form.add_error(None, str(refused))
        else:
            messages.success(request, "使える接続元を変えました。次の操作から当てはまります。")
            return redirect("networks")
    context = {"form": form, "here": request.actor.ip}
    return render(request, "contracts/settings/networks.html", context, status=422 if form.errors else 200)
