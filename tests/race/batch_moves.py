"""Many signatures asked for with one press, and the worker that comes to them; with these, the moves are complete."""

from collections.abc import Callable
from uuid import UUID

from django.utils import timezone

from contracts.models import BatchKind
from contracts.services.batches import asking, carrying
from contracts.services.batches.kinds import KINDS
from tests.race.mail_moves import MOVES
from tests.race.moves import BY_PASSWORD, Deed, in_request, staff

__all__ = ["MOVES"]


@in_request
def ask_together(*, step: int, user: int, key: str) -> Deed:
    kind, actor = KINDS[BatchKind.SIGN], staff(user)
    press = {"key": UUID(key), "actor": actor, "authentication": BY_PASSWORD}
    return lambda: asking.ask(kind, targets=[step], at=timezone.now(), **press)


def carry_out(tenant_id: int, start: Callable[[], object]) -> bool:
    """Do what was asked for as the worker does: in a transaction of its own."""
    start()
    return carrying.carry_next(tenant_id=tenant_id, at=timezone.now())


MOVES["carry_out"] = carry_out
