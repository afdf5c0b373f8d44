"""What a city says about its rules to the world: its rule card, its guide, what to check before an award, and
what electronic contracts and guarantees are (R11-R13, R99-R104, R119).

These pages show published rules and the help desk, the same to everyone, and read nothing of any case.
"""

from collections.abc import Callable
from datetime import date
from typing import Any

from django.conf import settings
from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.cache import patch_cache_control
from django.views.decorators.http import require_safe

from accounts import tenancy
from accounts.models import Organization
from accounts.permissions import public
from accounts.requests import ActorRequest
from contracts import guide, mailguide, rules
from contracts.guide import Published
from contracts.records import papers

Values = dict[str, Any]

# だれにも同じ頁なので、途中の装置にも写しを持たせる。規則の公開や日の変わり目に遅れるのは、この秒数まで。
SECONDS = 300


@public
@require_safe
def city_rules(request: ActorRequest) -> HttpResponse:
    """Show the rule card, with the next version announced; `compare` holds another municipality's card beside it."""
    return _page(request, "rules", _card)


@public
@require_safe
def city_guide(request: ActorRequest) -> HttpResponse:
    """Show the contractor's guide with the city's own values, its questions and answers, and where to ask."""
    return _page(request, "guide", _guide)


@public
@require_safe
def city_checklist(request: ActorRequest) -> HttpResponse:
    """List what a contractor checks before an award, to be printed and ticked."""
    return _page(request, "checklist", _checklist)


@public
@require_safe
def city_about(request: ActorRequest) -> HttpResponse:
    """Tell what electronic contracts and guarantees bring, and how they are kept safe."""
    return _page(request, "about", _about)


@public
@require_safe
def city_records(request: ActorRequest) -> HttpResponse:
    """Tell what is to be kept of electronic contracts, and what system made them (システム概要書, R17-R24)."""
    return _page(request, "records", _records)


@public
@require_safe
def city_outage(request: ActorRequest) -> HttpResponse:
    """Tell contractors what to do when they cannot get through (idea 20)."""
    return _page(request, "outage", _outage)


def _outage(_request: ActorRequest, data: rules.Rules, _found: Published, _today: date) -> Values:
    return {"entries": rules.text(data, "outage")}


def _records(request: ActorRequest, _data: rules.Rules, _found: Published, _today: date) -> Values:
    return papers.facts(request.city, at=timezone.now())


def _card(request: ActorRequest, data: rules.Rules, found: Published, today: date) -> Values:
    neighbours = guide.neighbours(request.city)
    other = _chosen(neighbours, request.GET.get("compare", ""))
    theirs = guide.published(other, on=today).current if other else None
    coming = found.coming.data if found.coming else None
    return {
        "example": rules.deadline(data, today) if data["econtract"]["offered"] else None,
        "lines": guide.lines(data, coming=coming, elsewhere=theirs.data if theirs else None),
        "changes": guide.changes(data, coming) if coming else [],
        "neighbours": neighbours,
        "other": other,
        "theirs": theirs,
    }


def _guide(request: ActorRequest, data: rules.Rules, _found: Published, today: date) -> Values:
    return {
        "parts": guide.chapters(data, own=_own_lines(request.city)),
        "notices": guide.notices(data, on=today),
        "questions": guide.by_subject(rules.text(data, "faq")),
        "glossary": rules.text(data, "glossary"),
        "desks": rules.text(data, "help"),
        "videos": rules.text(data, "videos"),
        "links": guide.links(data),
    }


def _own_lines(city: Organization) -> tuple[rules.CardLine, ...]:
    with tenancy.acting_for(city.pk):
        return mailguide.lines(city)


def _checklist(_request: ActorRequest, data: rules.Rules, _found: Published, _today: date) -> Values:
    return {"parts": guide.checklist(data)}


def _about(_request: ActorRequest, data: rules.Rules, _found: Published, today: date) -> Values:
    return {
        "merits": guide.merits(data),
        "comparison": rules.text(data, "comparison"),
        "saving": guide.saving(data, on=today),
        "links": guide.links(data),
    }


def _chosen(neighbours: list[Organization], slug: str) -> Organization | None:
    """Find the municipality to compare with; an unknown one is no page."""
    if not slug:
        return None
    other = next((each for each in neighbours if each.slug == slug), None)
    if other is None:
        raise Http404
    return other


def _page(
    request: ActorRequest, name: str, values: Callable[[ActorRequest, rules.Rules, Published, date], Values]
) -> HttpResponse:
    """Render a page that is the same for everyone: without a session, a form token or anyone's messages."""
    today = timezone.localdate()
    found = guide.published(request.city, on=today)
    shown: Values = {"found": found, "today": today}
    if found.current is None:
        name = "none"
    else:
        data = found.current.data
        shown |= {"data": data} | values(request, data, found, today)
    return told(request, f"contracts/guide/{name}.html", shown)


def told(request: ActorRequest, template: str, shown: Values) -> HttpResponse:
    """Render a public page of a city: the same for everyone, so that caches on the way may keep it for SECONDS."""
    shown |= {"csrf_token": "", "messages": (), "more_pages": guide.more_pages(request.city)}
    shown["canonical"] = f"{settings.BASE_URL}{request.path}"
    response = render(request, template, shown)
    patch_cache_control(response, public=True, max_age=SECONDS)
    return response
