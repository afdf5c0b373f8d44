"""What was received beyond the share of a reduced price is given back in time (約款の前金払, §2.5)."""

from datetime import date, datetime

from django.db import transaction

from accounts.actors import Actor
from accounts.querysets import lock
from contracts import rules as city_rules
from contracts.models import Case
from contracts.services import evidence
from guarantees.advances import account, messages, permissions
from guarantees.advances.services.refusals import MOVED_ON, AdvanceRefused, check_day
from guarantees.models import AdvanceBasis, AdvanceKind, AdvancePayment
from guarantees.states import AdvanceState

SETTLED = "契約の変更により、返還の必要がなくなりました。"


def on_amended(case: Case, day: date, actor: Actor, at: datetime) -> None:
    """Follow an amendment: ask back what exceeds the city's share of the new price, or ask no more for it.

    Where advances are reckoned from a part of the price, that part must be set anew first; the day waits with it.
    """
    AdvanceBasis.unscoped.filter(case=case, base_price__isnull=False).update(changed_date=day)
    settle(case, since=day, actor=actor, at=at)


def settle(case: Case, *, since: date, actor: Actor, at: datetime) -> AdvancePayment | None:
    """Bring the refund of a case in line with its price of now; `since` is the day the price was changed (JST)."""
    if not AdvancePayment.unscoped.filter(case=case, state=AdvanceState.PAID).exists():
        return None
    found = account.of(case)
    rows = AdvancePayment.unscoped.select_for_update(of=("self",), no_key=True)
    row = rows.filter(case=case, state=AdvanceState.REFUND_DUE).first()
    if found.is_stale or (row.amount if row else 0) == found.refund:
        return None
    row = row or AdvancePayment(tenant_id=case.tenant_id, kind=AdvanceKind.REFUND, state=AdvanceState.REFUND_DUE)
    row.case = case
    if not found.refund:
        return _end(row, actor=actor, at=at)
    due = city_rules.refund_due(case.rule_set.data, since)
    row.amount, row.since_date, row.due_date, row.due_working = found.refund, since, due.date, due.working
    row.save()
    messages.advance_refund_due(row, at=at)
    _record("advance.refund_due", row, actor=actor, at=at, due_date=due.date.isoformat())
    return row


@transaction.atomic
def take_back(advance: AdvancePayment, *, actor: Actor, at: datetime, refunded_date: date) -> AdvancePayment:
    """Note that a refund came in on a day (JST)."""
    case = lock(advance.case)
    advance = lock(advance)
    if not permissions.can_take_back(actor, advance):
        raise AdvanceRefused(MOVED_ON)
    assert advance.due_date  # noqa: S101 - claimed_advance_has_its_amount
    check_day(refunded_date, case=case, at=at, what="返還を受けた日", first=advance.since_date)
    advance.move_to(AdvanceState.REFUNDED)
    advance.settled_date, advance.settled_by_id, advance.settled_at = refunded_date, actor.user_id, at
    advance.save()
    late = max(0, (refunded_date - advance.due_date).days)
    _record("advance.refunded", advance, actor=actor, at=at, refunded_date=refunded_date.isoformat(), late_days=late)
    return advance


def _end(row: AdvancePayment, *, actor: Actor, at: datetime) -> AdvancePayment:
    row.move_to(AdvanceState.CANCELLED)
    row.reason, row.settled_at = SETTLED, at
    row.save()
    messages.advance_cancelled(row, at=at)
    _record("advance.cancelled", row, actor=actor, at=at, reason=SETTLED)
    return row


def _record(action: str, row: AdvancePayment, *, actor: Actor, at: datetime, **data: object) -> None:
    evidence.record(action, row.case, subject=f"advance:{row.pk}", actor=actor, at=at, amount=row.amount, **data)
