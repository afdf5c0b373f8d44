"""How much waits for whom, as the header of every page tells it: counted at most twice a minute, never waited for."""

from collections.abc import Callable
from functools import cached_property
from typing import Any

from django.core.cache import caches
from django.http import HttpRequest, HttpResponseBase
from django.utils import timezone
from redis import RedisError

from accounts.actors import Actor
from contracts import permissions, work


def number(actor: Actor) -> int | None:
    """Tell how many things wait for a person; None when there is nowhere to remember it (Redis is away)."""
    try:
        known: int | None = _cache().get(_key(actor))
        if known is None:
            known = work.count(actor, at=timezone.now())
            _cache().set(_key(actor), known)
    except RedisError:
        return None
    return known


def forget(actor: Actor) -> None:
    """Have the next page count again."""
    try:
        _cache().delete(_key(actor))
    except RedisError:
        return


def _cache() -> Any:
    return caches["glance"]


def _key(actor: Actor) -> str:
    return f"waiting:{actor.tenant_id}:{actor.user_id}"


class Glance:
    """The way to one's inbox, on every page of those who have one; the number is asked for where it is shown."""

    def __init__(self, actor: Actor | None) -> None:
        self.actor = actor

    @property
    def is_shown(self) -> bool:
        return self.actor is not None and not self.actor.lacks_factor and permissions.has_work(self.actor)

    @cached_property
    def number(self) -> int | None:
        return number(self.actor) if self.actor is not None and self.is_shown else None


def page(request: HttpRequest) -> dict[str, Any]:
    """Give every page its reader's number of waiting things."""
    return {"glance": Glance(getattr(request, "actor", None))}


class GlanceMiddleware:
    """Forget a person's number once they have done something: what they just finished must not be counted."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        response = self.get_response(request)
        actor: Actor | None = getattr(request, "actor", None)
        if request.method == "POST" and actor is not None and actor.is_staff:
            forget(actor)
        return response
