"""What an administrator settles for the city."""

from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from accounts.models import Organization
from accounts.permissions import requires
from accounts.requests import ActorRequest
from contracts import permissions
from contracts.durations import write_duration
from contracts.forms.staff import MEGABYTE, SettingsForm
from contracts.services import settings
from contracts.services.signatures import certificates
from signing import setup


@require_http_methods(["GET", "HEAD", "POST"])
@requires(permissions.can_administer)
def city_settings(request: ActorRequest) -> HttpResponse:
    """Show the city's settings; POST changes them."""
    form = SettingsForm(request.POST or None, initial=_initial(request.city))
    if request.method == "POST" and form.is_valid():
        settings.change(request.city, actor=request.actor, at=timezone.now(), **_settled(form.cleaned_data))
        messages.success(request, "設定を変えました。これから送るリンクと画面に反映されます。")
        return redirect("city_settings")
    shown = {
        "form": form,
        "certificates": certificates.of_city(request.city, at=timezone.now()),
        "authorities": setup.authorities().entries,
    }
    return render(request, "contracts/settings.html", shown, status=422 if form.errors else 200)


def _initial(city: Organization) -> dict[str, Any]:
    return {
        "mayor_title": city.mayor_title,
        "mayor_name": city.mayor_name,
        "address": city.address,
        "help_desk": city.help_desk,
        "help_phone": city.help_phone,
        "help_hours": city.help_hours,
        "help_email": city.help_email,
        "help_form": city.help_form,
        "download_lifetime": write_duration(city.download_lifetime),
        "max_file_megabytes": city.max_file_bytes // MEGABYTE,
        "max_envelope_megabytes": city.max_envelope_bytes // MEGABYTE,
        "accepts_signed": city.accepts_signed,
    }


def _settled(typed: dict[str, Any]) -> dict[str, Any]:
    limits = {
        "max_file_bytes": typed["max_file_megabytes"] * MEGABYTE,
        "max_envelope_bytes": typed["max_envelope_megabytes"] * MEGABYTE,
    }
    return {name: typed[name] for name in settings.SETTLED if name in typed} | limits
