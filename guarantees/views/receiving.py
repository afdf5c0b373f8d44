"""The clerk's pages for what came by mail or by hand: let it be read, find its case, hand it in (R90, R118)."""

from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST

from accounts.permissions import requires
from accounts.refusals import Refusal
from accounts.requests import ActorRequest
from contracts.models import Case
from guarantees import guidance, permissions, services
from guarantees.forms.files import CaseSearchForm, MoreForm, ReceiveForm
from guarantees.forms.submitting import ReceivedAddressForm, ReceivedForm
from guarantees.models import Arrival, Channel, Institution, InstitutionKind
from guarantees.services import arriving, finding
from guarantees.views.reading import papers_context, reading_of
from guarantees.views.submitting import complete, form_page, submit

PAGE_LENGTH = 20


@require_http_methods(["GET", "HEAD", "POST"])
@requires(permissions.can_submit)
def guarantee_receive(request: ActorRequest) -> HttpResponse:
    """Take a saved mail or PDFs, and list what waits to be handed in."""
    if request.method != "POST":
        return _receive_page(request, ReceiveForm(city=request.city))
    case = _chosen(request, request.POST.get("case", ""))
    form = ReceiveForm(request.POST, request.FILES, city=request.city)
    if form.is_valid() and (arrivals := _bring(request, form, case)):
        if len(arrivals) == 1:
            return redirect("guarantee_received", arrivals[0].pk)
        messages.success(request, f"{len(arrivals)}件の保証を読み取りました。一件ずつ確かめて受け付けてください。")
        return redirect("guarantee_receive")
    if case is not None:
        return _new_page(request, case, drop=form)
    return _receive_page(request, form)


@require_http_methods(["GET", "HEAD", "POST"])
@requires(permissions.can_submit)
@sensitive_post_parameters("key", "url")
def guarantee_new(request: ActorRequest, case_id: int) -> HttpResponse:
    """Register a guarantee for a case, dropped or typed; `by=url` for an insurer's address and password."""
    case = get_object_or_404(_cases(request), pk=case_id)
    if services.why_not(case):
        return _new_page(request, case)
    by_address = request.GET.get("by") == "url" and _insured(request)
    kind = ReceivedAddressForm if by_address else ReceivedForm
    form = kind(request.POST or None, case=case, actor=request.actor)
    if form.is_valid() and (taken := submit(request, case, form)):
        return redirect("guarantee", taken.pk)
    return _new_page(request, case, form=form, by_address=by_address)


@require_http_methods(["GET", "HEAD", "POST"])
@requires(permissions.can_submit)
@sensitive_post_parameters("key")
def guarantee_received(request: ActorRequest, arrival_id: int) -> HttpResponse:
    """Show what arrived beside its case, or the cases it may be about; hand it in."""
    arrival = _arrival(request, arrival_id)
    case = _case_of(request, arrival)
    if case is None:
        return _choosing_page(request, arrival)
    if services.why_not(case):
        return _received_page(request, arrival, case, form=None)
    form = ReceivedForm(request.POST or None, case=case, actor=request.actor, arrival=arrival)
    if form.is_valid() and (taken := submit(request, case, form, arrival=arrival)):
        return redirect("guarantee", taken.pk)
    return _received_page(request, arrival, case, form=form)


@require_POST
@requires(permissions.can_submit)
def guarantee_received_more(request: ActorRequest, arrival_id: int) -> HttpResponse:
    """Read a missing or better paper of what arrived."""
    arrival = _arrival(request, arrival_id)
    more = MoreForm(request.POST, request.FILES, city=request.city)
    if more.is_valid() and complete(request, arrival, more):
        return redirect("guarantee_received", arrival.pk)
    case = _case_of(request, arrival)
    if case is None:
        return _choosing_page(request, arrival, more=more)
    return _received_page(
        request, arrival, case, form=ReceivedForm(case=case, actor=request.actor, arrival=arrival), more=more
    )


@require_POST
@requires(permissions.can_submit)
def guarantee_received_discard(request: ActorRequest, arrival_id: int) -> HttpResponse:
    """Throw away what arrived."""
    arriving.discard(_arrival(request, arrival_id), actor=request.actor, at=timezone.now())
    messages.success(request, "読み取った内容と書類を破棄しました。")
    return redirect("guarantee_receive")


def _bring(request: ActorRequest, form: ReceiveForm, case: Case | None) -> list[Arrival]:
    try:
        return arriving.bring(
            form.dropped,
            city=request.city,
            actor=request.actor,
            at=timezone.now(),
            channel=Channel.BRING,
            case=case,
        )
    except Refusal as refused:
        form.add_error(None, str(refused))
        return []


def _receive_page(request: ActorRequest, form: ReceiveForm) -> HttpResponse:
    rows = Arrival.objects.visible_to(request.actor).select_related("case", "brought_by").order_by("pk")
    page = Paginator(rows, PAGE_LENGTH).get_page(request.GET.get("page"))
    return form_page(request, "guarantees/receive.html", {"form": form, "page": page})


def _new_page(request: ActorRequest, case: Case, **forms: Any) -> HttpResponse:
    if obstacle := services.why_not(case):
        return render(request, "guarantees/new.html", {"case": case, "obstacle": obstacle})
    context = {
        "case": case,
        "action": reverse("guarantee_new", args=[case.pk]) + ("?by=url" if forms.get("by_address") else ""),
        "guide": guidance.guide(case),
        "insured": _insured(request),
        "drop": ReceiveForm(city=request.city),
        "form": ReceivedForm(case=case, actor=request.actor),
    }
    return form_page(request, "guarantees/new.html", context | forms)


def _received_page(request: ActorRequest, arrival: Arrival, case: Case, **forms: Any) -> HttpResponse:
    context = {
        "arrival": arrival,
        "case": case,
        "obstacle": services.why_not(case),
        "reading": reading_of(arrival, case, request.actor),
        "action": reverse("guarantee_received", args=[arrival.pk]),
    }
    more = papers_context(arrival, case, forms.get("more") or MoreForm(city=request.city))
    return form_page(request, "guarantees/received.html", context | more | forms)


def _choosing_page(request: ActorRequest, arrival: Arrival, **forms: Any) -> HttpResponse:
    search = CaseSearchForm(request.GET or None)
    asked = search.cleaned_data["q"] if search.is_valid() else ""
    found = finding.search(request.actor, asked) if asked else finding.cases(request.actor, **finding.told_by(arrival))
    context = {"arrival": arrival, "search": search, "asked": asked, "found": found}
    more = papers_context(arrival, None, forms.get("more") or MoreForm(city=request.city))
    return form_page(request, "guarantees/choosing.html", context | more)


def _case_of(request: ActorRequest, arrival: Arrival) -> Case | None:
    """Give the case a person chose on the page, or else the one that was found; None while one is being chosen."""
    if "choose" in request.GET:
        return None
    chosen = _chosen(request, request.POST.get("case", "") or request.GET.get("case", ""))
    if chosen is not None or arrival.case_id is None:
        return chosen
    return _cases(request).filter(pk=arrival.case_id).first()  # type: ignore[no-any-return]


def _chosen(request: ActorRequest, case_id: str) -> Case | None:
    if not (case_id.isascii() and case_id.isdigit() and len(case_id) <= 18):
        return None
    return _cases(request).filter(pk=int(case_id)).first()  # type: ignore[no-any-return]


def _cases(request: ActorRequest) -> Any:
    related = ("contractor", "department", "rule_set", "tenant")
    return Case.objects.visible_to(request.actor).select_related(*related)


def _insured(request: ActorRequest) -> bool:
    return bool(Institution.objects.visible_to(request.actor).filter(kind=InstitutionKind.INSURER).exists())


def _arrival(request: ActorRequest, arrival_id: int) -> Arrival:
    rows = Arrival.objects.visible_to(request.actor).select_related("case__tenant").prefetch_related("papers")
    return get_object_or_404(rows, pk=arrival_id)  # type: ignore[no-any-return]
