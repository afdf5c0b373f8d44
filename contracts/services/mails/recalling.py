"""取り戻し: a mail that went to the wrong person is taken back for as long as nobody has opened its link."""

from datetime import datetime

from django.db import transaction

from accounts import permissions as doors
from accounts.actors import Actor
from contracts import permissions
from contracts.services import evidence
from contracts.services.mails import finding
from contracts.services.mails.ways import MailRefused, ways
from notifications.models import Delivery

WHY = "職員が取り戻しました。"


@transaction.atomic
def recall(delivery: Delivery, *, actor: Actor, at: datetime) -> None:
    """Kill the link of a mail, and the mail itself where it still waits; nobody else is told.

    The matter stays as it is, and waits for staff to send it again or put its address right. Raises MailRefused once
    the link was opened, has died or run out.
    """
    mail = finding.locked(delivery)
    way = ways.get(mail.delivery.template)
    doors.check(permissions.can_tend_mails, actor)
    if way is None or not way.may(actor):
        raise MailRefused("受注者に手続きを頼んだメールを、受け持つ職員だけが取り戻せます。")
    link = mail.link
    if link.opened_at is not None:
        raise MailRefused("すでに開かれているため、取り戻せません。宛先が違うときは、宛先を直して送り直してください。")
    if not link.is_live(at=at):
        raise MailRefused("このメールのリンクは、すでに使えなくなっています。")
    finding.kill(mail, at=at, reason=WHY)
    evidence.record(
        "mail.recalled",
        link.case,
        subject=f"delivery:{delivery.pk}",
        actor=actor,
        at=at,
        template=mail.delivery.template,
        to=mail.delivery.to,
    )
