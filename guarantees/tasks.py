"""The doorbell of what guarantees do by themselves; the sweep rings it, the rows say what is due."""

from celery import shared_task
from django.utils import timezone

from accounts import rounds
from accounts.rounds import Turn
from guarantees.services import erasing


@shared_task
def sweep(**_later: object) -> None:
    """Erase the keys whose term is over, city by city in turn."""
    rounds.serve(sweep, waiting=lambda: rounds.waiting("guarantees_who_waits", at=timezone.now()), do=_do)


def _do(turn: Turn) -> bool:
    return erasing.erase_next(tenant_id=turn.tenant_id, at=timezone.now())
