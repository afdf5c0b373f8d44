"""Begin the keeping of a contract's records, and count its term once the works are completed (R20)."""

from datetime import date, datetime
from typing import Any

from django.db import transaction
from django.utils import timezone

from accounts import permissions as doors
from accounts.actors import Actor
from accounts.querysets import lock
from accounts.refusals import Refusal
from contracts import permissions, rules
from contracts.dates import fiscal_year, wareki
from contracts.models import Case, Custody, ForeignContract
from contracts.services import evidence
from contracts.services.cases import registering
from contracts.states import ItemState


class KeepingRefused(Refusal):
    """The term, the hold or the disposal is not possible this way; the text says what to do."""


def on_contracted(case: Case, _actor: Actor, _at: datetime) -> None:
    """Begin to keep the records of a case that has its contract."""
    Custody.unscoped.get_or_create(tenant_id=case.tenant_id, case=case)


def completed(case: Case, *, completed_date: date, actor: Actor, at: datetime) -> None:
    """Count the term of a case whose works are completed."""
    custody, _ = Custody.unscoped.get_or_create(tenant_id=case.tenant_id, case=case)
    _count(custody, completed_date=completed_date, actor=actor, at=at)


def begin(foreign: ForeignContract, *, completed_date: date | None, actor: Actor, at: datetime) -> Custody:
    """Begin to keep a contract that was concluded elsewhere; its term is counted when the day is known."""
    custody: Custody = Custody.unscoped.create(tenant_id=foreign.tenant_id, foreign=foreign)
    if completed_date is not None:
        _count(custody, completed_date=completed_date, actor=actor, at=at)
    return custody


@transaction.atomic
def complete(custody: Custody, *, completed_date: date, actor: Actor, at: datetime) -> Custody:
    """Note, or correct, when the works of a contract concluded elsewhere were completed.

    Raises KeepingRefused for a case (its completion settles its guarantees, too), for a day to come or before the
    contract, and once it stands on a list of disposal.
    """
    custody = lock(custody)
    doors.check(permissions.can_keep_records, actor)
    foreign = custody.foreign
    if foreign is None:
        raise KeepingRefused("この案件の完成は、案件のページの「保証」で登録してください。")
    if custody.items.exclude(state=ItemState.LEFT).exists():
        raise KeepingRefused("廃棄の起案に載っているため、履行完了日を変えられません。先に起案を取りやめてください。")
    if completed_date > timezone.localdate(at):
        raise KeepingRefused(f"{wareki(completed_date)}は、まだ来ていません。完了した日を入力してください。")
    if completed_date < foreign.concluded_date:
        raise KeepingRefused(f"契約日（{wareki(foreign.concluded_date)}）より前の日は登録できません。")
    _count(custody, completed_date=completed_date, actor=actor, at=at)
    return custody


def _count(custody: Custody, *, completed_date: date, actor: Actor, at: datetime) -> None:
    rule_set = registering.rules_in_force(tenant_id=custody.tenant_id, at=at)
    counted = rules.retention(rule_set.data, kind=custody.subject.kind, completed=completed_date)
    custody.completed_date, custody.rule_set = completed_date, rule_set
    custody.period, custody.working, custody.ends_date = counted.period, counted.working, counted.ends
    custody.due_year = fiscal_year(counted.ends) if counted.ends else None
    custody.save()
    note(
        "custody.counted",
        custody,
        actor=actor,
        at=at,
        completed_date=completed_date.isoformat(),
        working=counted.working,
        rules=f"{rule_set.name} 第{rule_set.number}版",
    )


def note(action: str, custody: Custody, *, actor: Actor, at: datetime, **data: Any) -> None:
    """Write an event into the thread of what is kept; last in a service."""
    subject = f"custody:{custody.pk}"
    if custody.case is not None:
        evidence.record(action, custody.case, subject=subject, actor=actor, at=at, **data)
    else:
        evidence.record_in(custody.thread, action, subject=subject, actor=actor, at=at, title=custody.title, **data)
