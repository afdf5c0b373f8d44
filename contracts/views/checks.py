"""The checks of everything that is kept: what each has found, and a button for one more (R33)."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_POST, require_safe

from accounts.permissions import hands_out, requires
from accounts.requests import ActorRequest
from contracts import permissions
from contracts.models import RecordCheck
from contracts.services.checking import asking

SHOWN = 30


@require_safe
@requires(permissions.can_read_log)
def record_checks(request: ActorRequest) -> HttpResponse:
    """Show the newest checks, the one under way first."""
    rows = RecordCheck.objects.visible_to(request.actor).order_by("-asked_at", "-pk").defer("found")
    checks = list(rows[:SHOWN])
    running = next((check for check in checks if check.done_at is None), None)
    return render(request, "contracts/checks/list.html", {"checks": checks, "running": running, "shown": SHOWN})


@require_safe
@requires(permissions.can_read_log)
def record_check(request: ActorRequest, check_id: int) -> HttpResponse:
    """Show what one check has found."""
    check = get_object_or_404(RecordCheck.objects.visible_to(request.actor), pk=check_id)
    return render(request, "contracts/checks/check.html", {"check": check})


@require_POST
@requires(permissions.can_read_log)
@hands_out
def record_check_ask(request: ActorRequest) -> HttpResponse:
    """Have everything checked now; auditors may ask, too, since looking changes nothing that is kept."""
    check = asking.ask(actor=request.actor, at=timezone.now())
    messages.success(request, "記録の確認を始めました。結果は、この画面に出ます。")
    return redirect("record_check", check_id=check.pk)
