"""The one page that opens to someone who must have a second factor and has none: the way to set one up."""

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import ResolverMatch
from django.views.decorators.http import require_safe

from accounts.actors import Actor
from accounts.permissions import is_public, is_staff, requires

# 設定する画面と、その前に本人を確かめる画面、出ていく道。名乗りのない人にも開く頁（public）は、だれにでも同じ
STAYS_OPEN = frozenset({"second_factor_due", "account_reauthenticate", "account_logout", "set_language"})


def led_away(
    actor: Actor, view: Callable[..., HttpResponseBase], place: ResolverMatch | None
) -> HttpResponseBase | None:
    """Lead someone without the second factor that their roles ask for to where they set it up; None for all others."""
    name = (place.url_name if place else None) or ""
    if not actor.lacks_factor or name.startswith("mfa_") or name in STAYS_OPEN:
        return None
    return None if is_public(view) else redirect("second_factor_due")


@require_safe
@requires(is_staff)
def second_factor_due(request: HttpRequest) -> HttpResponse:
    """Show the two ways to a second factor."""
    return render(request, "mfa/due.html")
