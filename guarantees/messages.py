"""Who is told what about guarantees. No mail carries a key (R124)."""

from datetime import datetime
from typing import Any

from django.conf import settings
from django.urls import reverse

from contracts.messages import moment, tell
from contracts.models import Case
from guarantees import guidance
from guarantees.models import Guarantee


def _tell(case: Case, template: str, **mail: Any) -> None:
    tell(case, f"guarantees/{template}", **mail)


def guarantee_invited(
    case: Case, *, guide: guidance.Guide, link: str | None, expires_at: datetime, at: datetime
) -> None:
    """Tell the contractor how the city takes guarantees, with the page to register them where there is one (R119)."""
    firm = case.contractor
    _tell(
        case,
        "guarantee_invited",
        key=f"{case.pk}:{at.isoformat()}",
        to=firm.email,
        at=at,
        link=link,
        recipient_name=firm.name,
        expires=moment(expires_at),
        guide=guide.to_dict(),
    )


def guarantee_submitted(guarantee: Guarantee, *, at: datetime) -> None:
    """Tell the receiving department, and send the contractor a numbered receipt."""
    case = guarantee.case
    shared = {"type": guarantee.get_type_display(), "number": guarantee.number, "department": guarantee.routed_to.name}
    arrived = {"contractor_name": case.contractor.name, "channel": guarantee.get_channel_display()}
    page = settings.BASE_URL + reverse("guarantee", args=[guarantee.pk])
    to = guarantee.routed_to.email
    _tell(case, "guarantee_arrived", key=f"{guarantee.pk}", to=to, at=at, link=page, **shared, **arrived)
    _tell(
        case,
        "guarantee_receipt",
        key=f"{guarantee.pk}",
        to=case.contractor.email,
        at=at,
        link=None,
        recipient_name=case.contractor.name,
        receipt=guarantee.receipt,
        **shared,
    )


def guarantee_decided(guarantee: Guarantee, *, at: datetime) -> None:
    """Tell the contractor whether the guarantee was accepted."""
    _tell(
        guarantee.case,
        "guarantee_decided",
        key=f"{guarantee.pk}:{guarantee.state}",
        to=guarantee.case.contractor.email,
        at=at,
        link=None,
        recipient_name=guarantee.case.contractor.name,
        type=guarantee.get_type_display(),
        number=guarantee.number,
        receipt=guarantee.receipt,
        accepted=not guarantee.reason,
        reason=guarantee.reason,
    )
