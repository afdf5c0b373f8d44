"""What can be done together: the doors, the rows to choose from, the look before the button, and the button."""

import re
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Self
from urllib.parse import urlencode
from uuid import UUID, uuid4

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.db.models import Count, Q
from django.http import Http404, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_safe

from accounts import second_factor
from accounts.actors import Actor
from accounts.permissions import requires
from accounts.refusals import Refusal
from accounts.requests import ActorRequest
from contracts import permissions
from contracts.models import Batch, BatchKind, Case
from contracts.services.batches import asking
from contracts.services.batches.kind import MOST, Kind, Told
from contracts.services.batches.kinds import KINDS, open_to
from contracts.states import DeedState
from contracts.views.case_list import days_left
from contracts.work.scope import own

PAGE, RECENT = 50, 10
OF_DEPARTMENT = {BatchKind.SUBMIT, BatchKind.INVITE, BatchKind.REMIND}


@dataclass(frozen=True)
class Chosen:
    """The cases, or the rows, that an address or a form names."""

    cases: tuple[int, ...] = ()
    targets: tuple[int, ...] = ()

    @classmethod
    def of(cls, query: QueryDict) -> Self:
        return cls(_numbers(query.getlist("case")), _numbers(query.getlist("target")))

    @property
    def count(self) -> int:
        return len(self.cases) + len(self.targets)


def _numbers(texts: list[str]) -> tuple[int, ...]:
    return tuple(dict.fromkeys(int(text) for text in texts if re.fullmatch("[0-9]{1,18}", text)))


@require_safe
@requires(permissions.has_work)
def batches(request: ActorRequest) -> HttpResponse:
    """Show what this person can do together, how much of it waits, and what they asked for lately."""
    at = timezone.now()
    mine = Batch.objects.visible_to(request.actor).filter(asked_by_id=request.actor.user_id)
    done, left = (Count("deeds", filter=Q(deeds__state=state)) for state in (DeedState.DONE, DeedState.LEFT))
    context = {
        "doors": [(kind, _waiting(kind, request.actor, at=at).count()) for kind in open_to(request.actor, at=at)],
        "recent": mine.annotate(all=Count("deeds"), done=done, left=left).order_by("-pk")[:RECENT],
    }
    return render(request, "contracts/together/doors.html", context)


def _waiting(kind: Kind, actor: Actor, *, at: datetime) -> Any:
    """Query what waits for this person: of what a department does, only that of theirs."""
    rows = kind.among(actor, at=at)
    return rows.filter(own(actor, f"{kind.case}__" if kind.case else "")) if kind.name in OF_DEPARTMENT else rows


@require_http_methods(["GET", "HEAD", "POST"])
@requires(permissions.has_work)
def batch_new(request: ActorRequest, deed: str) -> HttpResponse:
    """Show the rows to choose from, or once some are chosen the look before the button; POST asks for them."""
    kind = KINDS.get(deed)
    if kind is None:
        raise Http404
    if not kind.may(request.actor):
        raise PermissionDenied("この操作を行う役割がありません。")
    chosen = Chosen.of(request.GET)
    if request.method == "POST":
        return _ask(request, kind, chosen)
    return _confirm(request, kind, chosen) if 0 < chosen.count <= MOST else _choose(request, kind, chosen)


def _choose(request: ActorRequest, kind: Kind, chosen: Chosen) -> HttpResponse:
    at = timezone.now()
    page = Paginator(_waiting(kind, request.actor, at=at), PAGE).get_page(request.GET.get("page"))
    told = kind.tell(list(page), request.actor, at)
    too_many = chosen.count > MOST
    context = {
        "kind": kind,
        "page": page,
        "rows": _with_days(told),
        "able": urlencode({"target": [each.target for each in told if not each.obstacle]}, doseq=True),
        "of_department": kind.name in OF_DEPARTMENT and request.actor.department_id is not None,
        "most": MOST,
        "too_many": too_many,
    }
    return render(request, "contracts/together/choose.html", context, status=422 if too_many else 200)


def _with_days(rows: list[Told]) -> list[tuple[Told, int | None]]:
    return [(each, days_left(each.case)) for each in rows]


def _confirm(
    request: ActorRequest, kind: Kind, chosen: Chosen, *, key: UUID | None = None, form: Any = None
) -> HttpResponse:
    with_code = kind.asks_code and second_factor.has_app(request)
    if kind.asks_code and not with_code and not second_factor.described(request):
        return second_factor.ask(request, back=request.get_full_path())
    at = timezone.now()
    found = list(kind.among(request.actor, at=at, cases=chosen.cases, targets=chosen.targets))
    told = kind.tell(found, request.actor, at)
    able, unable = ([each for each in told if bool(each.obstacle) is held] for held in (False, True))
    absent = set(chosen.cases) - {each.case.pk for each in told}
    context = {
        "kind": kind,
        "able": _with_days(able),
        "total": sum(each.amount for each in able),
        "unable": _with_days(unable),
        "absent": Case.objects.visible_to(request.actor).filter(pk__in=absent).order_by("pk") if absent else (),
        "key": key or uuid4(),
        "form": form or (second_factor.form(request) if with_code else None),
    }
    return render(request, "contracts/together/confirm.html", context, status=422 if form else 200)


def _ask(request: ActorRequest, kind: Kind, chosen: Chosen) -> HttpResponse:
    """Ask for what was shown; a page pressed twice leads to the same batch, before its code is tried again."""
    key = _key(request)
    if before := asking.asked_with(key, actor=request.actor):
        return redirect("batch", batch_id=before.pk)
    # 認証アプリのない人（パスキーの人）は、この頁の前に確かめを済ませている
    form = second_factor.form(request) if kind.asks_code and second_factor.has_app(request) else None
    if form is not None and not form.is_valid():
        return _confirm(request, kind, chosen, key=key, form=form)
    if form is not None:
        form.save()
    if kind.asks_code and not second_factor.described(request):
        return second_factor.ask(request, back=request.get_full_path())
    try:
        batch = asking.ask(
            kind,
            targets=Chosen.of(request.POST).targets,
            seen=_seen(request),
            key=key,
            actor=request.actor,
            at=timezone.now(),
            authentication=second_factor.described(request) if kind.asks_code else "",
        )
    except Refusal as refused:
        messages.warning(request, str(refused))
        return redirect(request.get_full_path())
    return redirect("batch", batch_id=batch.pk)


def _seen(request: ActorRequest) -> dict[int, int]:
    """Read which edit of each row the page showed: `row.edit`."""
    found = (re.fullmatch(r"([0-9]{1,18})\.([0-9]{1,9})", text) for text in request.POST.getlist("seen"))
    return {int(pair[1]): int(pair[2]) for pair in found if pair}


def _key(request: ActorRequest) -> UUID:
    try:
        return UUID(request.POST.get("key", ""))
    except ValueError:
        return uuid4()
