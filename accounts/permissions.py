"""Doors: every view says who may pass. The middleware refuses a view that says nothing."""

from collections.abc import Callable
from functools import wraps
from typing import Any, TypeVar, cast

from django.contrib.auth.views import redirect_to_login
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponseBase

from accounts.actors import Actor

View = TypeVar("View", bound=Callable[..., HttpResponseBase])
Predicate = Callable[..., bool]
ACCESS = "access"


def requires(predicate: Predicate) -> Callable[[View], View]:
    """Open a page to signed-in staff for whom the predicate holds; others sign in or see 403."""

    def door(view: View) -> View:
        @wraps(view)
        def opened(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
            actor: Actor | None = getattr(request, "actor", None)
            if actor is None or not actor.is_staff:
                return redirect_to_login(request.get_full_path())
            if not predicate(actor):
                raise PermissionDenied("この操作を行う役割がありません。")
            return view(request, *args, **kwargs)

        setattr(opened, ACCESS, predicate.__name__)
        return cast(View, opened)

    return door


def public(view: View) -> View:
    """Open a page to all: it shows no row of a municipality but those its mailed link names."""
    setattr(view, ACCESS, "public")
    return view


def check(predicate: Predicate, actor: Actor, *rows: object) -> None:
    """Refuse what the predicate does not allow."""
    if not predicate(actor, *rows):
        raise PermissionDenied("この操作を行う役割がありません。")


def is_staff(actor: Actor) -> bool:
    return actor.is_staff
