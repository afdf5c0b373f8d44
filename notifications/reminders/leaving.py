"""As a digest leaves: whether its reasons still hold, and how they read on this very day."""

from datetime import datetime
from typing import Any

from django.utils import timezone

from notifications.models import Delivery, Reminder
from notifications.reminders import registry
from notifications.reminders.registry import Asking


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
