"""The operation log of the city: who did what, when, from where (R33)."""

import json
from datetime import date, datetime, time, timedelta
from typing import Any

from django.http import HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from accounts.permissions import requires
from accounts.requests import ActorRequest
from audit.models import Event, Head
from contracts import permissions
from contracts.forms.staff import LogForm
from contracts.models import Case, RecordCheck

PAGE = 100


@require_safe
@requires(permissions.can_read_log)
def log(request: ActorRequest) -> HttpResponse:
    """Show the log newest first."""
    form = LogForm(request.GET)
    rows = _rows(request, form.cleaned_data) if form.is_valid() else Event.objects.none()
    events = list(rows[: PAGE + 1])
    tenant_id = request.actor.tenant_id
    context = {
        "form": form,
        "events": _laid_out(request, events[:PAGE]),
        "next_url": _next_url(request, events),
        "head": Head.objects.filter(tenant_id=tenant_id).first(),
        "check": RecordCheck.objects.visible_to(request.actor).order_by("-asked_at", "-pk").first(),
        "asked": bool(form.is_valid() and any(form.cleaned_data.values())),
    }
    return render(request, "contracts/log.html", context, status=422 if form.errors else 200)


def _rows(request: ActorRequest, wanted: dict[str, Any]) -> Any:
    rows = Event.objects.of_tenant(request.actor.tenant_id).before(_number(request.GET.get("before", "")))
    if wanted["first_date"]:
        rows = rows.filter(at__gte=_start_of(wanted["first_date"]))
    if wanted["last_date"]:
        rows = rows.filter(at__lt=_start_of(wanted["last_date"] + timedelta(days=1)))
    if wanted["number"]:
        cases = Case.objects.visible_to(request.actor).filter(number=wanted["number"].strip())
        rows = rows.filter(thread__in=[case.thread for case in cases])
    return rows


def _start_of(day: date) -> datetime:
    return timezone.make_aware(datetime.combine(day, time.min))


def _number(text: str) -> int | None:
    return int(text) if text.isascii() and text.isdigit() and len(text) < 19 else None


def _next_url(request: ActorRequest, events: list[Event]) -> str:
    if len(events) <= PAGE:
        return ""
    query = request.GET.copy()
    query["before"] = str(events[PAGE - 1].seq)
    return f"?{query.urlencode()}"


def _laid_out(request: ActorRequest, events: list[Event]) -> list[dict[str, Any]]:
    """Lay out events with the numbers of the cases they are about."""
    cases = [_case_id(event) for event in events]
    rows = Case.objects.visible_to(request.actor).filter(pk__in={pk for pk in cases if pk})
    numbers = dict(rows.values_list("pk", "number"))
    return [
        {"event": event, "facts": _facts(event), "case_id": pk, "case_number": numbers.get(pk, event.thread)}
        for event, pk in zip(events, cases, strict=True)
    ]


def _facts(event: Event) -> list[tuple[str, str]]:
    """List what an event carries, as it was written."""
    return [(key, _shown(value)) for key, value in json.loads(event.data).items()]


def _case_id(event: Event) -> int | None:
    kind, _, number = event.thread.partition(":")
    return _number(number) if kind == "case" else None


def _shown(value: object) -> str:
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
