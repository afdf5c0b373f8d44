"""Write a message for every address that wants to know of an event, in the transaction of the event itself."""

import json
from datetime import UTC, datetime
from typing import Any

from accounts import doorbell
from audit.models import Event
from contracts.models import Webhook, WebhookMessage
from contracts.services.integrating import kinds


def tell(event: Event) -> None:
    """Write the messages of an event of the journal; none for an event that nobody may be told of."""
    if not kinds.is_known(event.action):
        return
    hooks = list(Webhook.unscoped.filter(tenant_id=event.tenant_id, stopped_at=None, kinds__contains=[event.action]))
    if not hooks:
        return
    uid, data = f"msg_{event.tenant_id}_{event.seq}", _facts(event)
    WebhookMessage.unscoped.bulk_create(
        message(hook, kind=event.action, at=event.at, uid=uid, data=data) for hook in hooks
    )
    ring()


def message(hook: Webhook, *, kind: str, at: datetime, uid: str, data: dict[str, Any]) -> WebhookMessage:
    """Make a message that is due at once."""
    moment = at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")
    body = json.dumps({"type": kind, "timestamp": moment, "data": data}, ensure_ascii=False)
    return WebhookMessage(tenant_id=hook.tenant_id, webhook=hook, uid=uid, kind=kind, body=body, made_at=at, due_at=at)


def ring() -> None:
    """Ring the worker once the transaction that wrote a message holds."""
    from contracts import tasks  # tasks は、知らせを書く service をみな知っている

    doorbell.ring(tasks.tell_systems)


def _facts(event: Event) -> dict[str, Any]:
    """Name what it is about by numbers and states alone; whoever may know more asks the API."""
    kind, _, number = event.thread.partition(":")
    is_case = kind == "case" and number.isdecimal()
    return {
        "seq": event.seq,
        "subject": event.subject,
        "state": kinds.state_of(event.subject),
        "case_id": int(number) if is_case else None,
        "case_state": kinds.state_of(event.thread) if is_case else None,
    }
