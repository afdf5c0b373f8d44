"""How the mails about guarantees are sent again, and where their address is put right."""

from datetime import datetime

from contracts.services.mails import ways
from contracts.services.mails.ways import Correction, Sent, Way
from guarantees import permissions
from guarantees.models import Guarantee
from guarantees.services import expecting, inviting
from guarantees.states import GuaranteeState

PLACE = "名簿のメールアドレスを直し、送り直します。"


def register() -> None:
    """Enter the mails that carry the contractor's page."""
    ways.register(
        {
            "guarantees/guarantee_invited": Way(
                address=lambda mail: mail.link.case.contractor.email,
                waits=lambda mail: not expecting.why_not(mail.link.case),
                again=lambda mail, at: inviting.send(mail.link.case, at=at),
                correct=_invite,
                firm=lambda mail: mail.link.case.contractor,
                place=PLACE,
                may=permissions.may_handle,
            ),
            "guarantees/guarantee_change_asked": Way(
                address=lambda mail: mail.link.case.contractor.email,
                waits=lambda mail: _need(mail) is not None,
                again=_ask,
                correct=_ask_elsewhere,
                firm=lambda mail: mail.link.case.contractor,
                place=PLACE,
                may=permissions.may_handle,
            ),
        }
    )


def _need(mail: Sent) -> Guarantee | None:
    """Find the changed guarantee that a mail asked for, for as long as nobody has brought it."""
    pk = mail.delivery.about.removeprefix("guarantee:")
    rows = Guarantee.unscoped.filter(case=mail.link.case, state=GuaranteeState.EXPECTED, amends__isnull=False)
    return rows.select_related("amends", "case__contractor").filter(pk=pk).first() if pk.isdecimal() else None


def _ask(mail: Sent, at: datetime) -> None:
    if (need := _need(mail)) is not None:
        inviting.ask_for_change(need, at=at)


def _invite(mail: Sent, to: Correction) -> None:
    ways.correct_register(mail.link.case.contractor, to)
    mail.link.case.contractor.refresh_from_db()
    inviting.send(mail.link.case, at=to.at)


def _ask_elsewhere(mail: Sent, to: Correction) -> None:
    ways.correct_register(mail.link.case.contractor, to)
    _ask(mail, to.at)
