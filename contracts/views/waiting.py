"""受信箱: everything that waits for one member of staff, and its number for the header of every page."""

from collections.abc import Iterable, Iterator
from datetime import date
from itertools import groupby

from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from accounts.permissions import requires
from accounts.requests import ActorRequest
from contracts import glance, permissions, rules, work
from contracts.hooks import Work
from contracts.services.batches.kinds import open_to

PAGE = 50
Line = tuple[Work, int | None]


@require_safe
@requires(permissions.has_work)
def work_inbox(request: ActorRequest) -> HttpResponse:
    """Show what waits for this person, grouped by how near its deadline is, or one of these groups (`near`)."""
    at = timezone.now()
    today = timezone.localdate(at)
    queue = work.mine(request.actor, at=at)
    near = next((each for each in work.Nearness if each == request.GET.get("near")), None)
    pages: Paginator[Work] = Paginator(queue.near(near) if near else queue, PAGE)  # type: ignore[arg-type]
    page = pages.get_page(request.GET.get("page"))
    groups = [(group, list(lines)) for group, lines in _grouped(page, today)]
    context = {"page": page, "groups": groups, "near": near, "deeds": open_to(request.actor, at=at)}
    return render(request, "contracts/work/inbox.html", context)


@require_safe
@requires(permissions.has_work)
def work_number(request: ActorRequest) -> HttpResponse:
    """Give the header its number again; nothing at all while it is the one that the page has `seen`."""
    number = glance.number(request.actor)
    if number is None or str(number) == request.GET.get("seen"):
        return HttpResponse(status=204)
    return render(request, "contracts/work/_number.html")


def with_days_left(works: Iterable[Work], today: date) -> list[Line]:
    """Put beside each line the days until it is due; None where nothing runs."""
    return [(each, rules.days_left(each.by, today) if each.by else None) for each in works]


def _grouped(works: Iterable[Work], today: date) -> Iterator[tuple[work.Nearness, Iterator[Line]]]:
    return groupby(with_days_left(works, today), key=lambda line: work.of_days(line[1]))
