"""Sending one mail: claim the row, send with no lock held, write down how it went."""

import logging
from datetime import datetime, timedelta
from typing import Any

from django.db.models import Case, QuerySet, Value, When
from django.template import TemplateDoesNotExist, TemplateSyntaxError

from accounts.models import Organization
from accounts.tenancy import acting_for
from notifications import answers, counts, hooks, mail, wordings
from notifications.journaling import record
from notifications.line import Line
from notifications.models import Delivery, DeliveryState, MailPolicy
from vault import fields

logger = logging.getLogger(__name__)

# 送信中に止まった worker の分を、ほかの worker が引き取るまでの時間。EMAIL_TIMEOUT × やり取りの数に、最後の答えを
# 待つ時間（smtp.LAST_WORD_SECONDS）を足したものより長くする
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


class Unsure(RuntimeError):
    """Whether a mail is still needed could not be told."""


TROUBLES = (
    OSError,  # smtplib の例外と通信の失敗
    Unsure,
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
        _give_up(claimed, at=at, reason=claimed.last_error or "送信が続けて中断しました。")
    else:
        _deliver(claimed, secrets, line, at=at)
    return True


def _deliver(claimed: Delivery, secrets: Secrets | fields.Damaged, line: Line, *, at: datetime) -> None:
    try:
        if why_not := claimed.cancel_reason or _refreshed(claimed, at=at):
            _end(claimed, DeliveryState.CANCELLED, at=at, reason=why_not, cancelled_at=at, cancel_reason=why_not)
            return
        answer = _send(_compose(claimed, secrets), line, is_careful=answers.were_lost(claimed.answers) > 0)
    except TROUBLES as trouble:
        _after(trouble, claimed, at=at)
    else:
        noted = answers.noted(answers.code_in(answer), answer, at=at)
        said = {"context": claimed.context, "own_words": claimed.own_words}
        _end(claimed, DeliveryState.SENT, at=at, sent_at=at, last_error="", answers=noted, **said)


def _claim(at: datetime) -> Delivery | None:
    """Take the mail of the municipality in view that has been due longest; what waits has a time, and no other has."""
    taken: list[Delivery] = list(Delivery.unscoped.raw(TAKE, {"at": at, "until": at + LEASE}))
    if not taken:
        return None
    claimed, whose = taken[0], Organization.objects.select_related("mail_policy")
    claimed.tenant = whose.annotate(own_words=wordings.asked(claimed.template)).get(pk=claimed.tenant_id)
    claimed.own_words = claimed.own_words or claimed.tenant.own_words or {}
    return claimed


def _secrets(delivery: Delivery) -> Secrets | fields.Damaged:
    """Open the link and the code of a mail, or return why they do not open: that must not undo the claim."""
    try:
        link = _unsealed(delivery, delivery.sealed_link, context=delivery.link_context)
        return link, _unsealed(delivery, delivery.sealed_code, context=delivery.code_context)
    except fields.Damaged as damaged:
        return damaged


def _unsealed(delivery: Delivery, sealed: bytes | memoryview | None, *, context: str) -> str | None:
    return None if sealed is None else fields.unseal(sealed, tenant_id=delivery.tenant_id, context=context)


def _refreshed(delivery: Delivery, *, at: datetime) -> str:
    """Ask whether the mail is still needed, and take what it is to say now; return why it is not, else ""."""
    ask = hooks.still_needed.get(delivery.template)
    if ask is None or delivery.about == wordings.SAMPLE:
        return ""
    try:
        with acting_for(delivery.tenant_id):
            fresh = ask(delivery, at)
    except Exception as trouble:  # 尋ねた先の誤りで、市のほかのメールを止めない
        raise Unsure(repr(trouble)) from trouble
    if fresh is None:
        return "送る前に、用件が済みました。"
    delivery.context = dict(fresh)
    return ""


def _compose(delivery: Delivery, secrets: Secrets | fields.Damaged) -> mail.Mail:
    if isinstance(secrets, fields.Damaged):
        raise secrets
    link, code = secrets
    said = wordings.said(delivery, link=link, code=code)
    policy = getattr(delivery.tenant, "mail_policy", None) or MailPolicy(tenant=delivery.tenant)
    return mail.enclose(delivery, policy=policy, said=said)


def _send(message: mail.Mail, line: Line, *, is_careful: bool) -> str:
    return line.send(message, is_careful=is_careful)


def _after(trouble: Exception, delivery: Delivery, *, at: datetime) -> None:
    """Note what went wrong, and try again later unless that is in vain, or might make one copy too many."""
    logger.warning("delivery %s attempt %s: %s", delivery.pk, delivery.attempts, type(trouble).__name__)
    reason = answers.reason_of(trouble)[:500]
    noted = answers.noted(answers.code_of(trouble), reason, at=at)
    is_over = answers.is_permanent(trouble) or answers.is_lost_again(trouble, delivery.answers)
    if is_over or delivery.attempts > len(BACK_OFF):
        _give_up(delivery, at=at, reason=reason, answers=noted)
    else:
        _wait(delivery, until=at + BACK_OFF[delivery.attempts - 1], at=at, last_error=reason, answers=noted)


def _give_up(delivery: Delivery, *, at: datetime, reason: str, **changes: Any) -> None:
    _end(delivery, DeliveryState.FAILED, at=at, reason=reason, last_error=reason, **changes)


def _wait(delivery: Delivery, *, until: datetime, at: datetime, **changes: Any) -> None:
    """Put a mail back into the queue; one that was cancelled meanwhile is due at once, and then ends."""
    due = Case(When(cancel_reason="", then=Value(until)), default=Value(at))
    with acting_for(delivery.tenant_id):
        _ours(delivery).update(state=DeliveryState.QUEUED, next_attempt_at=due, **changes)
    counts.count(counts.AGAIN)


def _end(delivery: Delivery, state: DeliveryState, *, at: datetime, reason: str = "", **changes: Any) -> None:
    """Write down, here and in the journal, what became of a mail, unless the row was taken over meanwhile."""
    with acting_for(delivery.tenant_id):
        if _ours(delivery).update(state=state, next_attempt_at=None, sealed_link=None, sealed_code=None, **changes):
            record(delivery, state, at=at, reason=reason)
            counts.count(state)


def _ours(delivery: Delivery) -> "QuerySet[Delivery]":
    """Find the row while it is as we claimed it."""
    ours: QuerySet[Delivery] = Delivery.unscoped.filter(pk=delivery.pk, state=DeliveryState.SENDING)
    return ours.filter(attempts=delivery.attempts)
