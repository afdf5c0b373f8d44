"""Disposal: what is due, the proposal, the two approvals, and the record that stays."""

from collections.abc import Iterator
from datetime import date
from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpResponse, StreamingHttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.http import content_disposition_header
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.permissions import hands_out, requires
from accounts.requests import ActorRequest
from contracts import permissions
from contracts.dates import FISCAL_YEAR_STARTS, fiscal_year, wareki
from contracts.forms.keeping import UpToForm
from contracts.models import Disposal, DisposalItem, DisposalRecord
from contracts.services.keeping import proposing, recording
from contracts.services.keeping.terms import KeepingRefused
from contracts.streams import sheets
from contracts.views.answers import reason_of

PAGE = 50
PEOPLE = ("made_by", "first_by", "second_by")


@require_safe
@requires(permissions.can_read)
def disposals(request: ActorRequest) -> HttpResponse:
    """List the proposals, the newest first."""
    rows = Disposal.objects.visible_to(request.actor).select_related(*PEOPLE).order_by("-pk")
    context = {
        "page": Paginator(rows, PAGE).get_page(request.GET.get("page")),
        "can_propose": permissions.can_propose_disposal(request.actor),
    }
    return render(request, "contracts/retention/disposals.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@requires(permissions.can_propose_disposal)
def disposal_new(request: ActorRequest) -> HttpResponse:
    """Show what a proposal up to a day would hold and what stays off it, and why; POST makes it."""
    today = timezone.localdate()
    typed = request.POST if request.method == "POST" else request.GET
    form = UpToForm(typed if "up_to" in typed else {"up_to": wareki(_last_year_end(today))})
    found: dict[str, Any] = {}
    if form.is_valid():
        up_to = form.cleaned_data["up_to"]
        try:
            proposing.check_day(up_to, on=today)
            if request.method == "POST":
                return _proposed(request, up_to)
        except KeepingRefused as refused:
            form.add_error(None, str(refused))
        else:
            found = _due(request, up_to)
    context = {"form": form, "most": proposing.MOST, **found}
    return render(request, "contracts/retention/new.html", context, status=422 if form.errors else 200)


def _last_year_end(today: date) -> date:
    return date(fiscal_year(today), FISCAL_YEAR_STARTS - 1, 31)


def _proposed(request: ActorRequest, up_to: date) -> HttpResponse:
    made = proposing.propose(up_to=up_to, actor=request.actor, at=timezone.now())
    messages.success(request, "廃棄を起案しました。ほかの二人が承認すると、廃棄が始まります。")
    return redirect("disposal", disposal_id=made.pk)


def _due(request: ActorRequest, up_to: date) -> dict[str, Any]:
    rows = proposing.due(tenant_id=request.actor.tenant_id, up_to=up_to).order_by("ends_date", "pk")
    rows = rows.select_related("case__contractor", "foreign")
    can_go = rows.filter(obstacle="", listed=False)
    stay = rows.exclude(obstacle="", listed=False)
    return {
        "up_to": up_to,
        "page": Paginator(can_go, PAGE).get_page(request.GET.get("page")),
        "stay": stay[:PAGE],
        "stay_count": stay.count(),
        "listed_reason": proposing.LISTED,
    }


@require_safe
@requires(permissions.can_read)
def disposal(request: ActorRequest, disposal_id: int) -> HttpResponse:
    """Show a proposal: who decided, and what became of each thing on it."""
    shown = _disposal(request, disposal_id)
    items = DisposalItem.objects.visible_to(request.actor).filter(disposal=shown)
    items = items.select_related("custody__case__contractor", "custody__foreign", "record")
    context = {
        "disposal": shown,
        "page": Paginator(items.order_by("pk"), PAGE).get_page(request.GET.get("page")),
        "can_approve": permissions.may_approve_disposal(request.actor, shown),
        "can_withdraw": permissions.can_withdraw_disposal(request.actor, shown),
        "is_maker": request.actor.user_id == shown.made_by_id,
    }
    return render(request, "contracts/retention/disposal.html", context)


def _disposal(request: ActorRequest, disposal_id: int) -> Disposal:
    rows = Disposal.objects.visible_to(request.actor).select_related(*PEOPLE)
    found: Disposal = get_object_or_404(rows, pk=disposal_id)
    return found


@require_POST
@requires(permissions.may_approve_disposal)
def disposal_approve(request: ActorRequest, disposal_id: int) -> HttpResponse:
    """Approve a proposal; the second approval starts the disposal."""
    made = proposing.approve(_disposal(request, disposal_id), actor=request.actor, at=timezone.now())
    if made.second_by_id:
        messages.success(request, "承認しました。二人の承認がそろったので、廃棄を始めます。")
    else:
        messages.success(request, "承認しました。もう一人が承認すると、廃棄が始まります。")
    return redirect("disposal", disposal_id=made.pk)


@require_POST
@requires(permissions.can_withdraw_disposal)
def disposal_withdraw(request: ActorRequest, disposal_id: int) -> HttpResponse:
    """Give a proposal up with a reason; nothing on it is disposed of."""
    made = _disposal(request, disposal_id)
    proposing.withdraw(made, reason=reason_of(request), actor=request.actor, at=timezone.now())
    messages.success(request, "起案を取りやめました。何も廃棄していません。")
    return redirect("disposal", disposal_id=made.pk)


@require_safe
@requires(permissions.can_read)
def disposal_records(request: ActorRequest) -> HttpResponse:
    """List the records of what was disposed of, the newest first."""
    rows = DisposalRecord.objects.visible_to(request.actor).order_by("-disposed_at", "-pk")
    context = {"page": Paginator(rows, PAGE).get_page(request.GET.get("page"))}
    return render(request, "contracts/retention/records.html", context)


@require_safe
@requires(permissions.can_read)
def disposal_record(request: ActorRequest, record_id: int) -> HttpResponse:
    """Show one record with the files that went."""
    rows = DisposalRecord.objects.visible_to(request.actor).select_related("item")
    shown = get_object_or_404(rows, pk=record_id)
    return render(request, "contracts/retention/record.html", {"record": shown})


@require_POST
@requires(permissions.can_read)
@hands_out
def disposal_records_file(request: ActorRequest) -> StreamingHttpResponse:
    """Hand out all records as a CSV, streamed."""
    rows: Iterator[Any] = recording.hand_out(actor=request.actor, at=timezone.now())
    headers = {
        "Content-Disposition": content_disposition_header(True, "廃棄記録.csv") or "attachment",  # noqa: FBT003
        "Cache-Control": "no-store",
    }
    pieces = sheets.utf8(recording.HEADING, rows)
    return StreamingHttpResponse(pieces, content_type="text/csv; charset=utf-8", headers=headers)
