"""The journal's word on what became of a mail."""

from datetime import datetime

from accounts import actors
from audit import journal
from notifications.models import Delivery, DeliveryState


def record(delivery: Delivery, state: DeliveryState, *, at: datetime, reason: str = "") -> None:
    """Write into the journal that a mail was sent, given up, bounced or cancelled, and why; never its link."""
    actor = actors.system(delivery.tenant_id)
    journal.record(
        f"mail.{state}",
        tenant_id=delivery.tenant_id,
        at=at,
        actor_kind=actor.kind,
        actor_name=actor.name,
        ip=None,
        subject=f"delivery:{delivery.pk}",
        thread=delivery.thread,
        data={"to": delivery.to, "template": delivery.template, "message_id": delivery.message_id}
        | ({"reason": reason} if reason else {}),
    )
