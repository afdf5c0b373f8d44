"""Sending one mail: claim the row, send with no lock held, write down how it went."""

import logging
import smtplib
from contextlib import suppress
from datetime import datetime, timedelta
from typing import Any

from django.core.mail import EmailMultiAlternatives, get_connection
from django.template import TemplateDoesNotExist, TemplateSyntaxError

from accounts import actors
from accounts.tenancy import acting_for
from audit import journal
from notifications import mail
from notifications.models import WAITING, Delivery, DeliveryState
from vault import fields

logger = logging.getLogger(__name__)

# 送信中に止まった worker の分を、ほかの worker が引き取るまでの時間。EMAIL_TIMEOUT × やり取りの数より長くする。
LEASE = timedelta(minutes=5)
BACK_OFF = (
    timedelta(minutes=1),
    timedelta(minutes=5),
    timedelta(minutes=30),
    timedelta(hours=2),
    timedelta(hours=6),
    timedelta(hours=12),
    timedelta(days=1),
    timedelta(days=1),
    timedelta(days=1),
)
TROUBLES = (
    OSError,  # smtplib の例外と通信の失敗
    mail.MissingVariable,
    mail.Refused,
    TemplateDoesNotExist,
    TemplateSyntaxError,
    fields.Damaged,
)


def due(*, tenant_id: int, at: datetime, limit: int = 200) -> list[int]:
    """List the mails whose time has come, oldest first."""
    rows = Delivery.unscoped.filter(tenant_id=tenant_id, next_attempt_at__lte=at).order_by("next_attempt_at")
    return list(rows.values_list("pk", flat=True)[:limit])


def deliver(*, delivery_id: int, tenant_id: int, at: datetime) -> DeliveryState | None:
    """Send a mail whose time has come and return its new state; None when it is not ours to send.

    Call it outside any transaction: the claim must be committed before the mail leaves. A worker killed
    between the server's answer and our note sends the mail again, under the same Message-ID.
    """
    with acting_for(tenant_id):
        claimed = _claim(delivery_id, at)
    if claimed is None:
        return None
    if claimed.attempts > len(BACK_OFF) + 1:
        return _finish(
            claimed, at=at, state=DeliveryState.FAILED, last_error=claimed.last_error or "送信が続けて中断しました。"
        )
    try:
        with acting_for(tenant_id):
            message = _compose(claimed)
        _send(message)
    except TROUBLES as trouble:
        return _after(trouble, claimed, at=at)
    return _finish(claimed, at=at, state=DeliveryState.SENT, sent_at=at, last_error="")


def _claim(delivery_id: int, at: datetime) -> Delivery | None:
    rows = Delivery.unscoped.select_for_update(skip_locked=True)
    delivery: Delivery | None = rows.filter(pk=delivery_id, state__in=WAITING, next_attempt_at__lte=at).first()
    if delivery is not None:
        delivery.state = DeliveryState.SENDING
        delivery.attempts += 1
        delivery.next_attempt_at = at + LEASE
        delivery.save(update_fields=["state", "attempts", "next_attempt_at"])
    return delivery


def _compose(delivery: Delivery) -> EmailMultiAlternatives:
    link = None
    if delivery.sealed_link is not None:
        link = fields.unseal(delivery.sealed_link, tenant_id=delivery.tenant_id, context=delivery.link_context)
    words = mail.words(tenant=delivery.tenant, template=delivery.template, context=delivery.context, link=link)
    return mail.message(tenant=delivery.tenant, to=delivery.to, message_id=delivery.message_id, words=words)


def _send(message: EmailMultiAlternatives) -> None:
    connection = get_connection()
    connection.open()
    try:
        connection.send_messages([message])
    finally:
        # 受け取られたあとの切断の失敗で、もう一度送ってはならない。
        with suppress(OSError):
            connection.close()


def _after(trouble: Exception, delivery: Delivery, *, at: datetime) -> DeliveryState | None:
    logger.warning("delivery %s attempt %s: %s", delivery.pk, delivery.attempts, type(trouble).__name__)
    reason = reason_of(trouble)[:500]
    if is_permanent(trouble) or delivery.attempts > len(BACK_OFF):
        return _finish(delivery, at=at, state=DeliveryState.FAILED, last_error=reason)
    again_at = at + BACK_OFF[delivery.attempts - 1]
    return _finish(delivery, at=at, state=DeliveryState.QUEUED, next_attempt_at=again_at, last_error=reason)


def _finish(delivery: Delivery, *, at: datetime, state: DeliveryState, **changes: Any) -> DeliveryState | None:
    """Write down how an attempt went, unless the row was taken over meanwhile."""
    if state not in WAITING:
        changes |= {"next_attempt_at": None, "sealed_link": None}
    with acting_for(delivery.tenant_id):
        ours = Delivery.unscoped.filter(pk=delivery.pk, state=DeliveryState.SENDING, attempts=delivery.attempts)
        if not ours.update(state=state, **changes):
            return None
        if state not in WAITING:
            _record(delivery, state, at=at, reason=changes["last_error"])
    return state


def _record(delivery: Delivery, state: DeliveryState, *, at: datetime, reason: str) -> None:
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


def is_permanent(trouble: Exception) -> bool:
    """Tell whether the server refuses this recipient or this content for good (5xx, RFC 5321 §4.2.1).

    A refusal of ourselves (sender, sign-in, greeting) is for the operator to mend, so those mails wait.
    """
    if isinstance(trouble, smtplib.SMTPRecipientsRefused):
        return all(500 <= code < 600 for code, _ in trouble.recipients.values())
    return isinstance(trouble, smtplib.SMTPDataError) and 500 <= trouble.smtp_code < 600


def reason_of(trouble: Exception) -> str:
    """Say in words for staff why a mail did not leave."""
    if isinstance(trouble, smtplib.SMTPRecipientsRefused):
        answers = "、".join(_answer(*answer) for answer in trouble.recipients.values())
        return f"宛先が受け付けられませんでした（{answers}）。"
    if isinstance(trouble, smtplib.SMTPResponseException):
        return f"メールサーバーに断られました（{_answer(trouble.smtp_code, trouble.smtp_error)}）。"
    if isinstance(trouble, OSError):
        return f"メールサーバーとの通信が途切れました（{type(trouble).__name__}）。"
    return f"文面を作れませんでした（{type(trouble).__name__}: {trouble}）。"


def _answer(code: int, text: bytes | str) -> str:
    return f"{code} {text.decode('utf-8', 'replace') if isinstance(text, bytes) else text}"
