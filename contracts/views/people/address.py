"""One's own mail address: asked to be changed, and changed by the link that went to the new one."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from accounts import second_factor
from accounts.permissions import hands_out, is_staff, requires
from accounts.refusals import Refusal
from accounts.requests import ActorRequest
from accounts.services import addresses
from contracts.forms.people import AddressForm
from contracts.views.people.shown import oneself


@require_http_methods(["GET", "HEAD", "POST"])
@requires(is_staff)
@hands_out
def address(request: ActorRequest) -> HttpResponse:
    """Take the new address, from someone who has just proved who they are."""
    if not second_factor.is_proven(request):
        return second_factor.ask_again(request, back=reverse("address"))
    form = AddressForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            addresses.ask(oneself(request), actor=request.actor, at=timezone.now(), new=form.cleaned_data["email"])
        except Refusal as refused:
            form.add_error("email", str(refused))
        else:
            return render(request, "people/address_sent.html", {"new": form.cleaned_data["email"]})
    return render(request, "people/address.html", {"form": form}, status=422 if form.errors else 200)


@require_http_methods(["GET", "HEAD", "POST"])
@requires(is_staff)
@hands_out
def address_confirm(request: ActorRequest) -> HttpResponse:
    """Show what the mailed link would change; its button changes it."""
    given = request.POST if request.method == "POST" else request.GET
    token, user, at = given.get("token", ""), oneself(request), timezone.now()
    try:
        if request.method == "POST":
            here = request.session.session_key
            changed = addresses.confirm(token, user=user, actor=request.actor, at=at, here=here)
            messages.success(request, f"アドレスを {changed.email} に変えました。次のサインインから使います。")
            return redirect("home")
        wish = addresses.read(token, user=user)
    except Refusal as refused:
        return render(request, "people/address_confirm.html", {"refused": str(refused)})
    return render(request, "people/address_confirm.html", {"wish": wish, "token": token})
