"""Where one is signed in: the own browsers, one or all others ended, and those of a member for the administrator."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_POST, require_safe

from accounts.permissions import can_administer, hands_out, is_staff, requires
from accounts.requests import ActorRequest
from accounts.services import sittings
from contracts.views.people.shown import member_or_404, oneself


@require_safe
@requires(is_staff)
def sitting_list(request: ActorRequest) -> HttpResponse:
    """List where the asker is signed in."""
    rows = sittings.of(oneself(request), at=timezone.now(), here=request.session.session_key)
    return render(request, "people/sittings.html", {"rows": rows, "others": any(not row.is_here for row in rows)})


@require_POST
@requires(is_staff)
@hands_out
def sitting_end(request: ActorRequest) -> HttpResponse:
    """Sign the asker out of one other browser, or of all others."""
    ended = sittings.end(
        oneself(request),
        actor=request.actor,
        at=timezone.now(),
        here=request.session.session_key,
        mark=request.POST.get("mark", ""),
    )
    messages.success(request, f"{ended}台の端末からサインアウトしました。")
    return redirect("sitting_list")


@require_POST
@requires(is_staff)
@hands_out
def sitting_extend(request: ActorRequest) -> HttpResponse:
    """Answer the button of the warning; that the request came is the sign of life."""
    return HttpResponse(status=204) if "HX-Request" in request.headers else redirect("sitting_list")


@require_POST
@requires(can_administer)
def person_sittings_end(request: ActorRequest, user_id: int) -> HttpResponse:
    """Sign a member out everywhere; the administrator stays where they sit."""
    user = member_or_404(request, user_id)
    ended = sittings.end(user, actor=request.actor, at=timezone.now(), here=request.session.session_key)
    messages.success(request, f"{user.name}さんを、{ended}台の端末からサインアウトしました。")
    return redirect("person", user_id=user.pk)
