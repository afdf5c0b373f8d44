"""Until when what is kept, and one thing that is kept: its term, its holds and what became of it."""

from collections.abc import Callable
from functools import partial
from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_safe

from accounts.permissions import requires
from accounts.requests import ActorRequest
from contracts import permissions, shelf
from contracts.dates import fiscal_year_text, wareki
from contracts.forms.keeping import CompletedForm, HoldForm, ReleaseForm
from contracts.models import Custody, DisposalItem, LegalHold
from contracts.services.keeping import holding, proposing, terms
from contracts.services.keeping.terms import KeepingRefused
from contracts.states import ItemState

PAGE = 50
YEARS = range(1900, 2200)
COMPLETED = "履行完了日を登録し、保存期間を数えました。"
HELD = "廃棄を保留しました。解除するまで、保存期間が終わっても廃棄されません。"
RELEASED = "保留を解除しました。保存期間は、数えてあるとおりに進みます。"


@require_safe
@requires(permissions.can_read)
def retention(request: ActorRequest) -> HttpResponse:
    """Show in which fiscal years terms end, and the contracts behind one of them."""
    today = timezone.localdate()
    year = _year(request.GET.get("year", ""))
    show = request.GET.get("show", "")
    show = show if show in shelf.LISTS else next(iter(shelf.LISTS))
    rows = shelf.listed(request.actor, show=show, year=year, today=today)
    context = {
        "years": [(each, fiscal_year_text(each.number)) for each in shelf.years(request.actor)],
        "tabs": shelf.tabs(request.actor, today=today),
        "show": "" if year else show,
        "year": year,
        "heading": f"{fiscal_year_text(year)}に期間の終わるもの" if year else shelf.LISTS[show][0],
        "page": Paginator(rows, PAGE).get_page(request.GET.get("page")),
        "today": today,
        "can_propose": permissions.can_propose_disposal(request.actor),
        "can_keep": permissions.can_keep_records(request.actor),
    }
    return render(request, "contracts/retention/retention.html", context)


def _year(text: str) -> int | None:
    return int(text) if text.isascii() and text.isdecimal() and len(text) == 4 and int(text) in YEARS else None


@require_safe
@requires(permissions.can_read)
def custody(request: ActorRequest, custody_id: int) -> HttpResponse:
    """Show the term of one thing that is kept, how it was counted, and who holds it."""
    shown = _custody(request, custody_id)
    items = DisposalItem.objects.visible_to(request.actor).filter(custody=shown).select_related("disposal")
    context = {
        "custody": shown,
        "holds": shown.holds.select_related("held_by", "released_by").order_by("-pk"),
        "item": items.exclude(state=ItemState.LEFT).first(),
        "record": getattr(shown, "record", None),
        "is_over": shown.ends_date is not None and shown.ends_date < timezone.localdate(),
        "obstacle": proposing.judged(Custody.objects.visible_to(request.actor)).get(pk=shown.pk).obstacle,
        "can_keep": permissions.can_keep_records(request.actor) and shown.disposed_at is None,
    }
    return render(request, "contracts/retention/custody.html", context)


def _custody(request: ActorRequest, custody_id: int) -> Custody:
    related = (*shelf.OF_CUSTODY, "rule_set", "record")
    rows = Custody.objects.visible_to(request.actor).select_related(*related)
    found: Custody = get_object_or_404(rows, pk=custody_id)
    return found


@require_http_methods(["GET", "HEAD", "POST"])
@requires(permissions.can_keep_records)
def custody_complete(request: ActorRequest, custody_id: int) -> HttpResponse:
    """Note when the works of a contract concluded elsewhere were completed."""
    about = _custody(request, custody_id)
    known = {"completed_date": wareki(about.completed_date)} if about.completed_date else {}
    form = CompletedForm(request.POST or None, initial=known)
    if _done(request, form, partial(terms.complete, about), said=COMPLETED):
        return redirect("custody", custody_id=about.pk)
    return _form(request, about, form, heading="履行完了日の登録", button="登録する")


@require_http_methods(["GET", "HEAD", "POST"])
@requires(permissions.can_keep_records)
def custody_hold(request: ActorRequest, custody_id: int) -> HttpResponse:
    """Hold something from every disposal."""
    about = _custody(request, custody_id)
    form = HoldForm(request.POST or None)
    if _done(
        request,
        form,
        partial(holding.hold, about),
        said=HELD,
    ):
        return redirect("custody", custody_id=about.pk)
    return _form(request, about, form, heading="廃棄の保留", button="保留する")


@require_http_methods(["GET", "HEAD", "POST"])
@requires(permissions.can_keep_records)
def hold_release(request: ActorRequest, hold_id: int) -> HttpResponse:
    """Release a hold."""
    rows = LegalHold.objects.visible_to(request.actor)
    held: LegalHold = get_object_or_404(rows, pk=hold_id)
    form = ReleaseForm(request.POST or None)
    if _done(
        request,
        form,
        partial(holding.release, held),
        said=RELEASED,
    ):
        return redirect("custody", custody_id=held.custody_id)
    about = _custody(request, held.custody_id)
    return _form(request, about, form, heading="保留の解除", button="解除する", lead=f"保留の理由: {held.reason}")


def _done(request: ActorRequest, form: Any, act: Callable[..., object], *, said: str) -> bool:
    """Do what a valid form asks for, and say so; False where it is refused, which the form then shows."""
    if not form.is_valid():
        return False
    try:
        act(actor=request.actor, at=timezone.now(), **form.cleaned_data)
    except KeepingRefused as refused:
        form.add_error(None, str(refused))
        return False
    messages.success(request, said)
    return True


def _form(
    request: ActorRequest, about: Custody, form: Any, *, heading: str, button: str, lead: str = ""
) -> HttpResponse:
    context = {"custody": about, "form": form, "heading": heading, "button": button, "lead": lead}
    return render(request, "contracts/retention/form.html", context, status=422 if form.errors else 200)
