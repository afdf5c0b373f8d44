"""How much is electronic (R97), and who else takes electronic guarantees (R98)."""

from collections.abc import Iterator
from urllib.parse import urlencode

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.http import content_disposition_header
from django.views.decorators.http import require_POST, require_safe

from accounts.permissions import public, requires
from accounts.refusals import Refusal
from accounts.requests import ActorRequest
from contracts.dates import fiscal_year, fiscal_year_text
from contracts.permissions import can_administer, can_read
from contracts.views.guide import told
from guarantees.reports import adopters, counting, usage
from guarantees.reports.forms import AdoptersForm, UsageForm
from guarantees.services import adopting


@require_safe
@requires(can_read)
def guarantee_usage(request: ActorRequest) -> HttpResponse:
    """Show the usage table with its chart; the whole question stands in the address."""
    form = UsageForm(request.GET, actor=request.actor)
    context = {"form": form, "periods": list(_periods(request))}
    if form.is_valid():
        found = counting.report(form.wanted, actor=request.actor, at=timezone.now())
        context |= {"report": found, "bars": usage.bars(found.lines), "query": request.GET.urlencode()}
    return render(request, "guarantees/usage.html", context, status=422 if form.errors else 200)


@require_safe
@requires(can_read)
def guarantee_usage_file(request: ActorRequest) -> HttpResponse:
    """Hand out the usage table as CSV."""
    form = UsageForm(request.GET, actor=request.actor)
    if not form.is_valid():
        return guarantee_usage(request)
    found = counting.report(form.wanted, actor=request.actor, at=timezone.now())
    filename = f"{request.city.name}_電子保証の利用実績_{found.wanted.noun}_{found.as_of}現在.csv"
    disposition = content_disposition_header(True, filename) or "attachment"  # noqa: FBT003
    headers = {"Content-Disposition": disposition, "Cache-Control": "no-store"}
    return HttpResponse(counting.write(found), content_type="text/csv", headers=headers)


def _periods(request: ActorRequest) -> Iterator[tuple[str, str]]:
    """Offer the periods most asked for, each with its address; the rest of the question stays."""
    rest = {name: value for name, value in request.GET.items() if name not in {"since", "until", "page"}}
    this_year = fiscal_year(timezone.localdate())
    yield "運用開始から", urlencode(rest)
    for year in (this_year, this_year - 1):
        span = {"since": f"{year}/4", "until": f"{year + 1}/3"}
        yield fiscal_year_text(year), urlencode(rest | span)


@require_safe
@requires(can_read)
def guarantee_adopters(request: ActorRequest) -> HttpResponse:
    """Show the list of adopters; the administrator may put a newer one in its place."""
    return _adopters(request, AdoptersForm())


@require_POST
@requires(can_administer)
def guarantee_adopters_replace(request: ActorRequest) -> HttpResponse:
    """Put a newer list of adopters in the place of the one before."""
    form = AdoptersForm(request.POST, request.FILES)
    if form.is_valid() and _replaced(request, form):
        return redirect("guarantee_adopters")
    return _adopters(request, form)


def _adopters(request: ActorRequest, form: AdoptersForm) -> HttpResponse:
    context = {
        "form": form,
        "may_replace": can_administer(request.actor),
        "listing": adopters.listing(request.city),
        "columns": adopters.COLUMNS,
    }
    return render(request, "guarantees/adopters.html", context, status=422 if form.errors else 200)


def _replaced(request: ActorRequest, form: AdoptersForm) -> bool:
    typed = form.cleaned_data
    rows, as_of_date = typed["file"], typed["as_of_date"]
    try:
        many = adopting.replace(
            request.city, actor=request.actor, at=timezone.now(), as_of_date=as_of_date, adopters=rows
        )
    except Refusal as refused:
        form.add_error("as_of_date", str(refused))
        return False
    messages.success(request, f"導入発注者の一覧を入れ替えました（{many}件）。")
    return True


@public
@require_safe
def city_adopters(request: ActorRequest) -> HttpResponse:
    """Tell contractors which orderers take electronic guarantees, and since when."""
    return told(request, "guarantees/city_adopters.html", {"listing": adopters.listing(request.city)})
