"""The register of qualified bidders: the list, the page of a firm, and its entry as it is typed."""

from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.permissions import requires
from accounts.refusals import Refusal
from accounts.requests import ActorRequest
from audit.models import Event
from contracts import mailboxes, paging, permissions, register
from contracts.forms.register import EditFirmForm, NewFirmForm
from contracts.models import Authority, Case, Contractor, JvMember
from contracts.services.editing import Overtaken
from contracts.services.register import enlisting
from contracts.views.conflicts import differences, reopen

STANDINGS = [("", "すべて"), ("active", "登録中"), ("suspended", "停止"), ("venture", "共同企業体")]
RECENT = 20


@require_safe
@requires(permissions.can_read)
def register_list(request: ActorRequest) -> HttpResponse:
    """List the firms by name, found however they are spelled."""
    words, standing = request.GET.get("words", "").strip()[:100], request.GET.get("standing", "")
    rows = register.search(words, actor=request.actor, standing=standing)
    page = paging.following(rows, by="name_key", actor=request.actor, after=request.GET.get("after", ""))
    context = {
        "firms": page.rows,
        "next_url": paging.next_address(request.GET, page),
        "later_page": bool(request.GET.get("after")),
        "words": words,
        "standing": standing,
        "standings": STANDINGS,
        "may_keep": permissions.can_keep_register(request.actor),
    }
    return render(request, "contracts/register/list.html", context)


@require_safe
@requires(permissions.can_read)
def contractor_search(request: ActorRequest) -> HttpResponse:
    """Offer the firms to choose from while someone types; a part of the pages that ask for one."""
    chosen = request.GET.get("contractor", "")
    words = request.GET.get("contractor_words", "").strip()[:100]
    firm = Contractor.objects.visible_to(request.actor).filter(pk=chosen).first() if _is_id(chosen) else None
    only_firms = "only_firms" in request.GET
    found = register.candidates(words, actor=request.actor, chosen=firm, only_firms=only_firms)
    context = {"candidates": found, "chosen": firm, "words": words}
    return render(request, "contracts/register/_candidates.html", context)


def _is_id(text: str) -> bool:
    return text.isascii() and text.isdecimal() and len(text) < 19


@require_safe
@requires(permissions.can_read)
def contractor(request: ActorRequest, contractor_id: int) -> HttpResponse:
    """Show a firm: its entry, who may sign for it, its joint ventures and its cases."""
    firm = _firm(request, contractor_id)
    actor = request.actor
    places = JvMember.objects.visible_to(actor)
    authorities = Authority.objects.visible_to(actor).filter(contractor=firm).order_by("ends_date", "pk")
    cases = Case.objects.visible_to(actor).filter(contractor=firm).order_by("-registered_at", "-pk")
    happened = Event.objects.of_thread(firm.tenant_id, enlisting.THREAD).filter(subject=f"contractor:{firm.pk}")
    today = timezone.localdate()
    context = {
        "firm": firm,
        "hint": mailboxes.hint(firm.email),
        "authorities": [(person, _standing(person, today)) for person in authorities],
        "members": places.filter(joint_venture=firm).select_related("member").order_by("order"),
        "ventures": places.filter(member=firm).select_related("joint_venture").order_by("-pk")[:RECENT],
        "cases": cases[:RECENT],
        "events": [(event, event.actor_name.partition(" <")[0]) for event in happened[:RECENT]],
        "may_keep": permissions.can_keep_register(actor),
    }
    return render(request, "contracts/register/contractor.html", context)


def _standing(person: Authority, today: Any) -> str:
    if person.starts_date and today < person.starts_date:
        return "coming"
    return "holds" if person.holds_on(today) else "over"


def _firm(request: ActorRequest, contractor_id: int) -> Contractor:
    firm: Contractor = get_object_or_404(Contractor.objects.visible_to(request.actor), pk=contractor_id)
    return firm


@require_http_methods(["GET", "HEAD", "POST"])
@requires(permissions.can_keep_register)
def contractor_new(request: ActorRequest) -> HttpResponse:
    """Put a firm or a joint venture on the register."""
    form = NewFirmForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        typed = dict(form.cleaned_data)
        is_venture = typed.pop("kind") == "venture"
        try:
            firm = enlisting.enlist(actor=request.actor, at=timezone.now(), is_joint_venture=is_venture, **typed)
        except Refusal as refused:
            form.add_error(None, str(refused))
        else:
            return _saved(request, firm, "構成員と代表構成員を決めてください。" if is_venture else "")
    return _entry(request, form, {})


@require_http_methods(["GET", "HEAD", "POST"])
@requires(permissions.can_keep_register)
def contractor_edit(request: ActorRequest, contractor_id: int) -> HttpResponse:
    """Correct an entry; of two people who do so at once, the second sees what the first one saved."""
    firm = _firm(request, contractor_id)
    form = EditFirmForm(request.POST or None, initial=_entry_of(firm) | {"edit_number": firm.edit_number})
    conflict = None
    if request.method == "POST" and form.is_valid():
        try:
            enlisting.correct(firm, actor=request.actor, at=timezone.now(), **form.cleaned_data)
        except Overtaken as overtaken:
            now = _firm(request, contractor_id)
            conflict = differences(form, _entry_of(now))
            reopen(form, overtaken, edit_number=now.edit_number)
        except Refusal as refused:
            form.add_error(None, str(refused))
        else:
            return _saved(request, _firm(request, contractor_id), "")
    return _entry(request, form, {"firm": firm, "conflict": conflict})


def _entry_of(firm: Contractor) -> dict[str, str]:
    return {name: getattr(firm, name) for name in enlisting.FIELDS}


def _saved(request: ActorRequest, firm: Contractor, then: str) -> HttpResponse:
    messages.success(request, f"{firm.full_name}を保存しました。{then}")
    if hint := mailboxes.hint(firm.email):
        messages.warning(request, hint)
    return redirect("contractor", contractor_id=firm.pk)


def _entry(request: ActorRequest, form: Any, context: dict[str, Any]) -> HttpResponse:
    status = 409 if context.get("conflict") else 422 if form.errors else 200
    return render(request, "contracts/register/entry.html", {"form": form} | context, status=status)


@require_POST
@requires(permissions.can_keep_register)
def contractor_standing(request: ActorRequest, contractor_id: int) -> HttpResponse:
    """Suspend an entry, or take it up again."""
    active = request.POST.get("active") == "yes"
    firm = enlisting.set_active(_firm(request, contractor_id), actor=request.actor, at=timezone.now(), active=active)
    done = "再開しました。" if active else "停止しました。新しい案件では選べません。これまでの案件はそのままです。"
    messages.success(request, f"{firm.full_name}の登録を{done}")
    return redirect("contractor", contractor_id=firm.pk)
