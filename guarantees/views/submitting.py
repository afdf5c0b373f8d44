"""The contractor's pages, by a mailed link: drop the notice, look over what was read, hand the guarantee in."""

from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.cache import add_never_cache_headers
from django.utils.translation import gettext as _
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST

from accounts.languages import speaks_english
from accounts.refusals import Refusal
from accounts.requests import ActorRequest
from contracts import guide as city_guide
from contracts.models import AccessLink, Case, Purpose
from contracts.views.links import by_link, case_facts
from guarantees import guidance, services
from guarantees.forms.files import MoreForm, NoticeDropForm
from guarantees.forms.submitting import AddressForm, CertificateForm, GuaranteeForm
from guarantees.models import Arrival, Channel, Guarantee, Institution, InstitutionKind
from guarantees.services import arriving
from guarantees.states import GuaranteeState
from guarantees.views.reading import papers_context, reading_of


@speaks_english
@by_link(Purpose.GUARANTEE)
@sensitive_post_parameters("key")
@require_http_methods(["GET", "HEAD", "POST"])
def guarantee_form(request: ActorRequest, link: AccessLink) -> HttpResponse:
    """Show what is asked for, what arrived and what came of it; take a guarantee that is typed in."""
    form = GuaranteeForm(request.POST or None, case=link.case, actor=request.actor)
    if form.is_valid() and submit(request, link.case, form, channel=Channel.UPLOAD):
        return redirect(request.path)
    return _contractor_page(request, link, form=form)


@speaks_english
@by_link(Purpose.GUARANTEE)
@require_POST
def guarantee_drop(request: ActorRequest, link: AccessLink) -> HttpResponse:
    """Read what the contractor dropped, and go on to look it over."""
    drop = _drop_form(link.case, request)
    if drop.is_valid():
        try:
            arrivals = arriving.bring(
                drop.dropped,
                city=request.city,
                actor=request.actor,
                at=timezone.now(),
                channel=Channel.UPLOAD,
                case=link.case,
            )
        except Refusal as refused:
            drop.add_error(None, str(refused))
        else:
            if len(arrivals) > 1:
                words = _("%(count)s件の保証を読み取りました。一件ずつ登録してください。")
                messages.success(request, words % {"count": len(arrivals)})
                return redirect("guarantee_form", city=request.city.slug, link_id=link.pk)
            return _to_arrival(request, link, arrivals[0])
    return _contractor_page(request, link, drop=drop)


@speaks_english
@by_link(Purpose.GUARANTEE)
@sensitive_post_parameters("key", "url")
@require_http_methods(["GET", "HEAD", "POST"])
def guarantee_address(request: ActorRequest, link: AccessLink) -> HttpResponse:
    """Take a guarantee of an insurer by its address and password."""
    form = AddressForm(request.POST or None, case=link.case, actor=request.actor)
    if form.is_valid() and submit(request, link.case, form, channel=Channel.UPLOAD):
        return redirect("guarantee_form", city=request.city.slug, link_id=link.pk)
    return form_page(request, "guarantees/address.html", {"form": form, "link": link} | case_facts(link.case))


@speaks_english
@by_link(Purpose.GUARANTEE)
@sensitive_post_parameters("key")
@require_http_methods(["GET", "HEAD", "POST"])
def guarantee_arrival(request: ActorRequest, link: AccessLink, arrival_id: int) -> HttpResponse:
    """Show what was read beside the contract; hand it in."""
    arrival = _arrival(request, arrival_id)
    form = GuaranteeForm(request.POST or None, case=link.case, actor=request.actor, arrival=arrival)
    if form.is_valid() and submit(request, link.case, form, channel=Channel.UPLOAD, arrival=arrival):
        return redirect("guarantee_form", city=request.city.slug, link_id=link.pk)
    return _arrival_page(request, link, arrival, form=form)


@speaks_english
@by_link(Purpose.GUARANTEE)
@require_POST
def guarantee_arrival_more(request: ActorRequest, link: AccessLink, arrival_id: int) -> HttpResponse:
    """Read a missing or better paper of what arrived."""
    arrival = _arrival(request, arrival_id)
    more = MoreForm(request.POST, request.FILES, city=request.city)
    if more.is_valid() and complete(request, arrival, more):
        return _to_arrival(request, link, arrival)
    return _arrival_page(request, link, arrival, more=more)


@speaks_english
@by_link(Purpose.GUARANTEE)
@require_POST
def guarantee_arrival_discard(request: ActorRequest, link: AccessLink, arrival_id: int) -> HttpResponse:
    """Throw away what arrived."""
    arriving.discard(_arrival(request, arrival_id), actor=request.actor, at=timezone.now())
    messages.success(request, "読み取った内容と書類を破棄しました。")
    return redirect("guarantee_form", city=request.city.slug, link_id=link.pk)


def submit(
    request: ActorRequest, case: Case, form: CertificateForm, *, arrival: Arrival | None = None, **more: Any
) -> Guarantee | None:
    """Hand in what a valid form says, with what arrived if anything did; None when it was refused."""
    given = form.typed | more
    try:
        if arrival is None:
            taken = services.submit(case, actor=request.actor, at=timezone.now(), **given)
        else:
            taken = arriving.finish(arrival, case=case, actor=request.actor, at=timezone.now(), **given)
    except Refusal as refused:
        form.add_error(None, str(refused))
        form.ask_again()
        return None
    words = _("%(type)sを受け付けました。受付番号は %(receipt)s です。控えを受注者の方へメールでお送りします。")
    messages.success(request, words % {"type": _(taken.get_type_display()), "receipt": taken.receipt})
    return taken


def complete(request: ActorRequest, arrival: Arrival, more: MoreForm) -> bool:
    """Put more papers to what arrived; False when they were refused."""
    try:
        arriving.complete(arrival, more.dropped, city=request.city, actor=request.actor, at=timezone.now())
    except Refusal as refused:
        more.add_error(None, str(refused))
        return False
    messages.success(request, "書類を読み取り直しました。内容をもう一度ご確認ください。")
    return True


def form_page(request: ActorRequest, template: str, context: dict[str, Any]) -> HttpResponse:
    """Show a page with forms, 422 when one of them has errors, and in no cache: it is about a key."""
    wrong = any(getattr(value, "errors", None) for value in context.values())
    response = render(request, template, context, status=422 if wrong else 200)
    add_never_cache_headers(response)
    return response


def _drop_form(case: Case, request: ActorRequest | None = None) -> NoticeDropForm:
    data = (request.POST, request.FILES) if request else ()
    return NoticeDropForm(*data, city=case.tenant, with_certificate=guidance.takes_certificate(case))


def _contractor_page(request: ActorRequest, link: AccessLink, **forms: Any) -> HttpResponse:
    case = link.case
    rows = Guarantee.objects.visible_to(request.actor).filter(case=case).select_related("institution", "amends")
    context = {
        "link": link,
        "guide": guidance.guide(case),
        "notices": city_guide.news(case.tenant, on=timezone.localdate(), subject="guarantee"),
        "may_type": not guidance.needs_certificate(case),
        "insured": Institution.objects.visible_to(request.actor).filter(kind=InstitutionKind.INSURER).exists(),
        "expected": rows.filter(state=GuaranteeState.EXPECTED).order_by("pk"),
        "registered": rows.filter(submitted_at__isnull=False).order_by("-submitted_at"),
        "arrivals": Arrival.objects.visible_to(request.actor).order_by("pk"),
        "form": GuaranteeForm(case=case, actor=request.actor),
        "drop": _drop_form(case),
    }
    return form_page(request, "guarantees/contractor.html", context | case_facts(case) | forms)


def _arrival_page(request: ActorRequest, link: AccessLink, arrival: Arrival, **forms: Any) -> HttpResponse:
    context = {
        "link": link,
        "arrival": arrival,
        "reading": reading_of(arrival, link.case, request.actor),
        "form": GuaranteeForm(case=link.case, actor=request.actor, arrival=arrival),
    }
    more = papers_context(arrival, link.case, forms.get("more") or MoreForm(city=request.city))
    return form_page(request, "guarantees/arrival.html", context | case_facts(link.case) | more | forms)


def _arrival(request: ActorRequest, arrival_id: int) -> Arrival:
    rows = Arrival.objects.visible_to(request.actor).select_related("case__tenant").prefetch_related("papers")
    return get_object_or_404(rows, pk=arrival_id)  # type: ignore[no-any-return]


def _to_arrival(request: ActorRequest, link: AccessLink, arrival: Arrival) -> HttpResponse:
    return redirect("guarantee_arrival", city=request.city.slug, link_id=link.pk, arrival_id=arrival.pk)
