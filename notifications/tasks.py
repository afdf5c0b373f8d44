"""The doorbell of the outbox: it says that mails wait. The task takes keywords it does not know, of newer versions."""

import logging
from functools import partial
from typing import Any

from celery import shared_task
from django.conf import settings
from django.utils import timezone

from accounts import rounds
from accounts.rounds import Turn
from notifications import delivery
from notifications.bounces import fetching, mailbox
from notifications.line import Line

logger = logging.getLogger(__name__)


@shared_task(ignore_result=True)
def deliver(**_: Any) -> None:
    """Send what is due, city by city in turn; the sweep rings for what no bell was rung for."""
    with Line() as line:
        rounds.serve(deliver, waiting=waiting, do=partial(_do, line=line))


def waiting() -> list[Turn]:
    """Tell which municipalities have mails that are due."""
    return rounds.waiting("notifications_who_waits", at=timezone.now())


def _do(turn: Turn, *, line: Line) -> bool:
    return delivery.deliver_next(tenant_id=turn.tenant_id, at=timezone.now(), line=line)


@shared_task(ignore_result=True)
def fetch_bounces(**_: Any) -> None:
    """Read what came back to the return path, where a mailbox for it is set."""
    if not settings.BOUNCE_MAILBOX:
        return
    try:
        counted = fetching.fetch(at=timezone.now())
    except (mailbox.Unfit, OSError) as trouble:
        logger.error("the mailbox of bounces cannot be read: %s", trouble)  # noqa: TRY400 - 相手の都合で、跡は要らない
        return
    if counted:
        logger.info("bounces: %s", ", ".join(f"{outcome.name} {number}" for outcome, number in counted.items()))


@shared_task(ignore_result=True)
def remind(**_: Any) -> None:
    """Hold the mornings whose time has come, city by city in turn."""
    rounds.serve(remind, waiting=_mornings, do=_hold)


def _mornings() -> list[Turn]:
    return rounds.waiting("notifications_whose_morning", at=timezone.now())


def _hold(turn: Turn) -> bool:
    from notifications.reminders import daily  # 催促は outbox に書き、outbox はこの鈴を鳴らす

    return daily.hold(tenant_id=turn.tenant_id, at=timezone.now())
