"""The calendar: what is coming in a month, and everything of one day of it."""

from calendar import SUNDAY, Calendar
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Any

from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.http import urlencode
from django.views.decorators.http import require_safe

from accounts.permissions import requires
from accounts.requests import ActorRequest
from contracts import coming, permissions
from contracts.dates import wareki
from contracts.forms.calendar import LETTERS, CalendarForm
from notifications import office

MOST, MOST_OF_A_DAY = 3, 200
PER_PAGE = 50
ONE_DAY = timedelta(days=1)


@dataclass(frozen=True)
class Day:
    """A day of the month as its cell tells it: why the office is closed (""), and what comes."""

    date: date
    closed: str
    groups: list[coming.Group]
    url: str


@dataclass(frozen=True)
class Looked:
    """Whose matters are looked at, and whether these are the morning mails to come."""

    whose: str
    show: str

    @property
    def is_letters(self) -> bool:
        return self.show == LETTERS

    def address(self, *, day: date | None = None, month: date | None = None) -> str:
        """Write the address of a day, or of a month."""
        shown = {"day": day.isoformat()} if day else {"month": f"{month:%Y-%m}"}
        return f"?{urlencode(shown | {'whose': self.whose} | ({'show': self.show} if self.show else {}))}"


@require_safe
@requires(permissions.can_read)
def calendar(request: ActorRequest) -> HttpResponse:
    """Show a month, or one day of it (`day`), of what is due or of the morning mails; all stands in the address."""
    form = CalendarForm(request.GET, actor=request.actor)
    asked = form.cleaned_data if form.is_valid() else {}
    today = timezone.localdate()
    whose = asked.get("whose") or form.usual
    looked = Looked(whose, asked.get("show", ""))
    day, month = asked.get("day"), asked.get("month") or today
    shown = _day(request, day, looked) if day else _month(request, month, looked)
    other = replace(looked, show="" if looked.is_letters else LETTERS)
    context = shown | {
        "form": form,
        "today": today,
        "is_letters": looked.is_letters,
        "other_url": other.address(day=day, month=month),
        "circles": [
            (label, replace(looked, whose=key).address(day=day, month=month), key == whose)
            for key, label in form.circles
        ],
    }
    return render(request, "contracts/calendar.html", context, status=422 if form.errors else 200)


def _found(
    request: ActorRequest, span: coming.Span, looked: Looked, *, most: int, most_letters: int
) -> dict[date, list[coming.Group]]:
    if not looked.is_letters:
        return coming.coming(request.actor, span=span, whose=looked.whose, most=most, today=timezone.localdate())
    letters = coming.letters(
        request.actor, city=request.city, span=span, whose=looked.whose, at=timezone.now(), most=most_letters
    )
    return {day: [group] for day, group in letters.items()}


def _month(request: ActorRequest, month: date, looked: Looked) -> dict[str, Any]:
    first = month.replace(day=1)
    weeks = Calendar(SUNDAY).monthdatescalendar(first.year, first.month)
    days = [day for week in weeks for day in week if day.month == first.month]
    found = _found(request, (days[0], days[-1]), looked, most=MOST, most_letters=0)
    closed = office.calendar(request.city)
    cells = {day: Day(day, closed(day), found.get(day, []), looked.address(day=day)) for day in days}
    return {
        "month": first,
        "over": wareki(first).removesuffix("1日"),
        "weeks": [[cells.get(day) for day in week] for week in weeks],
        "is_empty": not found,
        "previous_url": looked.address(month=first - ONE_DAY),
        "next_url": looked.address(month=days[-1] + ONE_DAY),
        "now_url": looked.address(month=timezone.localdate()),
    }


def _day(request: ActorRequest, day: date, looked: Looked) -> dict[str, Any]:
    groups = _found(request, (day, day), looked, most=MOST_OF_A_DAY, most_letters=MOST_OF_A_DAY).get(day, [])
    lines = [(group, matter) for group in groups for matter in group.matters]
    return {
        "day": day,
        "closed": office.calendar(request.city)(day),
        "page": Paginator(lines, PER_PAGE).get_page(request.GET.get("page")),
        "cut": [group for group in groups if group.more],
        "month_url": looked.address(month=day),
        "previous_url": looked.address(day=day - ONE_DAY),
        "next_url": looked.address(day=day + ONE_DAY),
    }
