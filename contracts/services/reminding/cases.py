"""The deadline of a conclusion: who works on it hears of it daily, the chief at last, and all once it is past."""

from collections.abc import Iterator
from functools import partial
from typing import Any

from django.db.models import Exists, OuterRef, Prefetch

from accounts.models import User
from contracts import rules
from contracts.models import ApprovalStep, Case, Contract, ContractVersion, Decision, Party, SigningStep
from contracts.services.mails import losing
from contracts.services.reminding.desk import Desk
from contracts.states import LIVE_VERSIONS, OPEN_CASES, ApprovalState, ContractState, StepState
from notifications.reminders.planning import Shift
from notifications.reminders.registry import Item


def items(desk: Desk) -> Iterator[Item]:
    """Find what is to be told of the open cases that have a deadline."""
    if not desk.wanted("case"):
        return
    cases = list(open_cases(desk))
    versions = _versions(desk) if cases else {}
    lost = losing.cases_of(desk.city.pk, among=[case.pk for case in cases])
    for case in cases:
        yield from _of_case(desk, case, versions.get(case.pk), lost=losing.IN_A_WORD if case.pk in lost else "")


def open_cases(desk: Desk) -> Any:
    """Query the cases still to be concluded by a day; a 仮契約 that waits for the council has been concluded."""
    pending = Contract.unscoped.filter(case=OuterRef("pk"), state=ContractState.COUNCIL_PENDING)
    rows = Case.unscoped.filter(tenant=desk.city, state__in=OPEN_CASES, conclusion_deadline_date__isnull=False)
    found = desk.asked(rows, "case").filter(~Exists(pending)).select_related("registered_by")
    return found.defer("econtract_verdict", "search_key").order_by("conclusion_deadline_date", "pk")


def _versions(desk: Desk) -> dict[int, ContractVersion]:
    """Map each open case to its live version, with those whose turn it is."""
    deciding = ApprovalStep.unscoped.filter(state=ApprovalState.OPEN).prefetch_related("acts")
    signing = SigningStep.unscoped.filter(party=Party.CITY, state=StepState.REQUESTED).select_related("user")
    rows = ContractVersion.unscoped.filter(
        tenant=desk.city, state__in=LIVE_VERSIONS, contract__case__state__in=OPEN_CASES
    )
    keys = desk.asking.among("case")
    rows = rows if keys is None else rows.filter(contract__case__in=keys)
    found = rows.select_related("contract", "drafted_by").defer("terms")
    turns = (Prefetch("approval_steps", deciding, "deciding"), Prefetch("steps", signing, "signing"))
    return {version.contract.case_id: version for version in found.prefetch_related(*turns)}


def _of_case(desk: Desk, case: Case, version: ContractVersion | None, *, lost: str) -> Iterator[Item]:
    said, day, within = desk.rules_of(case), case.conclusion_deadline_date, desk.asking.planned
    assert day is not None  # noqa: S101 - open_cases が選んだ
    people = desk.people(case, *([version.drafted_by, *_whose_turn(desk, version)] if version else []))
    chiefs = desk.roster.chiefs(case.department_id)
    state = f"いまの状態は「{version.get_state_display()}」です。" if version else "契約書は、まだ起案されていません。"
    why = state + lost
    tell = partial(desk.tell_staff, case, subject=f"case:{case.pk}")
    daily = rules.deadline_days(said, awarded=case.awarded_date, deadline=day, within=within)
    yield from tell(people, rule="deadline", planned=daily, shift=Shift.BEFORE, why=why)
    last = rules.escalation_days(said, deadline=day, within=within)
    whose = f"担当は{case.registered_by.name}です。"
    yield from tell(chiefs, rule="escalation", planned=last, shift=Shift.BEFORE, why=why + whose)
    over = rules.overdue_days(said, deadline=day, within=within)
    yield from tell(people, rule="overdue", planned=over, shift=Shift.AFTER, why=why)


def _whose_turn(desk: Desk, version: Any) -> Iterator[User]:
    """Yield who is to act now: the people of the open approval step who have not acted, or the city's signatory."""
    for step in version.deciding:
        acted = {act.user_id for act in step.acts.all() if act.decision != Decision.SEEN}
        acted |= {act.on_behalf_of_id for act in step.acts.all() if act.on_behalf_of_id}
        past = {version.drafted_by_id, *acted}
        able = [
            user for user in desk.roster.holders(step.role, department_id=step.department_id) if user.pk not in past
        ]
        yield from able
        yield from (user for user in desk.roster.deputies_of(able) if user.pk not in past)
    yield from (step.user for step in version.signing if step.user is not None)
