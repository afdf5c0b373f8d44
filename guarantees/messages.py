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


def change_asked(need: Guarantee, *, link: str | None, expires_at: datetime, at: datetime) -> None:
    """Tell the contractor what a change of the contract asks of the guarantee that the city holds (R106)."""
    assert need.amends is not None  # noqa: S101 - 変更の求めだけを知らせる
    _tell(
        need.case,
        "guarantee_change_asked",
        key=f"{need.pk}:{at.isoformat()}",
        to=need.case.contractor.email,
        at=at,
        link=link,
        about=f"guarantee:{need.pk}",
        recipient_name=need.case.contractor.name,
        expires=moment(expires_at),
        type=need.get_type_display(),
        number=need.amends.number,
        delta=need.delta_text,
        is_more=(need.delta or 0) > 0,
        expected=need.expected_text,
    )


def guarantee_arrived(guarantee: Guarantee, *, at: datetime) -> None:
    """Tell the department that a guarantee was routed to it."""
    assert guarantee.routed_to is not None  # noqa: S101 - 振り分けた後に呼ぶ
    case, department = guarantee.case, guarantee.routed_to
    _tell(
        case,
        "guarantee_arrived",
        key=f"{guarantee.pk}:{at.isoformat()}",
        to=department.email,
        at=at,
        link=settings.BASE_URL + reverse("guarantee", args=[guarantee.pk]),
        type=guarantee.get_type_display(),
        number=guarantee.number,
        department=department.name,
        contractor_name=case.contractor.name,
        channel=guarantee.get_channel_display(),
    )


def guarantee_received(guarantee: Guarantee, *, at: datetime) -> None:
    """Send the contractor a numbered receipt."""
    case = guarantee.case
    _tell(
        case,
        "guarantee_receipt",
        key=f"{guarantee.pk}",
        to=case.contractor.email,
        at=at,
        link=None,
        recipient_name=case.contractor.name,
        receipt=guarantee.receipt,
        type=guarantee.get_type_display(),
        number=guarantee.number,
        department=guarantee.routed_to.name if guarantee.routed_to else case.tenant.name,
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
        outcome="受理できませんでした" if guarantee.reason else "受理しました",
        reason=guarantee.reason,
    )
