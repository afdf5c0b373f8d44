"""Questions to the archive that people keep: opened again, renamed, shared with the city, let go."""

from typing import Any

from django.contrib import messages
from django.http import HttpResponse, QueryDict
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_POST, require_safe

from accounts.permissions import requires
from accounts.refusals import Refusal
from accounts.requests import ActorRequest
from contracts import paging, permissions
from contracts.archive.names import Names, names
from contracts.forms.archive import ArchiveForm
from contracts.forms.savedviews import NewViewForm, SavedViewForm
from contracts.models import SavedView
from contracts.services import savedviews
from contracts.views import archive_links as links

Form = SavedViewForm | NewViewForm


@require_safe
@requires(permissions.can_read)
def archive_views(request: ActorRequest) -> HttpResponse:
    """List a person's own views and those that are shared, by name."""
    return _list(request)


@require_POST
@requires(permissions.can_keep_views)
def view_save(request: ActorRequest) -> HttpResponse:
    """Keep the question of the page it was asked on."""
    form = NewViewForm(request.POST)
    if form.is_valid():
        typed = form.cleaned_data | {"question": _question(form.cleaned_data["question"])}
        try:
            view = savedviews.save(actor=request.actor, at=timezone.now(), **typed)
        except Refusal as refused:
            form.add_error(None, str(refused))
        else:
            messages.success(request, f"「{view.name}」として条件を保存しました。")
            return redirect(links.address_of(view.question))
    return _list(request, saving=form, status=422)


@require_POST
@requires(permissions.can_keep_views)
def view_change(request: ActorRequest, view_id: int) -> HttpResponse:
    """Rename a view, or open it to the city."""
    view, form = _view(request, view_id), SavedViewForm(request.POST)
    if form.is_valid():
        try:
            savedviews.change(view, actor=request.actor, at=timezone.now(), **form.cleaned_data)
        except Refusal as refused:
            form.add_error(None, str(refused))
        else:
            messages.success(request, f"「{form.cleaned_data['name']}」を変更しました。")
            return redirect("archive_views")
    return _list(request, changing={view.pk: form}, status=422)


@require_POST
@requires(permissions.can_keep_views)
def view_delete(request: ActorRequest, view_id: int) -> HttpResponse:
    """Let a view go."""
    view = _view(request, view_id)
    savedviews.delete(view, actor=request.actor, at=timezone.now())
    messages.success(request, f"「{view.name}」を削除しました。")
    return redirect("archive_views")


def _view(request: ActorRequest, view_id: int) -> SavedView:
    view: SavedView = get_object_or_404(SavedView.objects.visible_to(request.actor), pk=view_id)
    return view


def _question(text: str) -> str:
    """Keep of a question what the archive's page knows, from its first page."""
    return links.without_place(links.tidied(QueryDict(text))).urlencode()


def _list(
    request: ActorRequest, *, saving: Form | None = None, changing: dict[int, Form] | None = None, status: int = 200
) -> HttpResponse:
    rows = SavedView.objects.visible_to(request.actor).select_related("owner")
    page = paging.following(rows, by="name", actor=request.actor, after=request.GET.get("after", ""))
    known = names(request.actor)
    context = {
        "views": [_told(view, known, request, (changing or {}).get(view.pk)) for view in page.rows],
        "saving": saving,
        "may_keep": permissions.can_keep_views(request.actor),
        "next_url": paging.next_address(request.GET, page),
    }
    return render(request, "contracts/archive/views.html", context, status=status)


def _told(view: SavedView, known: Names, request: ActorRequest, form: Form | None) -> dict[str, Any]:
    query = links.tidied(QueryDict(view.question))
    asked = ArchiveForm(query, names=known, today=timezone.localdate())
    is_mine = view.owner_id == request.actor.user_id
    initial = {"name": view.name, "is_shared": view.is_shared}
    return {
        "view": view,
        "href": links.address_of(view.question),
        "conditions": list(links.conditions(asked, query, {})) if asked.is_valid() else [],
        "form": (form or SavedViewForm(initial=initial, auto_id=f"view-{view.pk}-%s")) if is_mine else None,
        "is_open": form is not None,
    }
