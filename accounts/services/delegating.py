"""代決: on some days a colleague decides in someone's stead. Decisions only: a signature is one's own authority."""

from datetime import date, datetime

from django.db import transaction
from django.utils import timezone

from accounts import permissions
from accounts.actors import Actor
from accounts.models import Delegation, Membership, User
from accounts.querysets import lock
from accounts.refusals import Refusal
from accounts.services import evidence


class DelegationRefused(Refusal):
    """Nobody can be named to stand in this way."""


@transaction.atomic
def register(
    *, actor: Actor, at: datetime, principal: User, delegate: User, first_date: date, last_date: date, reason: str
) -> Delegation:
    """Let a colleague decide in the principal's stead from the first to the last day (JST, both count).

    The principal registers it, or an administrator for them. Raises DelegationRefused for days gone by, for
    days on which someone else already stands in, and for people who hold no role on them.
    """
    _check_asker(actor, principal)
    if principal.pk == delegate.pk:
        raise DelegationRefused("本人を、本人の代決者にはできません。")
    if last_date < first_date:
        raise DelegationRefused("終わりの日が始まりの日より前になっています。")
    if first_date < timezone.localdate(at):
        raise DelegationRefused("代決は、今日以後の日について登録してください。さかのぼって任せることはできません。")
    for person in (principal, delegate):
        _check_term(person, actor=actor, first_date=first_date, last_date=last_date)
    _check_overlap(principal, actor=actor, first_date=first_date, last_date=last_date)
    delegation: Delegation = Delegation.unscoped.create(
        tenant_id=actor.tenant_id,
        principal=principal,
        delegate=delegate,
        first_date=first_date,
        last_date=last_date,
        reason=reason.strip(),
    )
    _record("people.delegation_registered", delegation, actor=actor, at=at)
    return delegation


def _check_asker(actor: Actor, principal: User) -> None:
    if not permissions.can_administer(actor) and actor.user_id != principal.pk:
        raise DelegationRefused("代決を登録し、取り消せるのは、本人と運用管理者です。")
    permissions.check(permissions.can_delegate, actor)


def _check_term(person: User, *, actor: Actor, first_date: date, last_date: date) -> None:
    held = Membership.unscoped.filter(tenant_id=actor.tenant_id, user=person, user__is_active=True)
    if not all(held.held_on(day).exists() for day in (first_date, last_date)):
        raise DelegationRefused(f"{person.name}さんの任期は、代決の期間のすべてを含みません。期間を見直してください。")


def _check_overlap(principal: User, *, actor: Actor, first_date: date, last_date: date) -> None:
    # 同時に登録する二人の一方は、ここで待つ。
    list(Membership.unscoped.select_for_update().filter(tenant_id=actor.tenant_id, user=principal).order_by("pk"))
    others = Delegation.unscoped.filter(tenant_id=actor.tenant_id, principal=principal).select_related("delegate")
    other = others.filter(first_date__lte=last_date, last_date__gte=first_date).first()
    if other is not None:
        raise DelegationRefused(
            f"この期間と重なる代決（{other.delegate.name}さん）が、すでにあります。先に取り消すか、期間を分けてください。"
        )


@transaction.atomic
def revoke(delegation: Delegation, *, actor: Actor, at: datetime) -> None:
    """End a 代決 today; one that has not begun is taken back. Raises DelegationRefused when it is over."""
    delegation = lock(delegation)
    _check_asker(actor, delegation.principal)
    today = timezone.localdate(at)
    if delegation.last_date < today:
        raise DelegationRefused("この代決は、すでに終わっています。")
    pk = delegation.pk
    if delegation.first_date > today:
        delegation.delete()
        delegation.pk = pk
    else:
        delegation.last_date = today
        delegation.save(update_fields=["last_date"])
    _record("people.delegation_revoked", delegation, actor=actor, at=at)


def _record(action: str, delegation: Delegation, *, actor: Actor, at: datetime) -> None:
    evidence.record(
        action,
        actor=actor,
        at=at,
        thread=evidence.thread_of(delegation.principal),
        subject=f"delegation:{delegation.pk}",
        principal=evidence.about(delegation.principal),
        delegate=evidence.about(delegation.delegate),
        first_date=delegation.first_date.isoformat(),
        last_date=delegation.last_date.isoformat(),
        reason=delegation.reason,
    )
