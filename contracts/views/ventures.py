"""The members of a joint venture, and the people who may sign for a firm."""

from typing import Any

from django.contrib import messages
from django.http import HttpResponse, QueryDict
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST

from accounts.permissions import requires
from accounts.refusals import Refusal
from accounts.requests import ActorRequest
from contracts import permissions, register
from contracts.forms.register import AuthorityForm, EndOfTermForm
from contracts.models import Authority, Basis, Contractor, JvMember
from contracts.services.register import authorities, enlisting


def _venture(request: ActorRequest, venture_id: int) -> Contractor:
    rows = Contractor.objects.visible_to(request.actor).filter(is_joint_venture=True)
    venture: Contractor = get_object_or_404(rows, pk=venture_id)
    return venture


def _places(request: ActorRequest, venture: Contractor) -> list[JvMember]:
    rows = JvMember.objects.visible_to(request.actor).filter(joint_venture=venture)
    return list(rows.select_related("member").order_by("order"))


@require_http_methods(["GET", "HEAD", "POST"])
@requires(permissions.can_keep_register)
def venture_members(request: ActorRequest, venture_id: int) -> HttpResponse:
    """Settle the order of a joint venture's members, its representative, and who leaves it."""
    venture = _venture(request, venture_id)
    places = _places(request, venture)
    problem = ""
    if request.method == "POST":
        try:
            return _settled(request, venture, *_arranged(places, request.POST))
        except Refusal as refused:
            problem = str(refused)
    words = request.GET.get("contractor_words", "").strip()[:100]
    members = [place.member_id for place in places]
    context = {
        "venture": venture,
        "places": places,
        "problem": problem,
        "words": words,
        "candidates": register.candidates(words, actor=request.actor, only_firms=True, besides=members),
    }
    return render(request, "contracts/register/members.html", context, status=422 if problem else 200)


def _arranged(places: list[JvMember], typed: QueryDict) -> tuple[list[Contractor], Contractor | None]:
    """Read the members who stay, in the order typed; those without a readable number come last, as they were."""
    stay = [place for place in places if f"leave_{place.member_id}" not in typed]
    stay.sort(key=lambda place: _order(typed.get(f"order_{place.member_id}", "")))
    chosen = typed.get("representative", "")
    representative = next((place.member for place in stay if str(place.member_id) == chosen), None)
    return [place.member for place in stay], representative


def _order(text: str) -> int:
    return int(text) if text.isdecimal() and len(text) < 4 else 999


def _settled(
    request: ActorRequest, venture: Contractor, members: list[Contractor], representative: Contractor | None
) -> HttpResponse:
    edit_number = request.POST.get("edit_number", "")
    enlisting.arrange(
        venture,
        actor=request.actor,
        at=timezone.now(),
        edit_number=int(edit_number) if edit_number.isdecimal() and len(edit_number) < 10 else -1,
        members=members,
        representative=representative,
    )
    messages.success(request, f"{venture.name}の構成員を保存しました。")
    return redirect("venture_members", venture_id=venture.pk)


@require_POST
@requires(permissions.can_keep_register)
def venture_add(request: ActorRequest, venture_id: int) -> HttpResponse:
    """Add a member at the end; the first one represents the joint venture until another is chosen."""
    venture = _venture(request, venture_id)
    places = _places(request, venture)
    chosen = request.POST.get("contractor", "")
    rows = Contractor.objects.visible_to(request.actor)
    firm = rows.filter(pk=chosen).first() if chosen.isdecimal() and len(chosen) < 19 else None
    if firm is None:
        raise Refusal("構成員に加える事業者を選んでください。")
    representative = next((place.member for place in places if place.is_representative), firm)
    return _settled(request, venture, [*(place.member for place in places), firm], representative)


@require_http_methods(["GET", "HEAD", "POST"])
@requires(permissions.can_keep_register)
def authority_add(request: ActorRequest, contractor_id: int) -> HttpResponse:
    """Note who may sign for a firm, with the term of office."""
    firm = get_object_or_404(Contractor.objects.visible_to(request.actor), pk=contractor_id)
    initial = {"title": firm.signer_title, "name": firm.signer_name, "email": firm.email}
    initial["basis"] = Basis.AGENT if firm.agent_name else Basis.REPRESENTATIVE
    form = AuthorityForm(request.POST or None, initial=initial)
    if request.method == "POST" and form.is_valid():
        typed: dict[str, Any] = form.cleaned_data | {"basis": Basis(form.cleaned_data["basis"])}
        try:
            authorities.authorize(firm, actor=request.actor, at=timezone.now(), **typed)
        except Refusal as refused:
            form.add_error(None, str(refused))
        else:
            messages.success(request, "契約締結権限者を登録しました。任期の外の日の署名は、署名の前に止まります。")
            return redirect("contractor", contractor_id=firm.pk)
    context = {"form": form, "firm": firm}
    return render(request, "contracts/register/authority.html", context, status=422 if form.errors else 200)


@require_http_methods(["GET", "HEAD", "POST"])
@requires(permissions.can_keep_register)
def authority_end(request: ActorRequest, authority_id: int) -> HttpResponse:
    """Settle the last day of a term of office."""
    rows = Authority.objects.visible_to(request.actor).select_related("contractor")
    person = get_object_or_404(rows, pk=authority_id)
    form = EndOfTermForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            authorities.end(person, actor=request.actor, at=timezone.now(), **form.cleaned_data)
        except Refusal as refused:
            form.add_error(None, str(refused))
        else:
            messages.success(request, f"{person.name} 様の任期の末日を保存しました。")
            return redirect("contractor", contractor_id=person.contractor_id)
    context = {"form": form, "person": person, "firm": person.contractor}
    return render(request, "contracts/register/authority_end.html", context, status=422 if form.errors else 200)
