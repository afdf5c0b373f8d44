"""Questions that people keep on a page of lists: opened again, renamed, shared with the city, let go."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

from django.contrib import messages
from django.http import HttpResponse, QueryDict
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_POST, require_safe

from accounts.actors import Actor
from accounts.models import Department
from accounts.permissions import requires
from accounts.refusals import Refusal
from accounts.requests import ActorRequest
from contracts import paging, permissions
from contracts.archive.names import names
from contracts.forms.archive import ArchiveForm
from contracts.forms.savedviews import NewViewForm, SavedViewForm
from contracts.models import SavedView, ViewPage
from contracts.services import savedviews
from contracts.views import archive_links, case_links
from contracts.views.questions import Condition, without_place

SHOWN = 8
Form = SavedViewForm | NewViewForm
Reader = Callable[[QueryDict], Iterable[Condition]]


@dataclass(frozen=True)
class Kept:
    """A page that keeps questions: its address and that of its kept ones, what it knows of an address, and says."""

    home: str
    shelf: str
    tidied: Callable[[QueryDict], QueryDict]
    reader: Callable[[Actor], Reader]


def _of_archive(actor: Actor) -> Reader:
    known, today = names(actor), timezone.localdate()

    def read(query: QueryDict) -> Iterable[Condition]:
        form = ArchiveForm(query, names=known, today=today)
        return archive_links.conditions(form, query, {}) if form.is_valid() else ()

    return read


def _of_cases(actor: Actor) -> Reader:
    known = departments(actor)
    return lambda query: (*case_links.conditions(query, known), *case_links.view(query))


PAGES = {
    ViewPage.ARCHIVE: Kept("archive", "archive_views", archive_links.tidied, _of_archive),
    ViewPage.CASES: Kept("case_list", "case_views", case_links.tidied, _of_cases),
}


def departments(actor: Actor) -> dict[str, str]:
    """Name the departments of the city by their ids, as they stand in an address."""
    return {str(pk): name for pk, name in Department.objects.visible_to(actor).values_list("pk", "name")}


def beside(page: ViewPage, actor: Actor) -> dict[str, Any]:
    """Give a page its kept questions, and the form to keep one more."""
    may_keep = permissions.can_keep_views(actor)
    return {
        "views": SavedView.objects.visible_to(actor).filter(page=page).order_by("name", "pk")[:SHOWN],
        "save_form": SavedViewForm() if may_keep else None,
        "save_page": page.value,
    }


@require_safe
@requires(permissions.can_read)
def archive_views(request: ActorRequest) -> HttpResponse:
    """List the questions to the archive that are a person's own or shared, by name."""
    return _list(request, ViewPage.ARCHIVE)


@require_safe
@requires(permissions.can_read)
def case_views(request: ActorRequest) -> HttpResponse:
    """List the questions to the list of cases that are a person's own or shared, by name."""
    return _list(request, ViewPage.CASES)


@require_POST
@requires(permissions.can_keep_views)
def view_save(request: ActorRequest) -> HttpResponse:
    """Keep the question of the page it was asked on."""
    form = NewViewForm(request.POST)
    if form.is_valid():
        try:
            view = savedviews.save(actor=request.actor, at=timezone.now(), **_new(form.cleaned_data))
        except Refusal as refused:
            form.add_error(None, str(refused))
        else:
            messages.success(request, f"「{view.name}」として条件を保存しました。")
            return redirect(_address(view))
    page = form.cleaned_data.get("page") or ViewPage.ARCHIVE
    return _list(request, ViewPage(page), saving=form, status=422)


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
            return redirect(PAGES[ViewPage(view.page)].shelf)
    return _list(request, ViewPage(view.page), changing={view.pk: form}, status=422)


@require_POST
@requires(permissions.can_keep_views)
def view_delete(request: ActorRequest, view_id: int) -> HttpResponse:
    """Let a view go."""
    view = _view(request, view_id)
    savedviews.delete(view, actor=request.actor, at=timezone.now())
    messages.success(request, f"「{view.name}」を削除しました。")
    return redirect(PAGES[ViewPage(view.page)].shelf)


def _view(request: ActorRequest, view_id: int) -> SavedView:
    view: SavedView = get_object_or_404(SavedView.objects.visible_to(request.actor), pk=view_id)
    return view


def _new(typed: dict[str, Any]) -> dict[str, Any]:
    """Keep of a question what its page knows, from its first page."""
    page = ViewPage(typed["page"])
    question = without_place(PAGES[page].tidied(QueryDict(typed["question"])))
    return typed | {"page": page, "question": question.urlencode()}


def _address(view: SavedView) -> str:
    home = reverse(PAGES[ViewPage(view.page)].home)
    return f"{home}?{view.question}" if view.question else home


def _list(
    request: ActorRequest,
    page: ViewPage,
    *,
    saving: Form | None = None,
    changing: dict[int, Form] | None = None,
    status: int = 200,
) -> HttpResponse:
    rows = SavedView.objects.visible_to(request.actor).filter(page=page).select_related("owner")
    found = paging.following(rows, by="name", actor=request.actor, after=request.GET.get("after", ""))
    read = PAGES[page].reader(request.actor)
    context = {
        "views": [_told(view, read, request, (changing or {}).get(view.pk)) for view in found.rows],
        "saving": saving,
        "may_keep": permissions.can_keep_views(request.actor),
        "next_url": paging.next_address(request.GET, found),
        "page_label": page.label,
        "home_url": reverse(PAGES[page].home),
    }
    return render(request, "contracts/views.html", context, status=status)


def _told(view: SavedView, read: Reader, request: ActorRequest, form: Form | None) -> dict[str, Any]:
    is_mine = view.owner_id == request.actor.user_id
    initial = {"name": view.name, "is_shared": view.is_shared}
    return {
        "view": view,
        "href": _address(view),
        "conditions": list(read(PAGES[ViewPage(view.page)].tidied(QueryDict(view.question)))),
        "form": (form or SavedViewForm(initial=initial, auto_id=f"view-{view.pk}-%s")) if is_mine else None,
        "is_open": form is not None,
    }
