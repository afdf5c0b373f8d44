"""Sets that were kept for the audit: who made them, how far they are checked, and their packs."""

from collections.abc import Mapping, Sequence
from typing import Any

from django.core.paginator import Paginator
from django.db.models import Count
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_POST, require_safe

from accounts.permissions import hands_out, requires
from accounts.requests import ActorRequest
from contracts import permissions
from contracts.archive import drawing
from contracts.forms.desk import MarkForm
from contracts.models import ArchiveEntry, AuditItem, AuditMark, AuditSet, Case
from contracts.services.auditing import packing, sets
from contracts.views.desk import asking
from contracts.views.desk.drawing import PAGE
from signing import setup

Typed = Mapping[int, MarkForm]


@require_safe
@requires(permissions.can_read)
def audit_sets(request: ActorRequest) -> HttpResponse:
    """List the kept sets, the newest first, with how many of each are checked."""
    rows = AuditSet.objects.visible_to(request.actor).select_related("made_by").order_by("-pk")
    page = Paginator(rows, PAGE).get_page(request.GET.get("page"))
    checked = _checked(request, list(page.object_list))
    context = {"page": page, "sets": [(each, checked.get(each.pk, 0)) for each in page]}
    return render(request, "contracts/desk/sets.html", context)


@require_safe
@requires(permissions.can_read)
def audit_set(request: ActorRequest, set_id: int) -> HttpResponse:
    """Show a kept set as it was drawn, and what was said of each contract."""
    return _page(request, _set(request, set_id), number=request.GET.get("page"))


@require_POST
@requires(permissions.can_read)
@hands_out
def audit_set_pack(request: ActorRequest, set_id: int) -> HttpResponse:
    """Hand out the pack of a kept set."""
    shown = _set(request, set_id)
    ids = list(_items(request, shown).values_list("entry_id", flat=True))
    entries = drawing.entries(ids, actor=request.actor)
    told = {"title": shown.name, "question": shown.question}
    at, trust = timezone.now(), setup.trust()
    return asking.handed(packing.of_entries(entries, **told, actor=request.actor, at=at, trust=trust))


@require_POST
@requires(permissions.can_keep_audit_sets)
def audit_mark(request: ActorRequest, set_id: int, order: int) -> HttpResponse:
    """Say of one contract of a set that it was checked, or what was found."""
    shown = _set(request, set_id)
    item = get_object_or_404(_items(request, shown), order=order)
    form = MarkForm(request.POST)
    if form.is_valid():
        sets.mark(item, **form.cleaned_data, actor=request.actor, at=timezone.now())
        return redirect(f"{reverse('audit_set', args=[set_id])}?page={(order - 1) // PAGE + 1}#item-{order}")
    return _page(request, shown, number=(order - 1) // PAGE + 1, typed={item.pk: form})


@require_POST
@requires(permissions.can_read)
@hands_out
def case_pack(request: ActorRequest, case_id: int) -> HttpResponse:
    """Hand out the pack of one case."""
    case = get_object_or_404(Case.objects.visible_to(request.actor), pk=case_id)
    at, trust = timezone.now(), setup.trust()
    return asking.handed(packing.of_case(case, actor=request.actor, at=at, trust=trust))


def _page(request: ActorRequest, shown: AuditSet, *, number: Any, typed: Typed | None = None) -> HttpResponse:
    page = Paginator(_items(request, shown), PAGE).get_page(number)
    context = {
        "set": shown,
        "page": page,
        "rows": _rows(request, list(page.object_list), typed=typed or {}),
        "checked": _checked(request, [shown]).get(shown.pk, 0),
        "may_mark": permissions.can_keep_audit_sets(request.actor),
    }
    return render(request, "contracts/desk/set.html", context, status=422 if typed else 200)


def _set(request: ActorRequest, set_id: int) -> AuditSet:
    rows = AuditSet.objects.visible_to(request.actor).select_related("made_by")
    found: AuditSet = get_object_or_404(rows, pk=set_id)
    return found


def _items(request: ActorRequest, shown: AuditSet) -> Any:
    return AuditItem.objects.visible_to(request.actor).filter(set=shown).order_by("order")


def _last_marks(request: ActorRequest, **about: Any) -> Any:
    marks = AuditMark.objects.visible_to(request.actor).filter(**about)
    return marks.order_by("item_id", "-pk").distinct("item_id")


def _checked(request: ActorRequest, sets: Sequence[AuditSet]) -> dict[int, int]:
    """Count, by set, the contracts of which the last word is that they were checked."""
    last = _last_marks(request, item__set__in=sets).values("pk")
    marks = AuditMark.objects.visible_to(request.actor).filter(pk__in=last, is_checked=True)
    return dict(marks.values_list("item__set").annotate(Count("pk")))


def _rows(request: ActorRequest, items: Sequence[AuditItem], *, typed: Typed) -> list[dict[str, Any]]:
    """Lay out items with their entries, their last marks and a form each, in two queries."""
    entries = ArchiveEntry.objects.visible_to(request.actor).in_bulk([item.entry_id for item in items])
    last = _last_marks(request, item__in=[item.pk for item in items]).select_related("made_by")
    marks = {mark.item_id: mark for mark in last}
    return [
        {
            "item": item,
            "entry": entries[item.entry_id],
            "mark": marks.get(item.pk),
            "form": typed.get(item.pk) or _form(item, marks.get(item.pk)),
        }
        for item in items
    ]


def _form(item: AuditItem, mark: AuditMark | None) -> MarkForm:
    said = {"is_checked": mark.is_checked, "remark": mark.remark} if mark else {}
    return MarkForm(initial=said, auto_id=f"item-{item.order}-%s")
