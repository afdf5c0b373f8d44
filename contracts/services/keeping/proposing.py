"""Propose what is to be disposed of, and have two others approve it. Nothing is ever proposed by the program (R20)."""

from datetime import date, datetime
from typing import Any

from django.db import transaction
from django.db.models import Case as Choose
from django.db.models import CharField, Exists, OuterRef, Q, Value, When
from django.utils import timezone

from accounts import permissions as doors
from accounts import roles
from accounts.actors import Actor
from accounts.models import User
from accounts.querysets import lock
from contracts import permissions
from contracts.dates import wareki
from contracts.holdings import OBSTACLES
from contracts.models import Custody, Disposal, DisposalItem, LegalHold
from contracts.permissions import DISPOSERS
from contracts.services import evidence
from contracts.services.keeping import messages
from contracts.services.keeping.terms import KeepingRefused
from contracts.states import DisposalState, ItemState

THREAD = "disposals"
MOST = 2_000
HELD = "廃棄が保留されています。"
LISTED = "すでに別の起案に載っています。"
ITEMS_OF_OTHERS = Q(state__in=[ItemState.LISTED, ItemState.DUE])


def due(*, tenant_id: int, up_to: date) -> Any:
    """Query what is kept and ended its term up to a day, each with its `obstacle`: "" where there is none."""
    rows = Custody.unscoped.filter(tenant_id=tenant_id, disposed_at__isnull=True, ends_date__lte=up_to)
    listed = Exists(DisposalItem.unscoped.filter(ITEMS_OF_OTHERS, custody=OuterRef("pk")))
    return judged(rows).annotate(listed=listed)


def judged(rows: Any) -> Any:
    """Put beside each custody what keeps it from being disposed of now, beside its term."""
    held = Exists(LegalHold.unscoped.filter(custody=OuterRef("pk"), released_at__isnull=True))
    reasons = [When(held, then=Value(HELD))]
    reasons += [When(each.stands(), then=Value(each.reason)) for each in OBSTACLES]
    return rows.annotate(obstacle=Choose(*reasons, default=Value(""), output_field=CharField()))


@transaction.atomic
def propose(*, up_to: date, actor: Actor, at: datetime) -> Disposal:
    """List what became due up to a day and nothing stands against, at most MOST of them, the longest due first.

    Raises KeepingRefused for a day that is not over, when nothing is due, and where two others could not approve.
    """
    doors.check(permissions.can_propose_disposal, actor)
    check_day(up_to, on=timezone.localdate(at))
    found = due(tenant_id=actor.tenant_id, up_to=up_to).filter(obstacle="", listed=False)
    custodies = list(found.order_by("ends_date", "pk").values_list("pk", flat=True)[:MOST])
    if not custodies:
        raise KeepingRefused("この日までに保存期間が終わり、廃棄できるものはありません。")
    asked = _asked(actor, on=timezone.localdate(at))
    disposal: Disposal = Disposal.unscoped.create(
        tenant_id=actor.tenant_id, up_to_date=up_to, made_by_id=actor.user_id, made_at=at
    )
    # 二人が同時に起案しても、同じものは一つの一覧にしか載らない（制約 on_one_living_list_at_a_time）
    DisposalItem.unscoped.bulk_create(
        DisposalItem(tenant_id=actor.tenant_id, disposal=disposal, custody_id=pk, due_at=at) for pk in custodies
    )
    messages.disposal_requested(disposal, to=User.objects.filter(pk__in=asked), count=len(custodies), at=at)
    _record("disposal.proposed", disposal, actor=actor, at=at, count=len(custodies), up_to=up_to.isoformat())
    return disposal


def check_day(up_to: date, *, on: date) -> None:
    """Refuse a day that is not over yet; raises KeepingRefused."""
    if up_to >= on:
        raise KeepingRefused(f"{wareki(up_to)}は、まだ過ぎていません。過ぎた日を選んでください。")


def approvers(*, tenant: Any, besides: int | None, on: date) -> set[int]:
    """Tell who may approve a proposal on a day, by their ids: not the one who made it."""
    able = {pk for role in DISPOSERS for pk in roles.holders(tenant, role, on=on).values_list("pk", flat=True)}
    return able - {besides}


def _asked(actor: Actor, *, on: date) -> set[int]:
    """Tell who is asked to approve what this person proposes; raises KeepingRefused for fewer than two."""
    asked = approvers(tenant=actor.tenant_id, besides=actor.user_id, on=on)
    if len(asked) < 2:
        raise KeepingRefused(
            f"承認に必要な二人がそろいません（起案する人のほかに、いま{len(asked)}人）。"
            "運用管理者に、承認者の役割の登録をご依頼ください。"
        )
    return asked


@transaction.atomic
def approve(disposal: Disposal, *, actor: Actor, at: datetime) -> Disposal:
    """Approve a proposal; the second of two gives it to the worker. Raises KeepingRefused for its maker and twice."""
    disposal = lock(disposal)
    doors.check(permissions.may_approve_disposal, actor)
    if disposal.state != DisposalState.PROPOSED:
        raise KeepingRefused(f"この起案は、すでに{disposal.get_state_display()}です。画面を開き直してご確認ください。")
    if actor.user_id == disposal.made_by_id:
        raise KeepingRefused("自分の起案は承認できません。ほかの二人の承認が要ります。")
    if actor.user_id == disposal.first_by_id:
        raise KeepingRefused("すでに承認しています。あと一人、別の人の承認が要ります。")
    if disposal.first_by_id is None:
        disposal.first_by_id, disposal.first_at = actor.user_id, at
    else:
        disposal.second_by_id, disposal.second_at = actor.user_id, at
        disposal.move_to(DisposalState.APPROVED)
        disposal.items.filter(state=ItemState.LISTED).update(state=ItemState.DUE, due_at=at)
    disposal.save()
    _record("disposal.approved", disposal, actor=actor, at=at, count=disposal.items.count(), complete=_whole(disposal))
    return disposal


def _whole(disposal: Disposal) -> bool:
    return disposal.state == DisposalState.APPROVED


@transaction.atomic
def withdraw(disposal: Disposal, *, reason: str, actor: Actor, at: datetime) -> Disposal:
    """Give a proposal up before both have approved; everything on it stays. Raises KeepingRefused without a reason."""
    disposal = lock(disposal)
    doors.check(permissions.can_withdraw_disposal, actor)
    if not reason.strip():
        raise KeepingRefused("取りやめる理由を入力してください。")
    if disposal.state != DisposalState.PROPOSED:
        raise KeepingRefused(f"この起案は、すでに{disposal.get_state_display()}です。取りやめられません。")
    disposal.move_to(DisposalState.WITHDRAWN)
    disposal.withdraw_reason, disposal.closed_at = reason.strip(), at
    disposal.save()
    because = "起案が取りやめられました。"
    disposal.items.filter(state=ItemState.LISTED).update(state=ItemState.LEFT, left_because=because)
    _record("disposal.withdrawn", disposal, actor=actor, at=at, reason=disposal.withdraw_reason)
    return disposal


def _record(action: str, disposal: Disposal, *, actor: Actor, at: datetime, **data: Any) -> None:
    evidence.record_in(THREAD, action, subject=f"disposal:{disposal.pk}", actor=actor, at=at, **data)
