"""How someone of the operator is seen while in a city: they read what an auditor reads, take nothing, leave a trace."""

import re
from dataclasses import replace
from datetime import datetime
from html import unescape

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponseBase
from django.views.defaults import permission_denied

from accounts import tenancy
from accounts.actors import Actor
from accounts.models import Role, Visit
from accounts.permissions import operates
from audit import journal

TITLE = re.compile(rb"<title>(.*?)</title>", re.DOTALL)
LONGEST_PATH, LONGEST_TITLE = 500, 120


def under_way(actor: Actor, *, at: datetime) -> Visit | None:
    """Find the visit that someone of the operator has begun and that has not come to its end."""
    if not operates(actor):
        return None
    open_ = Visit.unscoped.filter(visitor_id=actor.user_id, ended_at=None, ends_at__gt=at)
    found: Visit | None = open_.select_related("tenant").first()
    return found


def guest(actor: Actor, visit: Visit) -> Actor:
    """Make the actor that the visitor is in the city: an auditor who presses nothing."""
    return replace(
        actor,
        tenant_id=visit.tenant_id,
        name=f"{visit.visitor_name}（{visit.operator_name}の立入り）",
        roles=frozenset({Role.AUDITOR}),
        department_id=None,
        visit_id=visit.pk,
    )


def shown(request: HttpRequest, response: HttpResponseBase) -> HttpResponseBase:
    """Hand out the page, but no file that would leave the city with the visitor."""
    if "attachment" not in response.get("Content-Disposition", ""):
        return response
    return permission_denied(request, PermissionDenied("立入りの間は、ファイルを取り出せません。"))


def note(visit: Visit, actor: Actor, request: HttpRequest, response: HttpResponseBase, *, at: datetime) -> None:
    """Write what the visitor has asked for into the city's journal, before they are shown it; refused or not."""
    with tenancy.acting_for(visit.tenant_id):
        journal.record(
            "visit.looked",
            tenant_id=visit.tenant_id,
            at=at,
            actor_kind=actor.kind,
            actor_name=f"{actor.name} <{actor.email}>",
            ip=actor.ip,
            subject=visit.thread,
            thread=visit.thread,
            data={
                "method": request.method or "",
                "path": request.get_full_path()[:LONGEST_PATH],
                "title": _title(response),
                "status": response.status_code,
            },
        )


def _title(response: HttpResponseBase) -> str:
    found = None if response.streaming else TITLE.search(getattr(response, "content", b""))
    return " ".join(unescape(found[1].decode(errors="replace")).split())[:LONGEST_TITLE] if found else ""
