"""The truth about the mails of a case: when what went to whom, whether it arrived, and what became of its link."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from typing import Any

from django.db.models import Q
from django.template import TemplateDoesNotExist

from accounts.actors import Actor
from contracts.models import AccessLink, Case
from contracts.services.mails import finding, shielding
from contracts.services.mails.shielding import Aim
from contracts.services.mails.ways import Sent, Way, ways
from contracts.shield import Doubt
from notifications import table, wordings
from notifications.models import Delivery, DeliveryState, Reminder
from notifications.words import MissingVariable, Refused, Words

LOST = (DeliveryState.FAILED, DeliveryState.BOUNCED)
TONES = {
    DeliveryState.QUEUED: "info",
    DeliveryState.SENDING: "info",
    DeliveryState.SENT: "success",
    DeliveryState.FAILED: "error",
    DeliveryState.BOUNCED: "error",
    DeliveryState.CANCELLED: "neutral",
}
IN_PLACE_OF_LINK = "（ここに、宛先の方だけが使えるリンクが入ります）"
IN_PLACE_OF_CODE = "（ここに、宛先の方だけに伝える番号が入ります）"


@dataclass(frozen=True)
class Truth:
    """What staff are shown of one mail at an instant, and what they may do about it."""

    delivery: Delivery
    link: AccessLink | None
    actor: Actor
    at: datetime

    @property
    def event(self) -> str:
        """Say what the mail was about, in the words of the table of who is told what."""
        try:
            return table.of(self.delivery.template).event
        except table.Untold:
            return self.delivery.template

    @property
    def tone(self) -> str:
        return TONES[DeliveryState(self.delivery.state)]

    @property
    def is_lost(self) -> bool:
        return self.delivery.state in LOST

    @property
    def is_recalled(self) -> bool:
        """Tell whether the link died before anyone had opened it, although the mail may have arrived."""
        link = self.link
        return link is not None and link.revoked_at is not None and link.opened_at is None

    @property
    def reason(self) -> str:
        """Say why the mail is where it is; empty where there is nothing to explain."""
        delivery = self.delivery
        if delivery.state == DeliveryState.CANCELLED:
            return str(delivery.cancel_reason)
        if delivery.state == DeliveryState.SENT:
            late = [answer["text"] for answer in delivery.answers if not str(answer["code"]).startswith("2")]
            return str(late[-1]) if late else ""
        return str(delivery.last_error)

    @property
    def is_code(self) -> bool:
        """Tell whether the mail carried a one-time code, which goes to a firm's second address."""
        return bool(self.delivery.template == "contracts/one_time_code")

    @property
    def answers(self) -> list[tuple[datetime, str, str]]:
        """List what was ever answered to the mail, oldest first: when, with which code, in which words."""
        told = self.delivery.answers
        return [(datetime.fromisoformat(each["at"]), each.get("code", ""), each.get("text", "")) for each in told]

    @property
    def link_says(self) -> str:
        """Say in a word how it stands with the link; empty for a mail without one of its own."""
        link = self.link
        if link is None:
            return ""
        if link.revoked_at is not None:
            return "無効" if link.opened_at is None else "開封の後に無効"
        if link.opened_at is not None:
            return "開封済み"
        return "未開封" if link.is_live(at=self.at) else "開かれずに期限切れ"

    @cached_property
    def way(self) -> Way | None:
        """Give the way in which this person may send the mail again; None when nobody waits for it."""
        way, sent = ways.get(self.delivery.template), self.sent
        return way if way and sent and way.may(self.actor) and way.waits(sent) else None

    @property
    def sent(self) -> Sent | None:
        return Sent(self.delivery, self.link) if self.link is not None else None

    @property
    def address(self) -> str:
        """Give the address that the matter has now: where it would go if it were sent again."""
        return self.way.address(self.sent) if self.way and self.sent else ""

    @property
    def may_correct(self) -> bool:
        return bool(self.way and self.sent and self.way.firm(self.sent) is not None)

    @property
    def may_recall(self) -> bool:
        """Tell whether the mail can still be taken back: nobody has opened its living link."""
        way, link = ways.get(self.delivery.template), self.link
        if way is None or link is None or not way.may(self.actor):
            return False
        return link.opened_at is None and link.is_live(at=self.at) and not self.is_lost


def of(deliveries: Iterable[Delivery], *, actor: Actor, at: datetime) -> list[Truth]:
    """Tell the truth about some mails, in their order; one question for all their links."""
    rows = list(deliveries)
    known = finding.links_of(rows)
    return [Truth(row, known.get(row.link_hash), actor, at) for row in rows]


def of_case(case: Case, *, actor: Actor) -> Any:
    """List the mails of a case that this person may see, the digests that spoke of it among them, newest first.

    Which digests those are is asked at once, the mails not yet.
    """
    # 一つの文の「または」にすると、市のすべてのメールを新しいほうから読んでしまう
    told = Reminder.unscoped.filter(tenant=case.tenant_id, thread=case.thread)
    digests = list(told.values_list("delivery_id", flat=True).distinct())
    return Delivery.objects.visible_to(actor).filter(Q(thread=case.thread) | Q(pk__in=digests)).order_by("-pk")


def case_id(delivery: Delivery) -> int | None:
    """Read the case that a mail is about from its thread ("case:7"); None for a mail about none."""
    kind, _, number = delivery.thread.partition(":")
    return int(number) if kind == "case" and number.isdecimal() else None


def cases_of(deliveries: Sequence[Delivery], *, actor: Actor) -> dict[str, Case]:
    """Map the threads of some mails to their cases, in one question."""
    ids = {pk for delivery in deliveries if (pk := case_id(delivery)) is not None}
    return {case.thread: case for case in Case.objects.visible_to(actor).filter(pk__in=ids)} if ids else {}


def newer(truth: Truth) -> Delivery | None:
    """Find the mail that took the place of this one: the newest with a later link for the same matter."""
    link = truth.link
    if link is None:
        return None
    same = AccessLink.unscoped.filter(case=link.case_id, purpose=link.purpose, step=link.step_id)
    same = same.filter(consent=link.consent_id)
    later = same.filter(pk__gt=link.pk).values("token_hash")
    rows = Delivery.objects.visible_to(truth.actor).filter(thread=truth.delivery.thread, link_hash__in=later)
    return rows.order_by("-pk").first()  # type: ignore[no-any-return]


def doubts_of(truth: Truth) -> list[Doubt]:
    """Look twice at the address to which a mail would go again; nothing when it would not."""
    firm = truth.way.firm(truth.sent) if truth.way and truth.sent else None
    return shielding.of([Aim(firm, truth.address, answered=True)]) if firm is not None else []


def said(delivery: Delivery) -> Words | None:
    """Write a mail once more without its link and code; None when its template no longer takes its values."""
    link = IN_PLACE_OF_LINK if delivery.link_hash else None
    try:
        return wordings.shown(delivery, link=link, code=None if link else IN_PLACE_OF_CODE)
    except (MissingVariable, Refused, TemplateDoesNotExist):
        return None
