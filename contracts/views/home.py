"""The first page: what waits for whom."""

from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_safe

from accounts import navigation
from accounts.permissions import is_staff, requires
from accounts.requests import ActorRequest
from contracts import permissions, rules, work
from contracts.hooks import Work


@require_safe
@requires(is_staff)
def home(request: ActorRequest) -> HttpResponse:
    """Show what waits for this person; auditors go on to the archive, the people of a guarantor to their own desk."""
    if not permissions.can_read(request.actor):
        return redirect(navigation.start(request.actor))
    if not permissions.has_work(request.actor):
        return redirect("archive")
    mine = work.mine(request.actor, today=timezone.localdate())
    watched = work.watched(request.actor, today=timezone.localdate(), besides=mine)
    context = {
        "mine": _with_days_left(mine),
        "watched": _with_days_left(watched),
        "may_register": permissions.can_register(request.actor),
    }
    return render(request, "contracts/home.html", context)


def _with_days_left(works: list[Work]) -> list[tuple[Work, int | None]]:
    today = timezone.localdate()
    deadlines = [(each, each.case.conclusion_deadline_date) for each in works]
    return [(each, rules.days_left(deadline, today) if deadline else None) for each, deadline in deadlines]
