"""Who may do what with an advance payment: those who handle guarantees (契約検査担当, the drafters of the 担当課)."""

from accounts.actors import Actor
from guarantees.models import AdvancePayment
from guarantees.permissions import may_handle
from guarantees.states import UNPAID, AdvanceState


def can_pay(actor: Actor, advance: AdvancePayment) -> bool:
    return may_handle(actor) and advance.state == AdvanceState.CLAIMED


def can_take_back(actor: Actor, advance: AdvancePayment) -> bool:
    return may_handle(actor) and advance.state == AdvanceState.REFUND_DUE


def can_cancel(actor: Actor, advance: AdvancePayment) -> bool:
    return may_handle(actor) and advance.state in UNPAID
