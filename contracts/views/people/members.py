"""The people of the city: the list, a new member, a person's page, and what is done to an account."""

from datetime import date
from typing import Any

from allauth.mfa.utils import is_mfa_enabled
from django.contrib import messages
from django.core.paginator import Paginator
from django.db.models import Prefetch, Q, QuerySet
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.kana import katakana
from accounts.models import Delegation, Membership, Role, User
from accounts.permissions import can_administer, requires
from accounts.refusals import Refusal
from accounts.requests import ActorRequest
from accounts.services import evidence, members, passwords, sittings, tries
from audit.models import Event
from contracts.forms.people import ROLES, LeaveForm, PersonForm, RenameForm
from contracts.forms.staff import ReasonForm
from contracts.services.cases import handing
from contracts.views.people.shown import HeldRole, held_role, member_or_404, stage

PER_PAGE = 50
EVENTS = 50


@require_safe
@requires(can_administer)
def people(request: ActorRequest) -> HttpResponse:
    """List who works for the city with their roles and terms; by default those who may do something from today on."""
    words, role = request.GET.get("words", "").strip(), request.GET.get("role", "")
    everyone, today = request.GET.get("who") == "all", timezone.localdate()
    held = Membership.objects.visible_to(request.actor)
    held = held if everyone else held.filter(Q(ends_date__isnull=True) | Q(ends_date__gte=today))
    held = held.filter(role=role) if role in Role.values else held
    roles: Any = Prefetch("memberships", _roles_of(request))
    rows = _called(words, held).order_by("name", "pk").prefetch_related(roles)
    page = Paginator(rows, PER_PAGE).get_page(request.GET.get("page"))
    context = {
        "page": page,
        "rows": [(user, [held_role(each, today=today) for each in user.memberships.all()]) for user in page],
        "roles": ROLES,
        "words": words,
        "role": role,
        "everyone": everyone,
    }
    return render(request, "people/list.html", context)


def _called(words: str, held: Any) -> QuerySet[User]:
    """Find the people of these roles whose name, its reading, address or department holds every word."""
    rows = User.objects.filter(pk__in=held.values("user_id"))
    for word in words.split():
        there = held.filter(department__name__icontains=word).values("user_id")
        called = Q(name__icontains=word) | Q(name_kana__contains=katakana(word))
        rows = rows.filter(called | Q(email__icontains=word) | Q(pk__in=there))
    return rows


def _roles_of(request: ActorRequest) -> Any:
    return Membership.objects.visible_to(request.actor).select_related("department").order_by("role")


@require_http_methods(["GET", "HEAD", "POST"])
@requires(can_administer)
def person_new(request: ActorRequest) -> HttpResponse:
    """Register a person; they get a mail with the link to choose a password."""
    form = PersonForm(request.POST or None, actor=request.actor)
    if request.method == "POST" and form.is_valid():
        typed = {name: form.cleaned_data[name] for name in ("email", "name", "name_kana", "roles")}
        try:
            user = members.add(actor=request.actor, at=timezone.now(), post=form.post, **typed)
        except Refusal as refused:
            form.add_error("email", str(refused))
        else:
            messages.success(request, f"{user.name}さんを登録し、パスワードを決めるメールを送りました。")
            return redirect("person", user_id=user.pk)
    return render(request, "people/new.html", {"form": form}, status=422 if form.errors else 200)


@require_http_methods(["GET", "HEAD", "POST"])
@requires(can_administer)
def person(request: ActorRequest, user_id: int) -> HttpResponse:
    """Show a person with their roles, what waits for them and what was done; POST corrects the name."""
    user = member_or_404(request, user_id)
    form = RenameForm(request.POST or None, initial={"name": user.name, "name_kana": user.name_kana, "seen": user.name})
    if request.method == "POST" and form.is_valid():
        try:
            members.rename(user, actor=request.actor, at=timezone.now(), **form.cleaned_data)
        except Refusal as refused:
            form.add_error(None, str(refused))
        else:
            messages.success(request, "氏名を直しました。これまでの契約書と記録の氏名は、そのまま残ります。")
            return redirect("person", user_id=user.pk)
    context = _portrait(request, user) | {"form": form}
    return render(request, "people/person.html", context, status=422 if form.errors else 200)


def _portrait(request: ActorRequest, user: User) -> dict[str, Any]:
    today, actor = timezone.localdate(), request.actor
    held = [held_role(each, today=today) for each in _roles_of(request).filter(user=user)]
    return {
        "person": user,
        "held": held,
        "may_give": len(held) < len(Role),
        "has_second_factor": is_mfa_enabled(user),
        "held_up": tries.held_up(user, at=timezone.now()),
        "sittings": sittings.of(user, at=timezone.now(), here=request.session.session_key),
        "is_self": user.pk == actor.user_id,
        "waiting": handing.waiting_for([user.pk], tenant_id=actor.tenant_id)[user.pk],
        "leaving": _last_day_as_signatory(held),
        "delegations": _delegations(request, user, today=today),
        "events": Event.objects.of_thread(actor.tenant_id, evidence.thread_of(user))[:EVENTS],
    }


def _last_day_as_signatory(held: list[HeldRole]) -> date | None:
    """Tell on which day a signatory's term ends or ended; None while nothing limits it."""
    terms = [each.membership for each in held if each.membership.role == Role.SIGNATORY]
    return next((term.ends_date for term in terms if term.ends_date), None)


def _delegations(request: ActorRequest, user: User, *, today: date) -> list[tuple[Delegation, Any]]:
    rows = Delegation.objects.visible_to(request.actor).filter(Q(principal=user) | Q(delegate=user))
    rows = rows.filter(last_date__gte=today).select_related("principal", "delegate").order_by("first_date")
    return [(row, stage(row.first_date, row.last_date, today=today)) for row in rows]


@require_http_methods(["GET", "HEAD", "POST"])
@requires(can_administer)
def person_leave(request: ActorRequest, user_id: int) -> HttpResponse:
    """End every role of a person on a day (転出)."""
    user = member_or_404(request, user_id)
    form = LeaveForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            members.leave(user, actor=request.actor, at=timezone.now(), **form.cleaned_data)
        except Refusal as refused:
            form.add_error(None, str(refused))
        else:
            messages.success(request, f"{user.name}さんのすべての役割の末日を決めました。")
            return redirect("person", user_id=user.pk)
    tenant_id = request.actor.tenant_id
    context = {
        "form": form,
        "person": user,
        "waiting": handing.waiting_for([user.pk], tenant_id=tenant_id)[user.pk],
        "drafts": handing.drafts_of(user, tenant_id=tenant_id),
    }
    return render(request, "people/leave.html", context, status=422 if form.errors else 200)


@require_POST
@requires(can_administer)
def person_password(request: ActorRequest, user_id: int) -> HttpResponse:
    """Mail a person the link to choose a password once more."""
    user = member_or_404(request, user_id)
    passwords.send_link_again(user, actor=request.actor, at=timezone.now())
    messages.success(request, f"{user.email} へ、パスワードを決めるメールを送りました。")
    return redirect("person", user_id=user.pk)


@require_POST
@requires(can_administer)
def person_unlock(request: ActorRequest, user_id: int) -> HttpResponse:
    """Let someone try to sign in again who failed too often."""
    user = member_or_404(request, user_id)
    tries.let_in_again(user, actor=request.actor, at=timezone.now())
    messages.success(request, f"{user.name}さんのサインインの停止を解きました。")
    return redirect("person", user_id=user.pk)


@require_http_methods(["GET", "HEAD", "POST"])
@requires(can_administer)
def person_second_factor(request: ActorRequest, user_id: int) -> HttpResponse:
    """Reset someone's second factor, with the reason."""
    user = member_or_404(request, user_id)
    form = ReasonForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            passwords.reset_second_factor(user, actor=request.actor, at=timezone.now(), **form.cleaned_data)
        except Refusal as refused:
            form.add_error(None, str(refused))
        else:
            messages.success(request, f"{user.name}さんの二要素認証を解除し、本人にメールで知らせました。")
            return redirect("person", user_id=user.pk)
    context = {"form": form, "person": user}
    return render(request, "people/second_factor.html", context, status=422 if form.errors else 200)
