"""A mail is sent again, or to another address; either way the old link dies and a fresh one goes out."""

from datetime import datetime

from django.db import transaction

from accounts import permissions as doors
from accounts.actors import Actor
from contracts import permissions
from contracts.services import evidence
from contracts.services.mails import finding, shielding
from contracts.services.mails.shielding import Aim
from contracts.services.mails.ways import Correction, MailRefused, Sent, Way, ways
from notifications.models import Delivery, DeliveryState

# 宛先に届いたか、届いたかもしれない状態。ほかの状態なら、前の宛先は何も知らない
MAY_HAVE_ARRIVED = frozenset({DeliveryState.SENT, DeliveryState.SENDING})


@transaction.atomic
def resend(delivery: Delivery, *, actor: Actor, at: datetime, addresses_checked: bool = False) -> str:
    """Send what a mail was for once more, with a fresh link, and return the address that it goes to now.

    Raises MailRefused for a mail without a link of its own, or one that nobody waits for any more, AddressDoubtful
    when the address has a serious doubt (a mail to it came back) and nobody says that it was checked.
    """
    mail = finding.locked(delivery)
    way = way_of(mail, actor=actor)
    address, firm = way.address(mail), way.firm(mail)
    found = shielding.of([Aim(firm, address, answered=True)]) if firm is not None else []
    doubts = shielding.check(found, checked=addresses_checked)
    finding.kill(mail, at=at, reason="送り直したため、前のメールを取り消しました。")
    way.again(mail, at)
    _record("mail.resent", mail, actor=actor, at=at, to=address, **({"doubts": doubts} if doubts else {}))
    return address


@transaction.atomic
def correct(
    delivery: Delivery, *, actor: Actor, at: datetime, email: str, reason: str, addresses_checked: bool = False
) -> None:
    """Put an address right where the mail took it from, and send the matter there; the old link dies.

    Whoever may have got the old mail is told that it is no longer theirs, as for any change of a signer or authority.
    Raises MailRefused as `resend` does and without a reason, AddressDoubtful as it does, and what the change of that
    address raises (ReassignmentRefused, AddressRefused, RegisterRefused).
    """
    mail = finding.locked(delivery)
    way = way_of(mail, actor=actor)
    if not reason.strip():
        raise MailRefused("宛先を直す理由を入力してください。")
    before, firm = way.address(mail), way.firm(mail)
    if firm is None:
        raise MailRefused("職員の宛先は、運用管理者が職員の画面で直します。")
    if email == before:
        raise MailRefused("メールアドレスが変わっていません。同じ宛先へは「送り直す」を使います。")
    doubts = shielding.check(shielding.of([Aim(firm, email)]), checked=addresses_checked)
    reached = delivery.state in MAY_HAVE_ARRIVED and mail.link.revoked_at is None
    to = Correction(
        email=email,
        reason=reason.strip(),
        actor=actor,
        at=at,
        former_reached=reached,
        doubts_checked=addresses_checked,
    )
    finding.kill(mail, at=at, reason="宛先を直したため、前のメールを取り消しました。")
    way.correct(mail, to)
    told = {"before": before, "to": email, "reason": reason.strip(), "doubts": doubts}
    _record("mail.corrected", mail, actor=actor, at=at, **{name: value for name, value in told.items() if value})


def way_of(mail: Sent, *, actor: Actor) -> Way:
    """Find how a mail is sent again by this person; raises MailRefused when it is not, or not by them."""
    doors.check(permissions.can_tend_mails, actor)
    way = ways.get(mail.delivery.template)
    if way is None:
        raise MailRefused("このメールは、送り直す用件のあるものではありません。")
    if not way.may(actor):
        raise MailRefused("この用件のメールを扱えるのは、起案者の役割を持つ職員です。")
    if not way.waits(mail):
        raise MailRefused("このメールの用件は済んでいるか、なくなりました。送り直す必要はありません。")
    return way


def _record(action: str, mail: Sent, *, actor: Actor, at: datetime, **data: object) -> None:
    subject = f"delivery:{mail.delivery.pk}"
    evidence.record(
        action, mail.link.case, subject=subject, actor=actor, at=at, template=mail.delivery.template, **data
    )
