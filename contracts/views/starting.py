"""はじめに: where a new colleague begins, and an administrator of a new city."""

from django.http import HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from accounts.permissions import requires
from accounts.requests import ActorRequest
from contracts import permissions, starting


@require_safe
@requires(permissions.can_read)
def start(request: ActorRequest) -> HttpResponse:
    """Show a person's own first steps and what each role does; to administrators also those of the city."""
    administers = permissions.can_administer(request.actor)
    context = {
        "own": starting.of_person(request.actor),
        "whole": starting.of_city(request.city, actor=request.actor, at=timezone.now()) if administers else None,
    }
    return render(request, "contracts/start.html", context)
