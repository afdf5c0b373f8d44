"""Keep questions to a page of lists under a name, rename and share them, and let them go."""

from datetime import datetime

from django.db import transaction

from accounts import permissions as doors
from accounts.actors import Actor
from accounts.querysets import lock
from accounts.refusals import Refusal
from contracts import permissions
from contracts.models import SavedView, ViewPage
from contracts.services import evidence
from contracts.services.editing import put

MOST_OF_ONE = 50


class ViewRefused(Refusal):
    """The view cannot be kept as it was asked; the text says why."""


@transaction.atomic
def save(
    question: str,
    *,
    name: str,
    is_shared: bool,
    actor: Actor,
    at: datetime,
    page: ViewPage = ViewPage.ARCHIVE,
) -> SavedView:
    """Keep a question (what stands behind the 「?」 of a page's address) under a name that its owner has not there.

    Raises ViewRefused when the person has a view of that name, or as many as one may have.
    """
    doors.check(permissions.can_keep_views, actor)
    mine = SavedView.unscoped.filter(tenant_id=actor.tenant_id, owner_id=actor.user_id)
    if mine.count() >= MOST_OF_ONE:
        raise ViewRefused(f"保存できる条件は、一人{MOST_OF_ONE}件までです。使わないものを削除してください。")
    _check_name(name, page=page, actor=actor)
    view: SavedView = SavedView.unscoped.create(
        tenant_id=actor.tenant_id,
        owner_id=actor.user_id,
        page=page,
        name=name,
        question=question,
        is_shared=is_shared,
        saved_at=at,
    )
    _record("view.saved", view, actor=actor, at=at, is_shared=is_shared)
    return view


@transaction.atomic
def change(view: SavedView, *, name: str, is_shared: bool, actor: Actor, at: datetime) -> SavedView:
    """Rename a view, or open it to the city and close it again; only its owner may. Raises ViewRefused."""
    view = _own(view, actor)
    _check_name(name, page=ViewPage(view.page), actor=actor, but=view)
    if changed := put(view, {"name": name, "is_shared": is_shared}):
        view.save(update_fields=list(changed))
        _record("view.changed", view, actor=actor, at=at, changed=changed)
    return view


@transaction.atomic
def delete(view: SavedView, *, actor: Actor, at: datetime) -> None:
    """Let a view go; only its owner may. What it finds stays where it is. Raises ViewRefused."""
    view = _own(view, actor)
    _record("view.deleted", view, actor=actor, at=at)
    view.delete()


def _own(view: SavedView, actor: Actor) -> SavedView:
    doors.check(permissions.can_keep_views, actor)
    if view.owner_id != actor.user_id:
        raise ViewRefused(
            "保存した人だけが、名前を変えたり削除したりできます。ご自分の条件として保存し直してください。"
        )
    try:
        return lock(view)
    except SavedView.DoesNotExist:
        raise ViewRefused("この条件は、すでに削除されています。一覧を開き直してください。") from None


def _check_name(name: str, *, page: ViewPage, actor: Actor, but: SavedView | None = None) -> None:
    """Refuse a name that the person has given on this page before."""
    same = SavedView.unscoped.filter(tenant_id=actor.tenant_id, owner_id=actor.user_id, page=page, name=name)
    if same.exclude(pk=but.pk if but else None).exists():
        raise ViewRefused(f"「{name}」という名前の条件は、すでにあります。別の名前を付けてください。")


def _record(action: str, view: SavedView, *, actor: Actor, at: datetime, **data: object) -> None:
    told = {"name": view.name, "question": view.question, **data}
    evidence.record_in(str(view.page), action, subject=f"view:{view.pk}", actor=actor, at=at, **told)
