"""What comes on paper is recorded, so that a case shows all that secures it: certificates, banks, bonds, cash."""

from datetime import date, datetime

from django.db import transaction

from accounts import permissions as doors
from accounts.actors import Actor
from accounts.querysets import lock
from contracts.dates import yen
from contracts.models import Case
from contracts.services import evidence
from guarantees import permissions
from guarantees.facts import CertificateFacts
from guarantees.models import Channel, Guarantee, GuaranteeType, PaperKind
from guarantees.services import archiving, expecting
from guarantees.services.changing import supersede
from guarantees.services.refusals import GuaranteeRefused
from guarantees.states import GuaranteeState


@transaction.atomic
def receive_paper(
    case: Case,
    *,
    actor: Actor,
    at: datetime,
    type_: str,
    paper_kind: str,
    amount: int,
    guarantor: str = "",
    number: str = "",
    guaranteed_until: date | None = None,
) -> Guarantee:
    """Record a guarantee received on paper, or cash: no key, no electronic check; `amount` in yen (§2.5, R95).

    Raises GuaranteeRefused when the case has no contract yet, or the record could not be one.
    """
    doors.check(permissions.may_handle, actor)
    _check(case, type_=type_, paper_kind=paper_kind, amount=amount, guarantor=guarantor)
    guarantee = expecting.awaited(case, type_=type_, at=at, number=number)
    before = lock(guarantee.amends) if guarantee.amends else None
    guarantee.move_to(GuaranteeState.PAPER)
    guarantee.paper_kind, guarantee.number, guarantee.guaranteed_amount = paper_kind, number.strip()[:32], amount
    guarantee.facts = CertificateFacts(
        type=type_,
        number=guarantee.number or None,
        amount=amount,
        guarantor=guarantor.strip() or None,
        guaranteed_until=guaranteed_until,
    ).to_json()
    guarantee.warnings = _warnings(guarantee)
    guarantee.channel, guarantee.submitted_by, guarantee.submitted_at = Channel.BRING, actor.name, at
    guarantee.decided_by_id, guarantee.decided_at = actor.user_id, at
    if before is not None:
        supersede(before)
    guarantee.save()
    archiving.follow(guarantee)
    evidence.record(
        "guarantee.paper_received",
        case,
        subject=f"guarantee:{guarantee.pk}",
        actor=actor,
        at=at,
        type=type_,
        paper_kind=paper_kind,
        amount=amount,
        guarantor=guarantor,
        amends=guarantee.amends_id,
    )
    return guarantee


def _check(case: Case, *, type_: str, paper_kind: str, amount: int, guarantor: str) -> None:
    if not expecting.has_contract(case):
        raise GuaranteeRefused(expecting.NO_CONTRACT)
    if paper_kind == PaperKind.CASH and type_ != GuaranteeType.CONTRACT:
        raise GuaranteeRefused("現金で納められるのは、契約保証金だけです。")
    if paper_kind != PaperKind.CASH and not guarantor.strip():
        raise GuaranteeRefused("保証する機関の名称を入力してください。")
    if amount <= 0:
        raise GuaranteeRefused("保証金額は1円以上で入力してください。")


def _warnings(guarantee: Guarantee) -> list[str]:
    minimum, maximum = expecting.expected_amounts(guarantee)
    amount = guarantee.guaranteed_amount or 0
    if amount < minimum:
        return [f"必要な額 {yen(minimum)} に {yen(minimum - amount)} 足りません。"]
    if maximum is not None and amount > maximum:
        return [f"上限 {yen(maximum)} を {yen(amount - maximum)} 超えています。"]
    return []
