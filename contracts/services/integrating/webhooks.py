"""Addresses that are told of events: kept by administrators, signed for with a secret that is shown once."""

import base64
import secrets
from collections.abc import Iterable
from datetime import datetime, timedelta

from django.db import transaction

from accounts import permissions as doors
from accounts.actors import Actor
from accounts.querysets import lock
from accounts.refusals import Refusal
from contracts import permissions
from contracts.models import Webhook, WebhookMessage
from contracts.models.webhooks import TEST
from contracts.services import evidence
from contracts.services.integrating import kinds, telling
from outgoing import client
from vault import fields

PREFIX = "whsec_"
THREAD = "city"
MOST = 20
# 秘密を替えた後、前の秘密でも署名する間
OVERLAP = timedelta(days=2)
BY_HAND = "職員が止めました。"


class WebhookRefused(Refusal):
    """An address cannot be told this way."""


def check_url(url: str) -> None:
    """Raise WebhookRefused for an address that is not https, carries a password, or leads inside the fence."""
    if not url.startswith("https://"):
        raise WebhookRefused("宛先は https:// で始まるアドレスにしてください。")
    if "@" in url.removeprefix("https://").partition("/")[0]:
        raise WebhookRefused("宛先に、利用者の名やパスワードは書けません。受け取る仕組みは、署名で確かめてください。")
    try:
        client.check(url)
    except client.Unreachable as why:
        raise WebhookRefused(f"この宛先には送れません。{why}。") from why


@transaction.atomic
def add(*, actor: Actor, at: datetime, name: str, url: str, wanted: Iterable[str]) -> tuple[Webhook, str]:
    """Tell an address of some kinds of events from now on; return it with its secret, which is shown once."""
    doors.check(permissions.can_administer, actor)
    check_url(url)
    if Webhook.unscoped.filter(tenant_id=actor.tenant_id).count() >= MOST:
        raise WebhookRefused(f"宛先は {MOST} までです。止めた宛先を、書き改めて使ってください。")
    hook = Webhook.unscoped.create(
        tenant_id=actor.tenant_id, name=name, url=url, kinds=_known(wanted), made_by_id=actor.user_id, made_at=at
    )
    secret = _renew(hook)
    hook.save(update_fields=["sealed_secret"])
    _record("webhook.added", hook, actor=actor, at=at, kinds=hook.kinds)
    return hook, secret


@transaction.atomic
def change(hook: Webhook, *, actor: Actor, at: datetime, name: str, url: str, wanted: Iterable[str]) -> Webhook:
    """Tell another address, or of other kinds; what waits goes to the new address."""
    doors.check(permissions.can_administer, actor)
    check_url(url)
    hook = lock(hook)
    before = {"name": hook.name, "url": hook.url, "kinds": hook.kinds}
    hook.name, hook.url, hook.kinds = name, url, _known(wanted)
    hook.save(update_fields=["name", "url", "kinds"])
    _record("webhook.changed", hook, actor=actor, at=at, kinds=hook.kinds, before=before)
    return hook


def _known(wanted: Iterable[str]) -> list[str]:
    chosen = [action for action, _label in kinds.choices() if action in set(wanted)]
    if not chosen:
        raise WebhookRefused("知らせる出来事を一つ以上選んでください。")
    return chosen


def _renew(hook: Webhook) -> str:
    secret = PREFIX + base64.b64encode(secrets.token_bytes(32)).decode()
    hook.sealed_secret = fields.seal(secret, tenant_id=hook.tenant_id, context=hook.context)
    return secret


@transaction.atomic
def rotate(hook: Webhook, *, actor: Actor, at: datetime) -> str:
    """Make a new secret and return it; for two days messages are signed with the former one as well."""
    doors.check(permissions.can_administer, actor)
    hook = lock(hook)
    hook.sealed_former, hook.former_until = hook.sealed_secret, at + OVERLAP
    secret = _renew(hook)
    hook.save(update_fields=["sealed_secret", "sealed_former", "former_until"])
    _record("webhook.rotated", hook, actor=actor, at=at)
    return secret


@transaction.atomic
def stop(hook: Webhook, *, actor: Actor, at: datetime, because: str = BY_HAND) -> Webhook:
    """Tell an address nothing any more; what waits stays in the log. A second time changes nothing."""
    doors.check(_may_stop, actor)
    hook = lock(hook)
    if hook.stopped_at is None:
        hook.stopped_at, hook.stopped_because = at, because
        hook.save(update_fields=["stopped_at", "stopped_because"])
        WebhookMessage.unscoped.filter(webhook=hook, due_at__isnull=False).update(due_at=None)
        _record("webhook.stopped", hook, actor=actor, at=at, because=because)
    return hook


def _may_stop(actor: Actor) -> bool:
    return permissions.can_administer(actor) or actor.is_system


@transaction.atomic
def resume(hook: Webhook, *, actor: Actor, at: datetime) -> Webhook:
    """Tell an address again, of what happens from now on; what it missed is sent again from the log."""
    doors.check(permissions.can_administer, actor)
    hook = lock(hook)
    if hook.stopped_at is not None:
        check_url(hook.url)
        hook.stopped_at, hook.stopped_because, hook.failing_since = None, "", None
        hook.save(update_fields=["stopped_at", "stopped_because", "failing_since"])
        _record("webhook.resumed", hook, actor=actor, at=at)
    return hook


@transaction.atomic
def test(hook: Webhook, *, actor: Actor, at: datetime) -> WebhookMessage:
    """Send an address a message that tells of nothing; raises WebhookRefused while it is stopped."""
    doors.check(permissions.can_administer, actor)
    hook = lock(hook)
    _check_going(hook)
    uid = f"msg_{hook.tenant_id}_test_{secrets.token_hex(8)}"
    sent = telling.message(hook, kind=TEST, at=at, uid=uid, data={})
    sent.save()
    telling.ring()
    return sent


@transaction.atomic
def send_again(sent: WebhookMessage, *, actor: Actor, at: datetime) -> WebhookMessage:
    """Send a message once more under its own name; raises WebhookRefused while its address is stopped."""
    doors.check(permissions.can_administer, actor)
    sent = lock(sent, "webhook")
    _check_going(sent.webhook)
    sent.taken_at, sent.due_at, sent.tries, sent.first_tried_at, sent.last_answer = None, at, 0, None, ""
    sent.save(update_fields=["taken_at", "due_at", "tries", "first_tried_at", "last_answer"])
    telling.ring()
    _record("webhook.sent_again", sent.webhook, actor=actor, at=at, message=sent.uid)
    return sent


def _check_going(hook: Webhook) -> None:
    if hook.stopped_at is not None:
        raise WebhookRefused("この宛先への知らせは止めています。再開してから、送ってください。")


def _record(action: str, hook: Webhook, *, actor: Actor, at: datetime, **data: object) -> None:
    told = {"name": hook.name, "url": hook.url} | data
    evidence.record_in(THREAD, action, subject=f"webhook:{hook.pk}", actor=actor, at=at, **told)
