"""The doorbell of what people ask for at the door, and what is dropped at night."""

import logging
from datetime import timedelta
from typing import Any

from celery import shared_task
from django.utils import timezone

from accounts import doorbell, limits
from accounts.services import passwords, sittings, tries

logger = logging.getLogger(__name__)


@shared_task(ignore_result=True)
def send_password_links(**_: Any) -> None:
    """Answer those who asked for the link to a new password, the oldest first."""
    doorbell.answer(send_password_links)
    while passwords.answer_next(at=timezone.now()):
        pass


@shared_task(ignore_result=True)
def sweep(**_: Any) -> None:
    """Drop sessions that are over, old counts of failures that belong to nobody, and what was done before yesterday."""
    sittings.sweep(at=timezone.now())
    limits.forget(before=timezone.now() - timedelta(days=1))
    if removed := tries.sweep(at=timezone.now()):
        logger.info("sign-in tries: %s old counts dropped", removed)
