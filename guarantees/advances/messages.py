"""Who is told what about advance payments: the contractor, whenever money is promised, paid or asked back."""

from datetime import datetime
from typing import Any

from contracts.dates import wareki, yen
from contracts.messages import tell
from guarantees.models import AdvanceKind, AdvancePayment


def _tell(advance: AdvancePayment, template: str, *, at: datetime, **context: Any) -> None:
    firm = advance.case.contractor
    tell(
        advance.case,
        f"guarantees/{template}",
        key=f"{advance.pk}:{at.isoformat()}",
        to=firm.email,
        at=at,
        recipient_name=firm.name,
        kind=advance.get_kind_display(),
        amount=yen(advance.amount) if advance.amount else "",
        due=wareki(advance.due_date) if advance.due_date else "",
        **context,
    )


def interim_certified(advance: AdvancePayment, *, at: datetime) -> None:
    """Tell that an interim advance was recognised, and what to hand in next."""
    assert advance.certified_date is not None  # noqa: S101 - only_an_interim_advance_is_certified
    _tell(advance, "interim_certified", at=at, certified=wareki(advance.certified_date))


def advance_claimed(advance: AdvancePayment, *, at: datetime) -> None:
    """Tell that a claim was taken, and until when it is paid."""
    assert advance.since_date is not None  # noqa: S101 - claimed_advance_has_its_amount
    _tell(advance, "advance_claimed", at=at, claimed=wareki(advance.since_date))


def advance_paid(advance: AdvancePayment, *, at: datetime) -> None:
    """Tell that an advance was paid."""
    assert advance.settled_date is not None  # noqa: S101 - settled_exactly_when_dated
    _tell(advance, "advance_paid", at=at, paid=wareki(advance.settled_date))


def advance_cancelled(advance: AdvancePayment, *, at: datetime) -> None:
    """Tell that a claim, a recognition or the asking for a refund has ended, and why."""
    is_refund = advance.kind == AdvanceKind.REFUND
    kind = advance.get_kind_display()
    ending = "前払金の返還は不要になりました" if is_refund else f"{kind}の手続きを取り消しました"
    _tell(advance, "advance_cancelled", at=at, is_refund=is_refund, ending=ending, reason=advance.reason)


def advance_refund_due(advance: AdvancePayment, *, at: datetime) -> None:
    """Ask back what exceeds the share of the reduced price, and say until when."""
    assert advance.since_date is not None  # noqa: S101 - claimed_advance_has_its_amount
    _tell(advance, "advance_refund_due", at=at, reduced=wareki(advance.since_date))
