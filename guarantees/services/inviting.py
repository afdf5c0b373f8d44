"""The contractor is told what the city expects, and how to hand it in (R119)."""

from datetime import datetime

from django.db import transaction

from accounts import permissions as doors
from accounts.actors import Actor
from contracts.models import Case, Purpose
from contracts.services import evidence, links
from guarantees import guidance, messages, permissions
from guarantees.models import Guarantee, GuaranteeType
from guarantees.services import expecting
from guarantees.services.refusals import GuaranteeRefused


def on_contracted(case: Case, actor: Actor, at: datetime) -> None:
    """Expect the 契約保証 of a case that has its contract, and invite its contractor to hand guarantees in."""
    if expecting.why_not(case):
        return
    if expecting.is_asked_for(case):
        expecting.expect(case, type_=GuaranteeType.CONTRACT, actor=actor, at=at)
    _invite(case, actor=actor, at=at)


@transaction.atomic
def invite_again(case: Case, *, actor: Actor, at: datetime) -> Case:
    """Send the invitation once more, with a new page where the city takes guarantees on screen.

    Raises GuaranteeRefused when the case takes no electronic guarantee now.
    """
    doors.check(permissions.may_handle, actor)
    if reason := expecting.why_not(case):
        raise GuaranteeRefused(reason)
    _invite(case, actor=actor, at=at)
    return case


def ask_for_change(need: Guarantee, *, at: datetime) -> None:
    """Tell the contractor that the contract has changed and by how much its guarantee must, or may, change (R106)."""
    address, expires_at = _page(need.case, at=at)
    messages.change_asked(need, link=address, expires_at=expires_at, at=at)


def send(case: Case, *, at: datetime) -> None:
    """Mail the contractor how the city takes guarantees, with a fresh page where it takes them on screen."""
    address, expires_at = _page(case, at=at)
    messages.guarantee_invited(case, guide=guidance.guide(case), link=address, expires_at=expires_at, at=at)


def _invite(case: Case, *, actor: Actor, at: datetime) -> None:
    send(case, at=at)
    evidence.record("guarantee.invited", case, subject=f"case:{case.pk}", actor=actor, at=at, to=case.contractor.email)


def _page(case: Case, *, at: datetime) -> tuple[str | None, datetime]:
    """Make the contractor's page and say how long it lives; None where the city wants the papers brought."""
    expires_at = at + links.GUARANTEE_LIFETIME
    if not guidance.guide(case).on_screen:
        return None, expires_at
    firm = case.contractor
    made = links.issue(
        purpose=Purpose.GUARANTEE, case=case, name=firm.name, email=firm.email, at=at, expires_at=expires_at
    )
    return made, expires_at
