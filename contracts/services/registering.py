"""Register a case, and switch it to paper."""

from datetime import date, datetime
from typing import Any

from django.db import IntegrityError, transaction
from django.utils import timezone

from accounts import permissions as doors
from accounts.actors import Actor
from accounts.models import Department, User
from accounts.querysets import lock
from accounts.refusals import Refusal
from contracts import hooks, permissions, rules
from contracts.models import Case, Consent, Contractor, ContractVersion, Purpose, RuleSet, SigningStep
from contracts.services import evidence, links
from contracts.states import LIVE_VERSIONS, CaseState, ConsentState, StepState, VersionState


class CaseRefused(Refusal):
    """The case cannot be registered as typed."""


def facts_of(case: Case) -> rules.CaseFacts:
    """Give the rules the plain facts of a case."""
    return rules.CaseFacts(
        kind=case.kind,
        procurement_method=case.procurement_method,
        announced_date=case.announced_date,
        awarded_date=case.awarded_date,
        contracted_date=contracted_date(case),
        work_starts_date=case.work_starts_date,
        amount=case.amount,
        needs_council=case.needs_council,
        traits=frozenset(case.traits),
        work_ends_date=case.work_ends_date,
    )


def contracted_date(case: Case) -> date | None:
    """Tell on which day (JST) the original contract was concluded; None while there is none."""
    if case.paper_contract_date is not None:
        return case.paper_contract_date
    if case.pk is None:
        return None
    fixed = ContractVersion.unscoped.filter(contract__case=case, state=VersionState.CONCLUDED).values_list(
        "fixed_at", flat=True
    )
    first = fixed.first()
    return None if first is None else timezone.localdate(first)


@transaction.atomic
def register(*, actor: Actor, at: datetime, contractor: Contractor, department: Department, **typed: Any) -> Case:
    """Register an awarded case: judge it by the rules in force and count its deadline (R38–R41).

    Raises CaseRefused when the number is taken, the dates contradict each other or no rules are in force.
    """
    doors.check(permissions.can_register, actor)
    if typed["awarded_date"] < typed["announced_date"]:
        raise CaseRefused("落札日が公告日より前になっています。日付をご確認ください。")
    try:
        rule_set = RuleSet.in_force(tenant=contractor.tenant, on=timezone.localdate(at))
    except RuleSet.DoesNotExist as missing:
        raise CaseRefused("適用中の規程がありません。運用管理者にご連絡ください。") from missing
    try:
        deadline = rules.deadline(rule_set.data, typed["awarded_date"])
    except rules.RuleError as uncounted:
        raise CaseRefused(str(uncounted)) from uncounted
    case = Case(
        tenant_id=actor.tenant_id,
        rule_set=rule_set,
        contractor=contractor,
        department=department,
        registered_by=User.objects.get(email=actor.email),
        registered_at=at,
        conclusion_deadline_date=deadline.date if deadline else None,
        deadline_working="　※".join(filter(None, [deadline.working, deadline.warning])) if deadline else "",
        **typed,
    )
    case.econtract_verdict = rules.econtract_verdict(rule_set.data, facts_of(case)).to_dict()
    try:
        with transaction.atomic():
            case.save()
    except IntegrityError as clash:
        if "one_case_per_number" not in str(clash):
            raise
        raise CaseRefused(f"工事番号「{typed['number']}」はすでに登録されています。") from clash
    evidence.record(
        "case.registered",
        case,
        subject=f"case:{case.pk}",
        actor=actor,
        at=at,
        title=case.title,
        amount=case.amount,
        verdict=case.econtract_verdict["decided_by"],
        deadline=deadline.date.isoformat() if deadline else None,
    )
    return case


@transaction.atomic
def switch_to_paper(case: Case, *, actor: Actor, at: datetime, contract_date: date) -> Case:
    """Record that the case was contracted on paper; its consent becomes void and open requests end (R57, R95)."""
    case = lock(case)
    doors.check(permissions.can_switch_to_paper, actor, case)
    if contract_date < case.awarded_date:
        raise CaseRefused("契約日が落札日より前になっています。日付をご確認ください。")
    for version in ContractVersion.unscoped.select_for_update().filter(contract__case=case, state__in=LIVE_VERSIONS):
        version.move_to(VersionState.SWITCHED_TO_PAPER)
        version.save(update_fields=["state"])
        open_steps = SigningStep.unscoped.filter(version=version, state__in=[StepState.WAITING, StepState.REQUESTED])
        open_steps.update(state=StepState.CANCELLED)
    for consent in Consent.unscoped.select_for_update().filter(case=case):
        consent.move_to(ConsentState.VOID_BY_PAPER)
        consent.save(update_fields=["state"])
    links.revoke(case, purposes={Purpose.CONSENT, Purpose.SIGN}, at=at)
    case.move_to(CaseState.PAPER)
    case.paper_contract_date = contract_date
    case.save(update_fields=["state", "paper_contract_date"])
    hooks.contracted(case, actor=actor, at=at)
    evidence.record(
        "case.switched_to_paper",
        case,
        subject=f"case:{case.pk}",
        actor=actor,
        at=at,
        contract_date=contract_date.isoformat(),
    )
    return case
