"""One role of one person: given, changed with its term, taken back before it begins."""

from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST

from accounts.models import Membership
from accounts.permissions import can_administer, requires
from accounts.refusals import Refusal
from accounts.requests import ActorRequest
from accounts.services import members
from contracts.dates import wareki
from contracts.forms.people import RoleForm, TermForm
from contracts.views.people.shown import COMING, held_role, member_or_404, role_or_404


@require_http_methods(["GET", "HEAD", "POST"])
@requires(can_administer)
def role_new(request: ActorRequest, user_id: int) -> HttpResponse:
    """Give a member one more role."""
    user = member_or_404(request, user_id)
    held = Membership.objects.visible_to(request.actor).filter(user=user)
    form = RoleForm(request.POST or None, actor=request.actor, held=list(held.values_list("role", flat=True)))
    if request.method == "POST" and form.is_valid():
        role = form.cleaned_data["role"]
        try:
            given = members.give_role(user, actor=request.actor, at=timezone.now(), role=role, post=form.post)
        except Refusal as refused:
            form.add_error(None, str(refused))
        else:
            messages.success(request, f"{user.name}さんに「{given.get_role_display()}」の役割を加えました。")
            return redirect("person", user_id=user.pk)
    context = {"form": form, "person": user}
    return render(request, "people/role_new.html", context, status=422 if form.errors else 200)


@require_http_methods(["GET", "HEAD", "POST"])
@requires(can_administer)
def role_edit(request: ActorRequest, membership_id: int) -> HttpResponse:
    """Change the place and the term of a role."""
    role = role_or_404(request, membership_id)
    form = TermForm(request.POST or None, actor=request.actor, membership=role, initial=_initial(role))
    if request.method == "POST" and form.is_valid():
        seen = form.cleaned_data["edit_number"]
        try:
            members.change_role(role, actor=request.actor, at=timezone.now(), edit_number=seen, post=form.post)
        except Refusal as refused:
            form.add_error(None, str(refused))
        else:
            messages.success(request, f"「{role.get_role_display()}」の役割を変えました。")
            return redirect("person", user_id=role.user_id)
    context = {
        "form": form,
        "role": role,
        "person": role.user,
        "may_withdraw": held_role(role, today=timezone.localdate()).stage is COMING,
    }
    return render(request, "people/role_edit.html", context, status=422 if form.errors else 200)


def _initial(role: Membership) -> dict[str, Any]:
    return {
        "department": role.department_id,
        "title": role.title,
        "basis": role.basis,
        "starts_date": wareki(role.starts_date) if role.starts_date else "",
        "ends_date": wareki(role.ends_date) if role.ends_date else "",
        "edit_number": role.edit_number,
    }


@require_POST
@requires(can_administer)
def role_withdraw(request: ActorRequest, membership_id: int) -> HttpResponse:
    """Take back a role that has not begun."""
    role = role_or_404(request, membership_id)
    members.withdraw_role(role, actor=request.actor, at=timezone.now())
    messages.success(request, f"まだ始まっていない「{role.get_role_display()}」の役割を取りやめました。")
    return redirect("person", user_id=role.user_id)
