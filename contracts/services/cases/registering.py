"""Register a case, correct it before its contract, and switch it to paper."""

from datetime import date, datetime
from typing import Any

from django.db import IntegrityError, transaction
from django.utils import timezone

from accounts import permissions as doors
from accounts.actors import Actor
from accounts.models import Department, Organization, User
from accounts.querysets import lock
from accounts.refusals import Refusal
from contracts import hooks, permissions, rules
from contracts.models import (
    Case,
    Consent,
    Contract,
    ContractKind,
    Contractor,
    ContractVersion,
    JvMember,
    Purpose,
    RuleSet,
)
from contracts.models.links import OF_CONSENT
from contracts.services import evidence, links
from contracts.services.consents import archiving
from contracts.services.editing import check_edit, put
from contracts.services.register import enlisting
from contracts.services.signatures import ending
from contracts.states import LIVE_CONSENTS, LIVE_VERSIONS, CaseState, ConsentState, ContractState, VersionState

# これらの版がある間は、案件の事実を動かさない
UNTOUCHABLE = LIVE_VERSIONS | {VersionState.CONCLUDED}


class CaseRefused(Refusal):
    """The case cannot be registered as typed."""


def facts_of(case: Case) -> rules.CaseFacts:
    """Give the rules the plain facts of a case."""
    return facts_when(case, contracted=contracted_date(case))


def facts_when(case: Case, *, contracted: date | None) -> rules.CaseFacts:
    """Give the rules the plain facts of a case whose contract was concluded on a day that is already known."""
    return rules.CaseFacts(
        kind=case.kind,
        procurement_method=case.procurement_method,
        announced_date=case.announced_date,
        awarded_date=case.awarded_date,
        contracted_date=contracted,
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
    original = Contract.unscoped.filter(case=case, kind=ContractKind.ORIGINAL, state=ContractState.IN_FORCE)
    day: date | None = original.values_list("in_force_date", flat=True).first()
    return day


def rules_in_force(*, tenant_id: int, at: datetime) -> RuleSet:
    """Find the rules under which a case is registered at an instant; raises CaseRefused when there are none yet."""
    try:
        return RuleSet.in_force(tenant=Organization.objects.get(pk=tenant_id), on=timezone.localdate(at))
    except RuleSet.DoesNotExist as missing:
        raise CaseRefused("適用中の規程がありません。運用管理者にご連絡ください。") from missing


def settle(case: Case) -> None:
    """Judge a case by the rules it started under, count its deadline and fold its search key; nothing is saved.

    Raises CaseRefused when its facts contradict each other or the rules do not know them.
    """
    _check_facts(case)
    data = case.rule_set.data
    try:
        deadline = rules.deadline(data, case.awarded_date)
    except rules.RuleError as uncounted:
        raise CaseRefused(str(uncounted)) from uncounted
    case.kind_label, case.method_label = data["kinds"][case.kind], data["methods"][case.procurement_method]
    case.conclusion_deadline_date = deadline.date if deadline else None
    case.deadline_working = "　※".join(filter(None, [deadline.working, deadline.warning])) if deadline else ""
    case.econtract_verdict = rules.econtract_verdict(data, facts_of(case)).to_dict()
    case.search_key = enlisting.key_of_case(case)


def _check_facts(case: Case) -> None:
    data = case.rule_set.data
    if case.awarded_date < case.announced_date:
        raise CaseRefused("落札日が公告日より前になっています。日付をご確認ください。")
    if case.work_ends_date < case.work_starts_date:
        raise CaseRefused("工期の終期が始期より前になっています。日付をご確認ください。")
    if case.amount <= 0:
        raise CaseRefused("請負代金額は1円以上で入力してください。")
    if case.kind not in data["kinds"] or case.procurement_method not in data["methods"]:
        raise CaseRefused("区分または調達方法が、この案件の規程にありません。選び直してください。")


def _check_contractor(contractor: Contractor) -> None:
    if not contractor.active:
        raise CaseRefused(f"{contractor.full_name}は登録が停止されています。名簿をご確認ください。")
    if contractor.is_joint_venture and not JvMember.unscoped.filter(joint_venture=contractor).exists():
        raise CaseRefused(f"{contractor.name}の構成員が登録されていません。先に名簿で構成員と代表を登録してください。")


@transaction.atomic
def register(*, actor: Actor, at: datetime, contractor: Contractor, department: Department, **typed: Any) -> Case:
    """Register an awarded case: judge it by the rules in force and count its deadline (R38–R41).

    Raises CaseRefused when the number is taken, the facts contradict each other or no rules are in force.
    """
    doors.check(permissions.can_register, actor)
    case = Case(
        tenant_id=actor.tenant_id,
        rule_set=rules_in_force(tenant_id=actor.tenant_id, at=at),
        contractor=contractor,
        department=department,
        registered_by=User.objects.get(email=actor.email),
        registered_at=at,
        **typed,
    )
    _check_contractor(contractor)
    settle(case)
    _save(case)
    record_registered(case, actor=actor, at=at)
    return case


def record_registered(case: Case, *, actor: Actor, at: datetime) -> None:
    """Write the registration of a case into its thread."""
    deadline = case.conclusion_deadline_date
    evidence.record(
        "case.registered",
        case,
        subject=f"case:{case.pk}",
        actor=actor,
        at=at,
        title=case.title,
        amount=case.amount,
        verdict=case.econtract_verdict["decided_by"],
        deadline=deadline.isoformat() if deadline else None,
    )


@transaction.atomic
def correct(case: Case, *, actor: Actor, at: datetime, edit_number: int, **typed: Any) -> Case:
    """Correct a case before its contract: verdict and deadline are worked out again under the rules it started with.

    Raises Overtaken when someone saved since the edit began, CaseRefused while a version lives or once one was
    concluded, when the awardee changes after the consent was asked for, or when the facts contradict each other.
    """
    case = lock(case)
    doors.check(permissions.can_correct, actor, case)
    check_edit(case, edit_number=edit_number)
    if ContractVersion.unscoped.filter(contract__case=case, state__in=UNTOUCHABLE).exists():
        raise CaseRefused(
            "契約の手続きが進んでいるため、案件は訂正できません。起案を取り止めるか、変更契約で改めてください。"
        )
    _check_awardee(case, typed.get("contractor", case.contractor))
    changes = put(case, typed)
    if not changes:
        return case
    settle(case)
    case.edit_number += 1
    _save(case)
    preparing = Contract.unscoped.filter(case=case, kind=ContractKind.ORIGINAL, state=ContractState.PREPARING)
    preparing.update(title=case.title, is_provisional=case.needs_council)
    archiving.follow_case(case)
    deadline = case.conclusion_deadline_date
    evidence.record(
        "case.corrected",
        case,
        subject=f"case:{case.pk}",
        actor=actor,
        at=at,
        changes=changes,
        verdict=case.econtract_verdict["decided_by"],
        deadline=deadline.isoformat() if deadline else None,
    )
    return case


def _check_awardee(case: Case, contractor: Contractor) -> None:
    if contractor.pk == case.contractor_id:
        return
    _check_contractor(contractor)
    if Consent.unscoped.filter(case=case, state__in=LIVE_CONSENTS).exists():
        raise CaseRefused(
            "承諾書を依頼した後は、落札者を変えられません。"
            "提出の前なら依頼を取り消し、提出の後なら承諾の撤回を受けるか、紙の契約に切り替えてください。"
        )


def _save(case: Case) -> None:
    try:
        with transaction.atomic():
            case.save()
    except IntegrityError as clash:
        if "one_case_per_number" not in str(clash):
            raise
        raise CaseRefused(f"工事番号「{case.number}」はすでに登録されています。") from clash


@transaction.atomic
def switch_to_paper(case: Case, *, actor: Actor, at: datetime, contract_date: date) -> Case:
    """Record that the case was contracted on paper; its consent becomes void and open requests end (R57, R95).

    Raises CaseRefused while a 仮契約 that both have signed waits for the council's vote.
    """
    case, versions = ending.lock_with_versions(case)
    doors.check(permissions.can_switch_to_paper, actor, case)
    if Contract.unscoped.filter(case=case, state=ContractState.COUNCIL_PENDING).exists():
        raise CaseRefused("仮契約を電子契約で締結しているため、紙の契約に切り替えられません。議決を登録してください。")
    if contract_date < case.awarded_date:
        raise CaseRefused("契約日が落札日より前になっています。日付をご確認ください。")
    for version in versions:
        ending.check_no_signature_in_hand(version)
        ending.end(version, VersionState.SWITCHED_TO_PAPER, reason="紙の契約に切り替えました。", at=at)
    for consent in Consent.unscoped.select_for_update().filter(case=case, state__in=LIVE_CONSENTS):
        consent.move_to(ConsentState.VOID_BY_PAPER)
        consent.save(update_fields=["state"])
        archiving.follow(consent)
    links.revoke(case, purposes={*OF_CONSENT, Purpose.SIGN}, at=at)
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
