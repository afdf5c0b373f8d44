"""The first page: what waits for whom."""

from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_safe

from accounts import navigation
from accounts.permissions import is_staff, requires
from accounts.requests import ActorRequest
from contracts import permissions, work
from contracts.views.waiting import with_days_left

MOST, SHOWN = 50, 10


@require_safe
@requires(is_staff)
def home(request: ActorRequest) -> HttpResponse:
    """Show what waits for this person; auditors go on to the archive, the people of a guarantor to their own desk."""
    if not permissions.can_read(request.actor):
        return redirect(navigation.start(request.actor))
    if not permissions.has_work(request.actor):
        return redirect("archive")
    at = timezone.now()
    today = timezone.localdate(at)
    mine = work.mine(request.actor, at=at)[:MOST]
    watched = work.watched(request.actor, today=today, besides=mine)
    context = {
        "mine": with_days_left(mine[:SHOWN], today),
        "more": len(mine) > SHOWN,
        "watched": with_days_left(watched, today),
        "may_register": permissions.can_register(request.actor),
    }
    return render(request, "contracts/home.html", context)
