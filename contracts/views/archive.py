"""The archive's page: one box and conditions, how the answers divide, and the answers themselves (R23)."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.http import HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_safe

from accounts.actors import Actor
from accounts.permissions import requires
from accounts.requests import ActorRequest
from contracts import hooks, permissions
from contracts.archive import facets, looking, searching
from contracts.archive.asking import Looked, Wanted
from contracts.archive.facets import Share
from contracts.archive.names import Names, firms, names
from contracts.archive.paging import read_place, write_place
from contracts.archive.searching import Found
from contracts.archive.texts.coverage import coverage
from contracts.archive.texts.snippets import Snippet, snippets
from contracts.archive.totals import Total
from contracts.forms.archive import ArchiveForm
from contracts.models import Archived, ArchiveEntry, EntryState, ViewPage
from contracts.views import archive_links as links
from contracts.views import savedviews
from contracts.views.questions import PLACES, Condition, without_place

MOST_LOOSENED = 6


@dataclass(frozen=True)
class Row:
    """An entry as it is shown, where pressing it leads ("" for nowhere), and the place of a hit in its documents."""

    entry: ArchiveEntry
    department: str
    href: str
    snippet: Snippet | None

    @property
    def badges(self) -> list[tuple[str, str]]:
        """Tell, with a tone, what the entry is where it is no contract, and how it stands where it is no longer so."""
        entry = self.entry
        what = [("neutral", entry.get_what_display())] if entry.what != Archived.CONTRACT else []
        what += [("info", "よそで締結")] if entry.case_id is None else []
        return what + ([("warning", entry.get_state_display())] if entry.state != EntryState.IN_FORCE else [])


@require_safe
@requires(permissions.can_read)
def archive(request: ActorRequest) -> HttpResponse:
    """Answer a question; all of it stands in the address, where what is empty is left out."""
    query = links.tidied(request.GET)
    if dict(query.lists()) != dict(request.GET.lists()):
        return redirect(links.address_of(query.urlencode()))
    known = names(request.actor)
    form = ArchiveForm(query, names=known, today=timezone.localdate())
    context = {"form": form, "asked": bool(without_place(query))}
    if form.is_valid():
        context |= _answer(form, query, known, actor=request.actor)
    return render(request, "contracts/archive.html", context, status=422 if form.errors else 200)


def _answer(form: ArchiveForm, query: QueryDict, known: Names, *, actor: Actor) -> dict[str, Any]:
    after, before = (read_place(query.get(name, ""), form.sorting) for name in PLACES)
    wanted = looking.look(form.wanted, actor=actor, order=form.sorting)
    found = searching.search(wanted, actor=actor, order=form.sorting, after=after, before=before)
    divided = _divided(wanted, actor=actor) if found.total.count else {}
    keys = form.wanted.party_keys
    conditions = list(links.conditions(form, query, firms(keys, actor=actor) if keys else {}))
    return {
        "found": found,
        "looked": looking.MOST if isinstance(wanted, Looked) and wanted.is_cut else None,
        "totals": [(Archived(what).label, total) for what, total in found.totals.items()],
        "rows": _rows(found, form.wanted, known, actor=actor),
        "lacking": coverage(actor) if form.wanted.inside else None,
        "conditions": conditions,
        "groups": links.groups(form, query, divided) if divided else [],
        "sought": _sought(form.wanted),
        "heads": links.heads(form, query),
        "turns": _turns(found, query),
        "loosened": [] if found.total.count else _loosened(conditions, known, actor=actor),
        "question": without_place(query).urlencode(),
        **savedviews.beside(ViewPage.ARCHIVE, actor),
    }


def _sought(wanted: Wanted) -> dict[str, tuple[str, ...]]:
    """List the words to mark in each column."""
    return {
        "title": wanted.titles + wanted.words,
        "party": wanted.parties + wanted.party_keys + wanted.words,
        "number": wanted.numbers + wanted.words,
    }


def _divided(wanted: Wanted, *, actor: Actor) -> Mapping[str, list[Share]]:
    return {**facets.facets(wanted, actor=actor), "party_key": facets.parties(wanted, actor=actor)}


def _rows(found: Found, wanted: Wanted, known: Names, *, actor: Actor) -> list[Row]:
    lines = snippets(found.entries, wanted.words, actor=actor) if wanted.inside else {}
    return [
        Row(entry, known.departments.get(entry.department_id or 0, ""), _page_of(entry), lines.get(entry.subject))
        for entry in found.entries
    ]


def _page_of(entry: ArchiveEntry) -> str:
    thing, _, number = entry.subject.partition(":")
    if page := hooks.archive_pages.get(thing):
        return reverse(page, args=[number])
    return reverse("case", args=[entry.case_id]) if entry.case_id else ""


def _turns(found: Found, query: QueryDict) -> dict[str, str]:
    """Write the addresses of the page before and the page after, where there are any."""
    places = {"after": found.following, "before": found.preceding}
    return {name: links.address(query, **{name: write_place(place)}) for name, place in places.items() if place}


def _loosened(conditions: list[Condition], known: Names, *, actor: Actor) -> list[tuple[Condition, Total]]:
    """Tell, where nothing answers, how many would without each condition; those that would not help are left out."""
    if len(conditions) < 2:
        return []
    found = [(each, _total(each.href, known, actor=actor)) for each in conditions[:MOST_LOOSENED]]
    return [(condition, total) for condition, total in found if total.count]


def _total(address: str, known: Names, *, actor: Actor) -> Total:
    form = ArchiveForm(QueryDict(address.partition("?")[2]), names=known, today=timezone.localdate())
    return Total.of(searching.count(form.wanted, actor=actor).values()) if form.is_valid() else Total()
