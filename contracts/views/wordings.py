"""Who is told what, when; and the city's own words for each mail, looked at before they are used."""

from collections.abc import Callable
from itertools import groupby
from typing import Any, cast

from csp.decorators import csp_replace, csp_update
from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.clickjacking import xframe_options_sameorigin
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.permissions import requires
from accounts.requests import ActorRequest
from contracts import permissions
from contracts.forms.wordings import WordingForm, begun
from contracts.services import wordings
from contracts.services.editing import Overtaken
from contracts.views.conflicts import differences, reopen
from notifications import table
from notifications.models import MailWording
from notifications.table import Telling
from notifications.words import Own, checking, samples, standard

ROOMS = {"accounts": "職員のアカウント", "contracts": "契約", "guarantees": "保証", "signing": "署名の鍵と封印"}
SELF = "'self'"
Page = Callable[[ActorRequest, str, str], HttpResponse]
Decorator = Callable[[Page], Page]
# 見え方は、この画面の枠の中に出す。枠の中のメールは、届いたときと同じく、文に付いた飾りを持つ
WITH_FRAME: Decorator = cast(Any, csp_update({"frame-src": [SELF]}))
AS_MAIL: Decorator = cast(Any, csp_replace({"style-src": [SELF, "'unsafe-inline'"], "frame-ancestors": [SELF]}))


@require_safe
@requires(permissions.can_administer)
def mail_words(request: ActorRequest) -> HttpResponse:
    """Show the one table of who is told what and when, with the subjects in use."""
    own = {row.template: row for row in MailWording.objects.visible_to(request.actor)}
    lines = [_line(telling, own.get(telling.template)) for telling in table.every() if not telling.by_guarantor]
    rooms = groupby(sorted(lines, key=_room), key=_room)
    shown = [{"name": ROOMS[room], "slug": room, "lines": list(some)} for room, some in rooms]
    return render(request, "contracts/settings/mail_words.html", {"rooms": shown})


@require_http_methods(["GET", "HEAD", "POST"])
@requires(permissions.can_administer)
@WITH_FRAME
def mail_wording(request: ActorRequest, room: str, name: str) -> HttpResponse:
    """Show the words of one mail, as they stand and as they look; POST uses other words from now on."""
    telling, row = _found(request, room, name)
    saved = begun(telling.template, _own(row))
    initial = saved | {"edit_number": row.edit_number}
    form = WordingForm(request.POST or None, template=telling.template, initial=initial)
    if request.method != "POST" or not form.is_valid():
        return _page(request, telling, row, form)
    number = form.cleaned_data["edit_number"]
    try:
        wordings.change(
            request.city,
            telling.template,
            own=form.own,
            edit_number=number,
            actor=request.actor,
            at=timezone.now(),
        )
    except Overtaken as overtaken:
        reopen(form, overtaken, edit_number=row.edit_number)
        return _page(request, telling, row, form, conflict=differences(form, saved))
    messages.success(request, "文面を変えました。これから送るメールに使います。")
    return redirect("mail_wording", room, name)


@require_http_methods(["GET", "HEAD", "POST"])
@requires(permissions.can_administer)
@xframe_options_sameorigin
@AS_MAIL
def mail_look(request: ActorRequest, room: str, name: str) -> HttpResponse:
    """Show a mail as it looks with sample values, in the words in use; POST: in the words typed, which are not kept."""
    telling, row = _found(request, room, name)
    own, problems = _own(row), []
    if request.method == "POST":
        form = WordingForm(request.POST, template=telling.template)
        problems = [] if form.is_valid() else [str(why) for each in form.errors.values() for why in each]
        own = form.own
    said = None if problems else samples.written(request.city, telling.template, own)
    shown = {"telling": telling, "said": said, "problems": problems}
    return render(request, "contracts/settings/mail_look.html", shown, status=422 if problems else 200)


@require_POST
@requires(permissions.can_administer)
@WITH_FRAME
def mail_sample(request: ActorRequest, room: str, name: str) -> HttpResponse:
    """Mail the words that were typed to the person who typed them; they are not kept."""
    telling, row = _found(request, room, name)
    form = WordingForm(request.POST, template=telling.template)
    if form.is_valid():
        at = timezone.now()
        wordings.send_sample(request.city, telling.template, own=form.own, actor=request.actor, at=at)
        messages.success(request, f"見本を {request.actor.email} に送ります。文面は、まだ保存していません。")
    return _page(request, telling, row, form)


@require_POST
@requires(permissions.can_administer)
def mail_standard(request: ActorRequest, room: str, name: str) -> HttpResponse:
    """Put the words of one mail back to the standard."""
    telling, row = _found(request, room, name)
    at, number = timezone.now(), row.edit_number
    wordings.change(request.city, telling.template, own=Own(), edit_number=number, actor=request.actor, at=at)
    messages.success(request, "標準の文面に戻しました。")
    return redirect("mail_wording", room, name)


def _found(request: ActorRequest, room: str, name: str) -> tuple[Telling, MailWording]:
    """Find a line of the table and the city's own words for it, or the row that would hold them."""
    template = f"{room}/{name}"
    telling = next((each for each in table.every() if each.template == template and not each.by_guarantor), None)
    if telling is None:
        raise Http404("このようなメールはありません。")
    row = MailWording.objects.visible_to(request.actor).filter(template=template).first()
    return telling, row or MailWording(tenant=request.city, template=template)


def _own(row: MailWording) -> Own:
    return Own(row.subject, row.lead, row.note)


def _page(request: ActorRequest, telling: Telling, row: MailWording, form: WordingForm, **more: Any) -> HttpResponse:
    shown = {
        "telling": telling,
        "form": form,
        "is_own": _own(row) != Own(),
        "standard": standard.of(telling.template),
        "lengths": checking.LENGTHS,
        "room": telling.template.partition("/")[0],
        "name": telling.template.partition("/")[2],
    }
    return render(request, "contracts/settings/mail_wording.html", shown | more, status=422 if form.errors else 200)


def _line(telling: Telling, row: MailWording | None) -> dict[str, Any]:
    room, _, name = telling.template.partition("/")
    return {
        "telling": telling,
        "room": room,
        "name": name,
        "subject": (row.subject if row else "") or standard.of(telling.template).subject,
        "is_own": row is not None and _own(row) != Own(),
    }


def _room(line: dict[str, Any]) -> str:
    return str(line["room"])
