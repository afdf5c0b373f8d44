"""Guarantees go back: all of a case when its works are completed, one by one for another reason; keys follow."""

from datetime import date, datetime, time, timedelta

from django.db import transaction
from django.utils import timezone

from accounts import permissions as doors
from accounts.actors import Actor
from accounts.querysets import lock
from contracts import rules as city_rules
from contracts.models import Case
from contracts.services import evidence
from contracts.services.keeping import terms
from guarantees import permissions, states
from guarantees.models import Completion, Guarantee
from guarantees.services import archiving, expecting
from guarantees.services.locking import lock_in_case
from guarantees.services.refusals import GuaranteeRefused, reason_given
from guarantees.states import GuaranteeState

COMPLETED = "工事が完成し、引渡しを受けました。"


@transaction.atomic
def complete(case: Case, *, actor: Actor, at: datetime, completed_date: date) -> Completion:
    """Record the completion of the works: what is held goes back, what was awaited is needed no more.

    The keys are erased at the city's term after the day (`guarantee.key_kept_days`). Raises GuaranteeRefused while a
    guarantee waits for its decision, for a second completion, and for a day to come.
    """
    case = lock(case, "rule_set")
    doors.check(permissions.may_handle, actor)
    rows = _living(case)
    _check(case, rows, completed_date=completed_date, at=at)
    completion: Completion = Completion.unscoped.create(
        tenant_id=case.tenant_id,
        case=case,
        completed_date=completed_date,
        recorded_by_id=actor.user_id,
        recorded_at=at,
    )
    for row in rows:
        row.case = case
        _end(row, at=at)
    archiving.end(completion)
    terms.completed(case, completed_date=completed_date, actor=actor, at=at)
    due_at = key_due_at(case, completed_date)
    Guarantee.unscoped.filter(case=case, sealed_key__isnull=False).update(key_due_at=due_at)
    evidence.record(
        "guarantee.completed",
        case,
        subject=f"case:{case.pk}",
        actor=actor,
        at=at,
        completed_date=completed_date.isoformat(),
        keys_kept_until=due_at.isoformat(),
        guarantees={row.pk: row.state for row in rows},
    )
    return completion


@transaction.atomic
def release(guarantee: Guarantee, *, actor: Actor, at: datetime, reason: str) -> Guarantee:
    """Give one guarantee back before the completion, with the reason (契約の解除 など); its key follows at the term."""
    reason = reason_given(reason, ask="返還・解除の理由を入力してください。")
    guarantee = lock_in_case(guarantee)
    if not permissions.can_release(actor, guarantee):
        raise GuaranteeRefused("受理した保証だけを、返還・解除できます。画面を開き直してご確認ください。")
    if guarantee.amendments.filter(state__in=states.OPEN).exists():
        raise GuaranteeRefused(
            "この保証を変更する証書の決定を待っています。先に、受理するか受理しないかを決めてください。"
        )
    guarantee.move_to(GuaranteeState.RELEASED)
    guarantee.released_at, guarantee.reason = at, reason
    if guarantee.sealed_key is not None:
        guarantee.key_due_at = key_due_at(guarantee.case, timezone.localdate(at))
    guarantee.save()
    archiving.follow(guarantee)
    subject = f"guarantee:{guarantee.pk}"
    evidence.record("guarantee.released", guarantee.case, subject=subject, actor=actor, at=at, reason=reason)
    return guarantee


def key_due_at(case: Case, day: date) -> datetime:
    """Say when keys are erased that nobody needs from a day (JST) on: when the city's term after it is over."""
    days = city_rules.key_kept_days(case.rule_set.data)
    return timezone.make_aware(datetime.combine(day + timedelta(days=days + 1), time.min))


def _living(case: Case) -> list[Guarantee]:
    rows = Guarantee.unscoped.select_for_update(of=("self",), no_key=True).filter(case=case)
    return list(rows.filter(state__in=states.UNSETTLED | states.HELD | {GuaranteeState.CHANGED}).order_by("pk"))


def _check(case: Case, rows: list[Guarantee], *, completed_date: date, at: datetime) -> None:
    if not expecting.has_contract(case):
        raise GuaranteeRefused("契約が成立していない案件の完成は登録できません。")
    if Completion.unscoped.filter(case=case).exists():
        raise GuaranteeRefused("この案件の完成は、すでに登録されています。")
    if completed_date > timezone.localdate(at):
        raise GuaranteeRefused("完成（引渡し）の日に、先の日付は登録できません。")
    if any(row.state in states.OPEN for row in rows):
        raise GuaranteeRefused("決定を待っている保証があります。先に、受理するか受理しないかを決めてください。")


def _end(row: Guarantee, *, at: datetime) -> None:
    if row.state == GuaranteeState.EXPECTED:
        row.move_to(GuaranteeState.NOT_NEEDED)
        row.decided_at, row.reason = at, COMPLETED
    else:
        row.move_to(GuaranteeState.RELEASED)
        row.released_at, row.reason = at, COMPLETED
    row.save()
    archiving.follow(row)
