"""As a digest leaves: whether its reasons still hold, and how they read on this very day."""

from datetime import datetime
from typing import Any

from django.utils import timezone

from notifications import hooks
from notifications.models import Delivery, Reminder
from notifications.reminders import registry
from notifications.reminders.registry import Asking, Digest


def register_digest(digest: Digest) -> None:
    """Add a kind of morning mail; it is asked again, as it leaves, whether its reasons still hold."""
    registry.digests[digest.template] = digest
    hooks.still_needed[digest.template] = context_now


def context_now(delivery: Delivery, at: datetime) -> dict[str, Any] | None:
    """Write a digest anew from what still waits of its items; None when nothing is left of it."""
    told = {(row.rule, row.subject): row.planned for row in Reminder.unscoped.filter(delivery=delivery)}
    if not told:
        return None
    on = timezone.localdate(at)
    days = told.values()
    asking = Asking(
        delivery.tenant, on, planned=(min(days), max(days)), only=frozenset(subject for _rule, subject in told)
    )
    left = [
        item
        for item in registry.find(asking)
        if item.to == delivery.to and told.get((item.rule, item.subject)) in item.planned and item.holds(at=at)
    ]
    if not left:
        return None
    return {**delivery.context, **registry.digests[delivery.template].context(delivery.tenant, items=left, on=on)}
