"""The city's mails that did not arrive, and who has not downloaded their contract yet (R71)."""

from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_POST, require_safe

from accounts.permissions import requires
from accounts.requests import ActorRequest
from contracts import paging, permissions
from contracts.models import SigningStep
from contracts.services.mails import awaiting, reading
from contracts.services.signatures import downloading
from notifications.models import Delivery

PAGE = 50
LOST, WAITING, ALL = "lost", "waiting", "all"


@require_safe
@requires(permissions.can_read)
def mail_list(request: ActorRequest) -> HttpResponse:
    """List the city's mails: those that did not arrive, those that wait, or all, the newest first."""
    wanted = request.GET.get("state", LOST)
    state = wanted if wanted in {LOST, WAITING, ALL} else LOST
    page = paging.following(
        _wanted(state, request), by="id", actor=request.actor, after=request.GET.get("after", ""), newest_first=True
    )
    cases = reading.cases_of(page.rows, actor=request.actor)
    truths = reading.of(page.rows, actor=request.actor, at=timezone.now())
    context = {
        "state": state,
        "rows": [(truth, cases.get(truth.delivery.thread)) for truth in truths],
        "next_url": paging.next_address(request.GET, page),
    }
    return render(request, "contracts/mails/list.html", context)


def _wanted(state: str, request: ActorRequest) -> Any:
    if state == WAITING:
        return awaiting.waiting(request.actor)
    if state == LOST:
        return awaiting.lost(request.actor, at=timezone.now())
    return Delivery.objects.visible_to(request.actor)


@require_safe
@requires(permissions.can_read)
def downloads(request: ActorRequest) -> HttpResponse:
    """List who has not fetched their concluded documents, how long their link lives, and send it anew."""
    page = Paginator(awaiting.not_downloaded(request.actor), PAGE).get_page(request.GET.get("page"))
    context = {
        "page": page,
        "rows": [(step, _days_left(step)) for step in page],
        "may_resend": permissions.can_register(request.actor),
    }
    return render(request, "contracts/mails/downloads.html", context)


def _days_left(step: Any) -> int | None:
    """Count the days (JST) until the link ends; negative when it has, None when there is none."""
    if step.expires_at is None:
        return None
    return (timezone.localdate(step.expires_at) - timezone.localdate()).days


@require_POST
@requires(permissions.can_register)
def download_resend(request: ActorRequest, step_id: int) -> HttpResponse:
    """Send a firm a fresh download link from the list."""
    related = "version__contract__case__tenant"
    step = get_object_or_404(SigningStep.objects.visible_to(request.actor).select_related(related), pk=step_id)
    downloading.reissue(step.version, step=step, actor=request.actor, at=timezone.now())
    messages.success(request, f"{step.receiver} へ、ダウンロードのリンクを送り直しました。")
    return redirect("downloads")
