"""What guarantees keep of a case, and why a case may not be disposed of while they are open."""

from typing import Any

from contracts import holdings
from contracts.holdings import Holding, Obstacle
from guarantees.models import AdvancePayment, Attachment, Guarantee
from guarantees.states import HELD, UNSETTLED, AdvanceState

OPEN_ADVANCES = (AdvanceState.CERTIFIED, AdvanceState.CLAIMED, AdvanceState.REFUND_DUE)


def register() -> None:
    """Tell the registries of contracts."""
    ways = ("guarantee__case__custody", "arrival__case__custody")
    holdings.HOLDINGS.append(Holding(Attachment, "file", "保証の書類", ways, name="name", sha256="sha256", size="size"))
    holdings.OBSTACLES.append(Obstacle("受理や返還の済んでいない保証があります。", _guarantees))
    holdings.OBSTACLES.append(Obstacle("支払いや返還の済んでいない前払金があります。", _advances))


def _guarantees() -> Any:
    return Guarantee.unscoped.filter(state__in=UNSETTLED | HELD)


def _advances() -> Any:
    return AdvancePayment.unscoped.filter(state__in=OPEN_ADVANCES)
