"""The doorbell of the outbox: it says that mails wait. The task takes keywords it does not know, of newer versions."""

from typing import Any

from celery import shared_task
from django.utils import timezone

from accounts import rounds
from accounts.rounds import Turn
from notifications import delivery


@shared_task(ignore_result=True)
def deliver(**_: Any) -> None:
    """Send what is due, city by city in turn; the sweep rings for what no bell was rung for."""
    rounds.serve(deliver, waiting=lambda: rounds.waiting("notifications_who_waits", at=timezone.now()), do=_do)


def _do(turn: Turn) -> bool:
    return delivery.deliver_next(tenant_id=turn.tenant_id, at=timezone.now())
