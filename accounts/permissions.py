"""Doors: every view says who may pass. The middleware refuses a view that says nothing."""

from collections.abc import Callable
from functools import wraps
from typing import Any, TypeVar, cast

from django.contrib.auth.views import redirect_to_login
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import render
from django.utils import timezone

from accounts import roles
from accounts.actors import Actor
from accounts.models import Role
from accounts.refusals import MovedOn

View = TypeVar("View", bound=Callable[..., HttpResponseBase])
Predicate = Callable[..., bool]
ACCESS, PUBLIC = "access", "public"
HANDS_OUT = "hands_out"
LEAVES = "leaves"
# 自治体の外の人の役割。自治体の頁は開けない
OUTSIDE = frozenset({Role.UNDERWRITER, Role.OPERATOR})
READING = frozenset({"GET", "HEAD", "OPTIONS"})


def requires(predicate: Predicate) -> Callable[[View], View]:
    """Open a page to signed-in staff for whom the predicate holds; others sign in, or see 403 and whom to ask."""

    def door(view: View) -> View:
        @wraps(view)
        def opened(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
            actor: Actor | None = getattr(request, "actor", None)
            if actor is None or not actor.is_staff:
                return _without_role(request) if request.user.is_authenticated else _sign_in(request)
            if not predicate(actor):
                raise PermissionDenied("この操作を行う役割がありません。")
            if actor.is_visiting and request.method not in READING and not getattr(view, LEAVES, False):
                raise PermissionDenied("立入りの間は、見ることだけができます。")
            if only_looks(actor) and not actor.is_visiting and not _leaves_all_as_it_is(request, view):
                raise PermissionDenied("監査担当は、見ることと取り出すことだけができます。")
            return view(request, *args, **kwargs)

        setattr(opened, ACCESS, predicate.__name__)
        return cast(View, opened)

    return door


def hands_out(view: View) -> View:
    """Say of a page that its POST changes nothing but the journal: it verifies, or hands out what is there."""
    setattr(view, HANDS_OUT, True)
    return view


def leaves(view: View) -> View:
    """Say of a page that its POST ends a visit (立入り): the one thing a visitor may press."""
    setattr(view, LEAVES, True)
    return view


def is_public(view: Callable[..., HttpResponseBase]) -> bool:
    """Tell whether a view opens to whoever asks, so that nobody need be turned away from it."""
    return getattr(view, ACCESS, "") == PUBLIC


def _leaves_all_as_it_is(request: HttpRequest, view: Callable[..., HttpResponseBase]) -> bool:
    return request.method in READING or getattr(view, HANDS_OUT, False)


def _sign_in(request: HttpRequest) -> HttpResponseBase:
    return redirect_to_login(request.get_full_path())


def _without_role(request: HttpRequest) -> HttpResponseBase:
    """Tell someone who is signed in but holds no role today since when, from when, and whom to ask."""
    today = timezone.localdate()
    term = roles.nearest_term(request.user, on=today)  # type: ignore[arg-type]
    context = {"term": term, "coming": term is not None and term.starts_date is not None and term.starts_date > today}
    return render(request, "people/without_role.html", context, status=403)


def public(view: View) -> View:
    """Open a page to all: it shows no row of a municipality but those its mailed link names."""
    setattr(view, ACCESS, PUBLIC)
    return view


def check(predicate: Predicate, actor: Actor, *rows: object) -> None:
    """Refuse what the predicate does not allow.

    Raises MovedOn when the person has the role but the rows no longer stand as their page showed them, and
    PermissionDenied when they do not have it. Asked about no row, a predicate answers for the role alone.
    """
    if predicate(actor, *rows):
        return
    if rows and predicate(actor):
        raise MovedOn("すでに手続きが進んでいるため、この操作はできません。画面を開き直してご確認ください。")
    raise PermissionDenied("この操作を行う役割がありません。")


def is_staff(actor: Actor) -> bool:
    return actor.is_staff


def is_member(actor: Actor) -> bool:
    return actor.is_staff and bool(actor.roles - OUTSIDE)


def only_looks(actor: Actor) -> bool:
    """Tell whether this person is an auditor and nothing else: whatever they press, nothing of the city changes."""
    return actor.is_staff and actor.roles == {Role.AUDITOR}


def can_administer(actor: Actor) -> bool:
    return actor.is_staff and actor.has(Role.ADMINISTRATOR)


def operates(actor: Actor) -> bool:
    """Tell whether this person works for whoever runs this installation for all its municipalities."""
    return actor.is_staff and actor.has(Role.OPERATOR)


def comes_and_goes(actor: Actor) -> bool:
    """Tell whether this person may end a visit of their own: an operator, at their desk or in a city."""
    return actor.is_visiting or operates(actor)


def works_under_others(actor: Actor) -> bool:
    """Tell whether this person sees 代決 and the authority register without keeping them."""
    return is_member(actor) and not can_administer(actor)


def can_register_members(actor: Actor) -> bool:
    """The city's administrators register its people; its first one is registered by whoever runs the installation."""
    return can_administer(actor) or actor.is_system


def can_delegate(actor: Actor) -> bool:
    """Whoever takes part in decisions may name who stands in for them (代決); auditors only look."""
    return actor.is_staff and bool(actor.roles - OUTSIDE - {Role.AUDITOR})
