"""Turn away, on every request, whoever asks from a network that is not theirs to work from."""

from collections.abc import Callable
from datetime import datetime
from typing import Any

from django.http import HttpResponseBase
from django.shortcuts import render
from django.urls import ResolverMatch

from accounts import networks, tenancy
from accounts.actors import Actor, ActorKind
from accounts.models import Organization
from accounts.permissions import is_public
from accounts.services.networks import note_refusal

# 要求とセッションに残す名
TURNED_AWAY, TOLD = "turned_away", "refused_from"
# 断られた人にも開く: 出ていく道。名乗りのない人にも開く頁（public）は、だれにでも同じ
STAYS_OPEN = frozenset({"account_logout", "set_language"})


def turned_away(
    request: Any,
    actor: Actor,
    home: Organization,
    view: Callable[..., HttpResponseBase],
    place: ResolverMatch | None,
) -> HttpResponseBase | None:
    """Answer with a page that says why, and show no row of the city; None for whoever may be where they are."""
    if networks.admits(home.networks, actor.roles, actor.ip):
        return None
    if is_public(view) or (place is not None and place.url_name in STAYS_OPEN):
        return None
    setattr(request, TURNED_AWAY, actor)
    tenancy.forget()
    return render(request, "people/elsewhere.html", {"address": actor.ip, "home": home}, status=403)


def note(request: Any, *, at: datetime) -> None:
    """Write it into the journal once the page is undone; once for a session and an address.

    A program has no session: its door says how often.
    """
    actor = getattr(request, TURNED_AWAY, None)
    if actor is None:
        return
    if actor.kind is not ActorKind.API:
        if request.session.get(TOLD) == actor.ip:
            return
        request.session[TOLD] = actor.ip
    note_refusal(actor, at=at)
