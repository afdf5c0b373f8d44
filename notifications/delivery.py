"""Sending one mail: claim the row, send with no lock held, write down how it went."""

import logging
import smtplib
from datetime import datetime, timedelta
from typing import Any

from django.core.mail import EmailMultiAlternatives
from django.template import TemplateDoesNotExist, TemplateSyntaxError

from accounts.models import Organization
from accounts.tenancy import acting_for
from notifications import mail
from notifications.journaling import record
from notifications.line import Line
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
Secrets = tuple[str | None, str | None]
NO_SECRETS: Secrets = (None, None)

# 選ぶことと取ることを、一つの文で行う。ほかの worker が手を伸ばしている行は待たずに飛ばす
TAKE = """
    update notifications_delivery
    set state = 'sending', attempts = attempts + 1, next_attempt_at = %(until)s
    where id = (
        select id from notifications_delivery
        where next_attempt_at <= %(at)s
        order by next_attempt_at, id
        limit 1
        for no key update skip locked
    )
    returning *
"""


def deliver_next(*, tenant_id: int, at: datetime, line: Line) -> bool:
    """Send the mail of a municipality that has been due longest; False when there is none.

    Call it outside any transaction: the claim must be committed before the mail leaves. A worker killed
    between the server's answer and our note sends the mail again, under the same Message-ID.
    """
    with acting_for(tenant_id):
        claimed = _claim(at)
        secrets = _secrets(claimed) if claimed else NO_SECRETS
    if claimed is None:
        return False
    if claimed.attempts > len(BACK_OFF) + 1:
        reason = claimed.last_error or "送信が続けて中断しました。"
        _finish(claimed, at=at, state=DeliveryState.FAILED, last_error=reason)
        return True
    try:
        _send(_compose(claimed, secrets), line)
    except TROUBLES as trouble:
        _after(trouble, claimed, at=at)
    else:
        _finish(claimed, at=at, state=DeliveryState.SENT, sent_at=at, last_error="")
    return True


def _claim(at: datetime) -> Delivery | None:
    """Take the mail of the municipality in view that has been due longest; what waits has a time, and no other has."""
    taken: list[Delivery] = list(Delivery.unscoped.raw(TAKE, {"at": at, "until": at + LEASE}))
    if not taken:
        return None
    taken[0].tenant = Organization.objects.get(pk=taken[0].tenant_id)
    return taken[0]


def _secrets(delivery: Delivery) -> Secrets | fields.Damaged:
    """Open the link and the code of a mail, or return why they do not open: that must not undo the claim."""
    try:
        link = _unsealed(delivery, delivery.sealed_link, context=delivery.link_context)
        return link, _unsealed(delivery, delivery.sealed_code, context=delivery.code_context)
    except fields.Damaged as damaged:
        return damaged


def _compose(delivery: Delivery, secrets: Secrets | fields.Damaged) -> EmailMultiAlternatives:
    if isinstance(secrets, fields.Damaged):
        raise secrets
    link, code = secrets
    words = mail.words(
        tenant=delivery.tenant, template=delivery.template, context=delivery.context, link=link, code=code
    )
    return mail.message(tenant=delivery.tenant, to=delivery.to, message_id=delivery.message_id, words=words)


def _unsealed(delivery: Delivery, sealed: bytes | memoryview | None, *, context: str) -> str | None:
    return None if sealed is None else fields.unseal(sealed, tenant_id=delivery.tenant_id, context=context)


def _send(message: EmailMultiAlternatives, line: Line) -> None:
    line.send(message)


def _after(trouble: Exception, delivery: Delivery, *, at: datetime) -> None:
    logger.warning("delivery %s attempt %s: %s", delivery.pk, delivery.attempts, type(trouble).__name__)
    reason = reason_of(trouble)[:500]
    if is_permanent(trouble) or delivery.attempts > len(BACK_OFF):
        _finish(delivery, at=at, state=DeliveryState.FAILED, last_error=reason)
        return
    again_at = at + BACK_OFF[delivery.attempts - 1]
    _finish(delivery, at=at, state=DeliveryState.QUEUED, next_attempt_at=again_at, last_error=reason)


def _finish(delivery: Delivery, *, at: datetime, state: DeliveryState, **changes: Any) -> None:
    """Write down how an attempt went, unless the row was taken over meanwhile."""
    if state not in WAITING:
        changes |= {"next_attempt_at": None, "sealed_link": None, "sealed_code": None}
    with acting_for(delivery.tenant_id):
        ours = Delivery.unscoped.filter(pk=delivery.pk, state=DeliveryState.SENDING, attempts=delivery.attempts)
        if ours.update(state=state, **changes) and state not in WAITING:
            record(delivery, state, at=at, reason=changes["last_error"])


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
