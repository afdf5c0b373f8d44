"""The recognition (認定) that opens an interim advance: half the time, half the work, on schedule (約款の中間前払)."""

from datetime import date, datetime

from django.db import transaction

from accounts import permissions as doors
from accounts.actors import Actor
from accounts.querysets import lock
from contracts.models import Case
from contracts.services import evidence
from guarantees.advances import account, messages
from guarantees.advances.services.refusals import AdvanceRefused, check_case, check_day
from guarantees.models import AdvanceKind, AdvancePayment
from guarantees.permissions import may_handle
from guarantees.rules import amounts
from guarantees.states import UNPAID, AdvanceState


@transaction.atomic
def certify(
    case: Case, *, actor: Actor, at: datetime, certified_date: date, done_amount: int, on_schedule: bool
) -> AdvancePayment:
    """Recognise that a contractor may claim an interim advance, as of a day; `done_amount` in yen.

    Raises AdvanceRefused, naming all that is missing, and where the city or the contract pays none.
    """
    doors.check(may_handle, actor)
    case = lock(case, "rule_set", "tenant", "contractor")
    check_case(case)
    check_day(certified_date, case=case, at=at, what="認定の基準日")
    _check(case, certified_date=certified_date, done_amount=done_amount, on_schedule=on_schedule)
    made: AdvancePayment = AdvancePayment.unscoped.create(
        tenant_id=case.tenant_id,
        case=case,
        kind=AdvanceKind.INTERIM,
        state=AdvanceState.CERTIFIED,
        certified_date=certified_date,
        done_amount=done_amount,
        certified_by_id=actor.user_id,
        certified_at=at,
    )
    messages.interim_certified(made, at=at)
    evidence.record(
        "advance.certified",
        case,
        subject=f"advance:{made.pk}",
        actor=actor,
        at=at,
        certified_date=certified_date.isoformat(),
        done_amount=done_amount,
    )
    return made


def _check(case: Case, *, certified_date: date, done_amount: int, on_schedule: bool) -> None:
    found = account.of(case)
    if reason := found.why_not(AdvanceKind.INTERIM):
        raise AdvanceRefused(reason)
    if not found.advance:
        raise AdvanceRefused("中間前払金は、前払金を支払った後に認定できます。")
    if AdvancePayment.unscoped.filter(case=case, kind=AdvanceKind.INTERIM, state__in=UNPAID).exists():
        raise AdvanceRefused("中間前払金は、すでに認定しています。請求をお待ちください。")
    if done_amount > found.price:
        raise AdvanceRefused("行われた作業に要する経費が、請負代金額を超えています。金額をご確認ください。")
    lacking = amounts.unproven(
        found.terms,
        base=found.price,
        done_amount=done_amount,
        work=found.work,
        on=certified_date,
        on_schedule=on_schedule,
    )
    if lacking:
        raise AdvanceRefused(f"認定の要件を満たしていません。{''.join(lacking)}")
