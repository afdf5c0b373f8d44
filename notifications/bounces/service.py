"""What follows when a mail comes back."""

from datetime import datetime
from enum import StrEnum
from typing import Any

from accounts.tenancy import acting_for
from notifications import counts
from notifications.bounces import reading
from notifications.bounces.reading import Bounce, Kind
from notifications.journaling import record
from notifications.models import Delivery, DeliveryState

# 一通について残す答えの数。名を知る人が送り続けても、行は大きくならない
MOST_ANSWERS = 20
STILL_HOPED_FOR = (DeliveryState.QUEUED, DeliveryState.SENDING, DeliveryState.SENT)


class Outcome(StrEnum):
    """What came of one notice."""

    BOUNCED = "不達と分かったもの"
    NOTED = "遅れや到着の知らせとして残したもの"
    KNOWN = "前に受け取っていたもの"
    STRAY = "どのメールのことか分からないもの"
    OTHER = "不達の知らせではないもの"

    @property
    def is_for_people(self) -> bool:
        """Tell whether a person may want to look at it: nothing of it is kept in the database."""
        return self in {Outcome.STRAY, Outcome.OTHER}


def take(raw: bytes, *, at: datetime) -> Outcome:
    """Read what came to the return path and write it down on the mail that it is about, once.

    Call it outside any transaction, so that the notice may be put away afterwards; only the database can fail it.
    """
    bounce = reading.read(raw)
    if bounce.kind is Kind.OTHER:
        return Outcome.OTHER
    if bounce.mail is None:
        return Outcome.STRAY
    uid, tenant_id = bounce.mail
    with acting_for(tenant_id):
        ours = Delivery.unscoped.filter(tenant_id=tenant_id, uid=uid).select_for_update(no_key=True)
        delivery = ours.first()
        return Outcome.STRAY if delivery is None else _note(bounce, delivery, at=at)


def _note(bounce: Bounce, delivery: Delivery, *, at: datetime) -> Outcome:
    is_lost = bounce.kind is Kind.FAILED and delivery.state in STILL_HOPED_FOR
    known = {answer.get("notice") for answer in delivery.answers}
    if bounce.notice in known or (len(delivery.answers) >= MOST_ANSWERS and not is_lost):
        return Outcome.KNOWN
    delivery.answers = [*delivery.answers, _answer(bounce, delivery, at=at)]
    if is_lost:
        _give_up(bounce, delivery, at=at)
        return Outcome.BOUNCED
    delivery.save(update_fields=["answers"])
    return Outcome.NOTED


def _give_up(bounce: Bounce, delivery: Delivery, *, at: datetime) -> None:
    """Mark a mail as not arrived, even one that we have not yet noted as sent: whoever sends it leaves it so."""
    delivery.state, delivery.bounced_at, delivery.bounce_code = DeliveryState.BOUNCED, at, bounce.status
    delivery.last_error = _in_words(bounce)[:500]
    delivery.next_attempt_at = delivery.sealed_link = delivery.sealed_code = None
    delivery.save()
    record(delivery, DeliveryState.BOUNCED, at=at, reason=_in_words(bounce))
    counts.count(DeliveryState.BOUNCED)


def _answer(bounce: Bounce, delivery: Delivery, *, at: datetime) -> dict[str, Any]:
    """Keep what the server said; the address too where it is another than ours (the mail was passed on)."""
    elsewhere = bounce.recipient and bounce.recipient.lower() != delivery.to.lower()
    return {
        "at": at.isoformat(),
        "code": bounce.status,
        "text": f"{bounce.recipient} から: {_in_words(bounce)}" if elsewhere else _in_words(bounce),
        "notice": bounce.notice,
    }


def _in_words(bounce: Bounce) -> str:
    """Say for staff what became of the mail, and the server's own words."""
    said = bounce.reason or "相手のメールサーバーが、届いたと知らせました。"
    return f"{said}（{bounce.diagnostic}）" if bounce.diagnostic else said
