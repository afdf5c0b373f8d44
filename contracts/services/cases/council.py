"""仮契約 → 議決 → 本契約: the council's vote forms the contract, without any further signature (§2.1)."""

from datetime import date, datetime

from django.db import transaction
from django.utils import timezone

from accounts import permissions as doors
from accounts.actors import Actor
from accounts.querysets import lock
from accounts.refusals import Refusal
from contracts import messages, permissions
from contracts.dates import wareki
from contracts.models import Contract
from contracts.services import evidence
from contracts.services.cases import forming
from contracts.states import CaseState, ContractState, VersionState


class CouncilRefused(Refusal):
    """The vote cannot be recorded this way."""


@transaction.atomic
def plan(contract: Contract, *, actor: Actor, at: datetime, day: date) -> Contract:
    """Note on which day (JST) the council is expected to vote."""
    contract = lock(contract)
    doors.check(permissions.can_record_vote, actor, contract)
    contract.council_planned_date = day
    contract.save(update_fields=["council_planned_date"])
    evidence.record(
        "council.planned", contract.case, subject=f"contract:{contract.pk}", actor=actor, at=at, day=day.isoformat()
    )
    return contract


@transaction.atomic
def record_vote(
    contract: Contract, *, actor: Actor, at: datetime, day: date, passed: bool, reason: str = ""
) -> Contract:
    """Record the vote of a day (JST): 可決 forms the contract on that day, 否決 ends it; both parties are told.

    Raises CouncilRefused for a day before the 仮契約 was concluded or after today, or a rejection without a reason.
    """
    contract = lock(contract)
    doors.check(permissions.can_record_vote, actor, contract)
    _check_day(contract, day=day, today=timezone.localdate(at))
    if not passed and not reason.strip():
        raise CouncilRefused("否決のときは、その経緯を入力してください。")
    contract.council_date = day
    contract.save(update_fields=["council_date"])
    if passed:
        concluded = contract.versions.get(state=VersionState.CONCLUDED)
        forming.form(contract, version=concluded, in_force=day, at=at)
    else:
        _lapse(contract)
    messages.council_voted(contract, day=day, passed=passed, reason=reason.strip(), at=at)
    evidence.record(
        "council.passed" if passed else "council.rejected",
        contract.case,
        subject=f"contract:{contract.pk}",
        actor=actor,
        at=at,
        title=contract.label,
        day=day.isoformat(),
        reason=reason.strip(),
    )
    return contract


def _check_day(contract: Contract, *, day: date, today: date) -> None:
    fixed = timezone.localdate(contract.versions.get(state=VersionState.CONCLUDED).fixed_at)
    if day < fixed:
        raise CouncilRefused(f"議決の日は、仮契約の締結の日（{wareki(fixed)}）以後にしてください。")
    if day > today:
        raise CouncilRefused("議決の日が先の日付です。議決の後に登録してください。")


def _lapse(contract: Contract) -> None:
    contract.move_to(ContractState.LAPSED)
    contract.save(update_fields=["state"])
    if contract.is_original:
        case = lock(contract.case)
        case.move_to(CaseState.LAPSED)
        case.save(update_fields=["state"])
