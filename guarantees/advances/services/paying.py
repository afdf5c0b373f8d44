"""An advance is claimed, gated by its guarantee, and paid in time (約款の前金払, §2.5)."""

from datetime import date, datetime

from django.db import transaction

from accounts import permissions as doors
from accounts.actors import Actor
from accounts.querysets import lock
from contracts import rules as city_rules
from contracts.dates import yen
from contracts.models import Case
from contracts.services import evidence
from guarantees.advances import account, messages, permissions
from guarantees.advances.account import Account
from guarantees.advances.services.refusals import MOVED_ON, AdvanceRefused, check_case, check_day
from guarantees.models import AdvanceKind, AdvancePayment
from guarantees.permissions import may_handle
from guarantees.services.refusals import reason_given
from guarantees.states import UNPAID, AdvanceState


@transaction.atomic
def claim(case: Case, *, actor: Actor, at: datetime, kind: str, amount: int, claimed_date: date) -> AdvancePayment:
    """Take a claim for an advance in yen that came on a day (JST), and count until when it is to be paid.

    Raises AdvanceRefused where the guarantee is not deposited or does not cover it, the 認定 of an interim one is
    missing, the amount passes what may be paid, or the city or the contract pays none.
    """
    doors.check(may_handle, actor)
    case = lock(case, "rule_set", "tenant", "contractor")
    check_case(case)
    check_day(claimed_date, case=case, at=at, what="請求を受けた日")
    _check(account.of(case), kind=kind, amount=amount)
    advance = _opened(case, kind=kind)
    due = city_rules.payment_due(case.rule_set.data, claimed_date)
    advance.state, advance.amount = AdvanceState.CLAIMED, amount
    advance.since_date, advance.due_date, advance.due_working = claimed_date, due.date, due.working
    advance.taken_by_id, advance.taken_at = actor.user_id, at
    advance.save()
    messages.advance_claimed(advance, at=at)
    evidence.record(
        "advance.claimed",
        case,
        subject=f"advance:{advance.pk}",
        actor=actor,
        at=at,
        kind=kind,
        amount=amount,
        claimed_date=claimed_date.isoformat(),
        due_date=due.date.isoformat(),
    )
    return advance


@transaction.atomic
def pay(advance: AdvancePayment, *, actor: Actor, at: datetime, paid_date: date) -> AdvancePayment:
    """Note that a claimed advance was paid on a day (JST), if its guarantee still stands at that moment."""
    case = lock(advance.case, "rule_set", "tenant", "contractor")
    advance = lock(advance)
    if not permissions.can_pay(actor, advance):
        raise AdvanceRefused(MOVED_ON)
    assert advance.amount and advance.since_date and advance.due_date  # noqa: S101, PT018 - claimed_advance_has_its_amount
    check_day(paid_date, case=case, at=at, what="支払った日", first=advance.since_date)
    _check(account.of(case), kind=advance.kind, amount=advance.amount)
    advance.move_to(AdvanceState.PAID)
    advance.settled_date, advance.settled_by_id, advance.settled_at = paid_date, actor.user_id, at
    advance.save()
    messages.advance_paid(advance, at=at)
    evidence.record(
        "advance.paid",
        case,
        subject=f"advance:{advance.pk}",
        actor=actor,
        at=at,
        amount=advance.amount,
        paid_date=paid_date.isoformat(),
        late_days=max(0, (paid_date - advance.due_date).days),
    )
    return advance


@transaction.atomic
def cancel(advance: AdvancePayment, *, actor: Actor, at: datetime, reason: str) -> AdvancePayment:
    """End what is not paid, or not given back, with the reason the contractor is told."""
    case = lock(advance.case, "tenant", "contractor")
    advance = lock(advance)
    if not permissions.can_cancel(actor, advance):
        raise AdvanceRefused(MOVED_ON)
    advance.reason = reason_given(reason, ask="取り消す理由を入力してください。")
    advance.move_to(AdvanceState.CANCELLED)
    advance.settled_by_id, advance.settled_at = actor.user_id, at
    advance.save()
    messages.advance_cancelled(advance, at=at)
    subject = f"advance:{advance.pk}"
    evidence.record("advance.cancelled", case, subject=subject, actor=actor, at=at, reason=advance.reason)
    return advance


def _check(found: Account, *, kind: str, amount: int) -> None:
    label = AdvanceKind(kind).label
    if reason := found.why_not(kind):
        raise AdvanceRefused(reason)
    if amount <= 0:
        raise AdvanceRefused("請求額は1円以上で入力してください。")
    if over := max(0, amount - found.payable(kind)):
        raise AdvanceRefused(f"支払える{label}は {yen(found.payable(kind))} までです。{yen(over)} 超えています。")
    if not found.covered.get(kind):
        raise AdvanceRefused(f"{label}保証がまだ受理されていません。保証を受理してから、請求を受け付けてください。")
    if short := found.uncovered(kind, amount):
        raise AdvanceRefused(
            f"{label}保証の保証金額が {yen(short)} 足りません。増額した証書を受理してから、受け付けてください。"
        )


def _opened(case: Case, *, kind: str) -> AdvancePayment:
    """Find the 認定 that a claim follows, or begin a row; a further interim claim stands on the 認定 of the first."""
    if AdvancePayment.unscoped.filter(case=case, state=AdvanceState.REFUND_DUE).exists():
        raise AdvanceRefused("前払金の返還を待っています。返還が済んでから、請求を受け付けてください。")
    rows = AdvancePayment.unscoped.filter(case=case, kind=kind).order_by("pk")
    row = rows.filter(state__in=UNPAID).first()
    if row is not None and row.state != AdvanceState.CERTIFIED:
        raise AdvanceRefused(f"{AdvanceKind(kind).label}の請求を、すでに受け付けています。支払を先に済ませてください。")
    if row is not None or kind == AdvanceKind.ADVANCE:
        return row or AdvancePayment(tenant_id=case.tenant_id, case=case, kind=kind)
    before = rows.filter(state=AdvanceState.PAID).last()
    if before is None:
        raise AdvanceRefused("中間前払金の認定がまだです。先に認定を登録してください。")
    return AdvancePayment(
        tenant_id=case.tenant_id,
        case=case,
        kind=kind,
        certified_date=before.certified_date,
        done_amount=before.done_amount,
        certified_by_id=before.certified_by_id,
        certified_at=before.certified_at,
    )
