"""How long the concluded documents prove themselves, and what the worker does about it (R36)."""

from django.conf import settings
from django.http import HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from accounts.permissions import requires
from accounts.requests import ActorRequest
from contracts import outlook, permissions


@require_safe
@requires(permissions.can_watch_evidence)
def long_life(request: ActorRequest) -> HttpResponse:
    """Show per year what ends and what was renewed, and what could not be renewed and why."""
    at = timezone.now()
    shown = {
        "outlook": outlook.outlook(request.actor, at=at),
        "this_year": timezone.localdate(at).year,
        "lead_days": settings.RENEWAL_LEAD.days,
    }
    return render(request, "contracts/long_life.html", shown)
