"""Send many requests again to whom the city waits for; each old link dies, as when one mail is sent again."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django.db.models import Exists, OuterRef, Q, Subquery
from django.utils import timezone

from accounts.actors import Actor
from accounts.refusals import MovedOn
from contracts import permissions
from contracts.dates import wareki
from contracts.models import AccessLink, BatchKind, Contractor, Deed, Party, Purpose
from contracts.services.batches.invitations import in_doubt, serious_doubts
from contracts.services.batches.kind import Kind, Told
from contracts.services.consents.consenting import TO_ANSWER
from contracts.services.mails import finding, resending
from contracts.services.mails.shielding import Aim
from contracts.states import StepState, VersionState
from notifications.models import Delivery, DeliveryState

ASKED = Q(purpose=Purpose.CONSENT, consent__state__in=TO_ANSWER) | Q(
    purpose=Purpose.SIGN,
    step__party=Party.CONTRACTOR,
    step__state=StepState.REQUESTED,
    step__version__state=VersionState.SENT,
)
ON_ITS_WAY = (DeliveryState.QUEUED, DeliveryState.SENDING)


def _mails(link_hash: Any) -> Any:
    """Query the mails that carried a link, the newest first, in words that the index of such mails answers."""
    return Delivery.unscoped.filter(link_hash=link_hash).exclude(link_hash="").order_by("-pk")


def _rows(actor: Actor, _at: datetime) -> Any:
    mails = _mails(OuterRef("token_hash")).filter(tenant_id=actor.tenant_id)
    rows = AccessLink.unscoped.filter(ASKED, tenant_id=actor.tenant_id, revoked_at__isnull=True)
    related = (
        "case__contractor",
        "case__department",
        "consent__contractor",
        "step__contractor",
        "step__version__contract",
    )
    return rows.filter(Exists(mails)).annotate(mail_state=Subquery(mails.values("state")[:1])).select_related(*related)


def _tell(rows: Sequence[Any], _actor: Actor, at: datetime) -> list[Told]:
    doubtful = serious_doubts([Aim(_firm(link), _address(link), answered=True) for link in rows])
    return [_told(link, doubtful, at=at) for link in rows]


def _firm(link: Any) -> Contractor:
    firm: Contractor = link.step.contractor if link.step else link.consent.contractor
    return firm


def _address(link: Any) -> str:
    return str(link.step.email if link.step else link.consent.contractor.email)


def _told(link: Any, doubtful: dict[str, str], *, at: datetime) -> Told:
    asked = timezone.localdate(link.made_at)
    opened = "開封済み" if link.opened_at else "未開封"
    notes = [f"宛先 {link.name} 様 {_address(link)}", f"{wareki(asked)}に依頼・{opened}"]
    label = link.step.version.contract.label if link.step else "承諾書"
    amount = link.step.version.amount if link.step else link.case.amount
    obstacle = _obstacle(link, doubtful.get(_address(link), ""), at=at)
    return Told(link.pk, link.case, label, amount, notes, obstacle=obstacle)


def _obstacle(link: Any, doubt: str, *, at: datetime) -> str:
    """One reminder a day is enough, and none overtakes a mail that has not left yet."""
    if timezone.localdate(link.made_at) == timezone.localdate(at):
        return "今日すでに送っています。"
    if link.mail_state in ON_ITS_WAY:
        return "前のメールが、まだ送信を待っています。"
    return in_doubt(doubt) if doubt else ""


def _do(deed: Deed, actor: Actor, at: datetime) -> str:
    link = AccessLink.unscoped.get(pk=deed.target)
    mail = finding.locked(_mails(link.token_hash)[0])
    if mail.link.revoked_at is not None:
        raise MovedOn("このメールは、すでに送り直されたか、要らなくなりました。案件の画面を開いてご確認ください。")
    address = resending.resend(mail.delivery, actor=actor, at=at)
    return f"{address} へ送り直しました。前のリンクは使えなくなりました。"


KIND = Kind(
    name=BatchKind.REMIND,
    may=permissions.can_register,
    rows=_rows,
    case="case",
    tell=_tell,
    do=_do,
    effect="返事を待っている相手に、依頼のメールを新しいリンクで送り直します。前のリンクは使えなくなります。",
    lacking="受注者の返事を待つ依頼のメールがありません。",
)
