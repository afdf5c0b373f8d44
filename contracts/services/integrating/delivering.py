"""Send the messages that are due: signed as Standard Webhooks ask, tried for two days, one city after the other."""

import base64
import hashlib
import hmac
from dataclasses import dataclass
from datetime import datetime, timedelta

from accounts import tenancy
from accounts.actors import system
from accounts.querysets import lock
from contracts.models import Webhook, WebhookMessage
from contracts.services.integrating import mails, webhooks
from outgoing import client
from vault import fields

LARGEST_ANSWER = 64 * 1024
# 送る間、ほかの worker が同じ知らせを取らないように。client.TIMEOUT_SECONDS より長くする
LEASE = timedelta(minutes=2)
# 足すと二日ほど
BACK_OFF = (
    timedelta(minutes=1),
    timedelta(minutes=5),
    timedelta(minutes=30),
    timedelta(hours=2),
    timedelta(hours=5),
    timedelta(hours=10),
    timedelta(hours=14),
    timedelta(hours=16),
)
# 届かない宛先には、ほかの知らせも、この間に一つより多くは試さない。一つの市の宛先が worker を塞がないように
PAUSE = timedelta(minutes=1)
KEPT = timedelta(days=90)
MOST_FORGOTTEN = 100
GAVE_UP = "二日の間、一度も届かなかったため、自動で止めました。"
GONE = 410, "宛先が、もう受け取らないと答えました（HTTP 410）。"
BROKEN_OFF = "送っている途中で、worker が続けて止まりました。"


@dataclass(frozen=True)
class Parcel:
    """A message that one worker has taken, with all it takes to send it without the database."""

    pk: int
    tries: int
    url: str
    body: bytes
    headers: dict[str, str]


@dataclass(frozen=True)
class Outcome:
    """What came of sending: in words, whether it was taken, and why nothing is wanted there any more."""

    words: str
    is_taken: bool = False
    gone: str = ""


def signature(secret: str, *, uid: str, moment: int, body: bytes) -> str:
    """Sign a message (Standard Webhooks, v1): HMAC-SHA256 over its name, its moment and its body."""
    key = base64.b64decode(secret.removeprefix(webhooks.PREFIX))
    signed = b".".join([uid.encode(), str(moment).encode(), body])
    return "v1," + base64.b64encode(hmac.digest(key, signed, hashlib.sha256)).decode()


def deliver_next(*, tenant_id: int, at: datetime) -> bool:
    """Send the message of a city that has waited longest, with no lock held meanwhile; False when none is due.

    Call it outside any transaction. A worker that dies in here leaves the message leased for a while; it is sent again
    under the same name.
    """
    with tenancy.acting_for(tenant_id):
        parcel = _take(at=at)
    if parcel is None:
        return False
    outcome = _send(parcel) if parcel.tries <= len(BACK_OFF) + 1 else Outcome(BROKEN_OFF)
    with tenancy.acting_for(tenant_id):
        _note(parcel, outcome, at=at)
    return True


def _take(*, at: datetime) -> Parcel | None:
    rows = WebhookMessage.unscoped.select_for_update(of=("self",), no_key=True, skip_locked=True)
    due = rows.filter(due_at__lte=at, webhook__stopped_at=None).select_related("webhook")
    sent: WebhookMessage | None = due.order_by("due_at", "pk").first()
    if sent is None:
        # 宛先を止めるのと入れ違いに書かれたもの
        WebhookMessage.unscoped.filter(due_at__lte=at, webhook__stopped_at__isnull=False).update(due_at=None)
        return None
    sent.tries, sent.due_at, sent.last_tried_at = sent.tries + 1, at + LEASE, at
    sent.first_tried_at = sent.first_tried_at or at
    sent.save(update_fields=["tries", "due_at", "last_tried_at", "first_tried_at"])
    body, moment = sent.body.encode(), int(at.timestamp())
    signs = [signature(secret, uid=sent.uid, moment=moment, body=body) for secret in _secrets(sent.webhook, at=at)]
    headers = {
        "Content-Type": "application/json",
        "User-Agent": "musubi-webhooks/1",
        "webhook-id": sent.uid,
        "webhook-timestamp": str(moment),
        "webhook-signature": " ".join(signs),
    }
    return Parcel(sent.pk, sent.tries, sent.webhook.url, body, headers)


def _secrets(hook: Webhook, *, at: datetime) -> list[str]:
    sealed = [hook.sealed_secret]
    if hook.former_until is not None and at < hook.former_until:
        sealed.append(hook.sealed_former)
    return [fields.unseal(each, tenant_id=hook.tenant_id, context=hook.context) for each in sealed]


def _send(parcel: Parcel) -> Outcome:
    try:
        answer = client.ask(parcel.url, limit=LARGEST_ANSWER, body=parcel.body, headers=parcel.headers)
    except client.Unreachable as why:
        return Outcome(f"{why}。"[:200])
    status, because = GONE
    is_taken = 200 <= answer.status < 300
    return Outcome(f"HTTP {answer.status}", is_taken, because if answer.status == status else "")


def _note(parcel: Parcel, outcome: Outcome, *, at: datetime) -> None:
    sent = WebhookMessage.unscoped.select_related("webhook").filter(pk=parcel.pk).first()
    if sent is None:
        return
    hook = lock(sent.webhook)
    sent = lock(sent)
    if sent.tries != parcel.tries:
        return
    is_over = outcome.is_taken or hook.stopped_at is not None or sent.tries > len(BACK_OFF)
    sent.last_answer, sent.taken_at = outcome.words, at if outcome.is_taken else None
    sent.due_at = None if is_over else at + BACK_OFF[sent.tries - 1]
    sent.save(update_fields=["last_answer", "taken_at", "due_at"])
    if outcome.is_taken:
        _go_on(hook, at=at)
    else:
        _hold_back(hook, sent, gone=outcome.gone, at=at)


def _go_on(hook: Webhook, *, at: datetime) -> None:
    """Note that an address takes messages, and forget what was told long ago."""
    if hook.failing_since is not None:
        hook.failing_since = None
        hook.save(update_fields=["failing_since"])
    old = WebhookMessage.unscoped.filter(webhook=hook, due_at=None, made_at__lt=at - KEPT)
    WebhookMessage.unscoped.filter(pk__in=list(old.values_list("pk", flat=True)[:MOST_FORGOTTEN])).delete()


def _hold_back(hook: Webhook, sent: WebhookMessage, *, gone: str, at: datetime) -> None:
    """Leave an address that takes nothing alone for a while; stop it when nothing was taken through all tries."""
    if hook.failing_since is None:
        hook.failing_since = at
        hook.save(update_fields=["failing_since"])
    if hook.stopped_at is not None:
        return
    was_silent = sent.first_tried_at is not None and hook.failing_since <= sent.first_tried_at
    because = gone or (GAVE_UP if sent.due_at is None and was_silent else "")
    if because:
        stopped = webhooks.stop(hook, actor=system(hook.tenant_id), at=at, because=because)
        mails.stopped(stopped, at=at)
        return
    WebhookMessage.unscoped.filter(webhook=hook, due_at__lte=at + PAUSE).update(due_at=at + PAUSE)
