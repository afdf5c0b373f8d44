"""The first page: what waits for whom by its deadline, where the department's cases stand, and what is coming."""

from calendar import SUNDAY, Calendar
from datetime import date, datetime
from typing import Any

from django.http import HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.http import urlencode
from django.views.decorators.http import require_safe

from accounts import navigation
from accounts.actors import Actor
from accounts.permissions import is_staff, requires
from accounts.requests import ActorRequest
from contracts import coming, listing, permissions, work
from contracts.dates import fiscal_year
from contracts.figures import platform
from contracts.forms.calendar import CalendarForm
from contracts.forms.cases import BOARD
from contracts.listing.matching import NEAR
from contracts.models import Case
from contracts.services.batches.kinds import open_to
from contracts.views import case_links
from contracts.views.waiting import with_days_left
from contracts.work import teaching

SHOWN = 5


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
    mine = work.mine(request.actor, at=at).parts(most=SHOWN)
    watched = work.watched(request.actor, today=today, besides=mine.cases)
    context = {
        "today": today,
        "mine": mine,
        "parts": [(part, with_days_left(part.lines, today)) for part in mine.parts],
        "watched": with_days_left(watched[:SHOWN], today),
        "more_watched": len(watched) > SHOWN,
        "may_register": permissions.can_register(request.actor),
        "deeds": open_to(request.actor, at=at) if mine.parts or watched else [],
        "lessons": teaching.of(request.actor),
        "figures": platform.last_night(fiscal_year(today), actor=request.actor),
        **_cases(request.actor, at),
        **_month(request.actor, today),
    }
    return render(request, "contracts/home.html", context)


def _cases(actor: Actor, at: datetime) -> dict[str, Any]:
    """Tell by where they stand how many cases the department has, and where each lot is listed."""
    asked = {"department": actor.department_id} if actor.department_id else {}
    lanes = listing.sums(actor, at=at)
    query = QueryDict(urlencode(asked))
    return {
        "lanes": [(lane, case_links.address(query, state=lane.standing.value)) for lane in lanes],
        "has_cases": any(lane.count for lane in lanes) or Case.objects.visible_to(actor).exists(),
        "list_url": case_links.address(query, state=listing.OPEN),
        "board_url": case_links.address(query, view=BOARD),
        "near_url": case_links.address(query, deadline=NEAR),
    }


def _month(actor: Actor, today: date) -> dict[str, Any]:
    """Lay this month out with how much is coming on each day."""
    whose = CalendarForm(actor=actor).usual
    weeks = Calendar(SUNDAY).monthdatescalendar(today.year, today.month)
    days = [day for week in weeks for day in week if day.month == today.month]
    found = coming.counts(actor, span=(days[0], days[-1]), whose=whose)
    cells = {day: (day, found.get(day, 0), _day_url(day, whose)) for day in days}
    return {"weeks": [[cells.get(day) for day in week] for week in weeks], "has_days": bool(found)}


def _day_url(day: date, whose: str) -> str:
    return f"{reverse('calendar')}?{urlencode({'day': day.isoformat(), 'whose': whose})}"
