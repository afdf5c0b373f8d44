"""Guarantees: asked for when a case has its contract, submitted by number and key, checked, accepted."""

import re
import unicodedata
from datetime import date, datetime
from typing import Any

from django.db import IntegrityError, transaction

from accounts import permissions as doors
from accounts.actors import Actor
from accounts.models import Department
from accounts.querysets import lock
from accounts.refusals import Refusal
from contracts import rules as city_rules
from contracts.models import Case, Purpose
from contracts.services import evidence, links, registering
from contracts.states import CaseState
from guarantees import messages, permissions, rules
from guarantees.models import Channel, Guarantee, GuaranteeType, Institution
from guarantees.states import GuaranteeState
from vault import fields

NUMBER = re.compile(r"[0-9A-Za-z-]{4,32}")
REVEAL_REASON_LENGTH = 200


class GuaranteeRefused(Refusal):
    """The guarantee cannot be taken, checked or decided this way."""


def verdict(case: Case) -> city_rules.Verdict:
    """Judge whether the city takes an electronic guarantee for this case, on paper or not (R95, R112, R114)."""
    return city_rules.guarantee_verdict(case.rule_set.data, registering.facts_of(case))


def invite(case: Case, actor: Actor, at: datetime) -> None:
    """Send the contractor the page for registering guarantees, once the case has its contract."""
    if not verdict(case).eligible:
        return
    expires_at = at + links.GUARANTEE_LIFETIME
    firm = case.contractor
    address = links.issue(
        purpose=Purpose.GUARANTEE, case=case, name=firm.name, email=firm.email, at=at, expires_at=expires_at
    )
    messages.guarantee_invited(case, link=address, expires_at=expires_at, at=at)
    evidence.record("guarantee.invited", case, subject=f"case:{case.pk}", actor=actor, at=at, to=firm.email)


def plain(typed: str) -> str:
    """Trim a number or key and fold full-width characters to half-width."""
    return unicodedata.normalize("NFKC", typed).strip()


@transaction.atomic
def submit(
    case: Case,
    *,
    actor: Actor,
    at: datetime,
    type_: GuaranteeType,
    institution: Institution,
    number: str,
    key: str,
    channel: Channel,
) -> Guarantee:
    """Take a guarantee by 保証契約番号 and 認証キー; the key is sealed at once and never shown in clear (R87, R124).

    Raises GuaranteeRefused when the case is outside the rules, the values cannot be a number and a key, or the
    same certificate is already there.
    """
    doors.check(permissions.can_submit, actor)
    _check_case(case, type_=type_)
    number, key = plain(number), plain(key)
    if not NUMBER.fullmatch(number):
        raise GuaranteeRefused("保証契約番号は、お知らせに記載の番号を英数字で入力してください。")
    if not NUMBER.fullmatch(key):
        raise GuaranteeRefused("認証キーは、お知らせに記載のキーを英数字で入力してください。")
    guarantee = Guarantee(
        tenant_id=case.tenant_id,
        case=case,
        type=type_,
        institution=institution,
        number=number,
        channel=channel,
        routed_to=_department(case, type_=type_),
        submitted_by=actor.name,
        submitted_at=at,
        warnings=_warnings(institution, number=number),
    )
    guarantee.sealed_key = fields.seal(key, tenant_id=case.tenant_id, context=guarantee.key_context)
    try:
        with transaction.atomic():
            guarantee.save()
    except IntegrityError as clash:
        if "one_living_guarantee_per_number" not in str(clash):
            raise
        raise GuaranteeRefused("この保証契約番号はすでに登録されています。番号をご確認ください。") from clash
    messages.guarantee_submitted(guarantee, at=at)
    evidence.record(
        "guarantee.submitted",
        case,
        subject=f"guarantee:{guarantee.pk}",
        actor=actor,
        at=at,
        type=type_,
        number=number,
        channel=channel,
        routed_to=guarantee.routed_to.name,
    )
    return guarantee


def _check_case(case: Case, *, type_: str) -> None:
    if case.state not in {CaseState.CONCLUDED, CaseState.PAPER}:
        raise GuaranteeRefused("契約が成立してから、保証を登録してください。")
    found = verdict(case)
    if not found.eligible:
        raise GuaranteeRefused(f"この案件は電子保証の対象外です。{found.decided_by}")
    try:
        city_rules.route(case.rule_set.data, type_)
    except city_rules.GuaranteeRefused as refused:
        raise GuaranteeRefused(str(refused)) from refused


def _department(case: Case, *, type_: str) -> Department:
    """Route by type: 契約保証 → 契約検査課, 前払金保証 → 担当課, as the city's rules say (R111)."""
    name = city_rules.route(case.rule_set.data, type_)
    if name == city_rules.CASE_DEPARTMENT:
        return case.department  # type: ignore[no-any-return]
    return Department.unscoped.get(tenant_id=case.tenant_id, name=name)  # type: ignore[no-any-return]


def _warnings(institution: Institution, *, number: str) -> list[str]:
    if institution.usual_number and not re.fullmatch(institution.usual_number, number):
        return [f"{institution.name}の見慣れた番号の形と異なります。お知らせの番号と見比べてください。"]
    return []


@transaction.atomic
def check(
    guarantee: Guarantee,
    *,
    actor: Actor,
    at: datetime,
    beneficiary: str,
    work_title: str,
    guaranteed_amount: int,
    guaranteed_until: date,
) -> Guarantee:
    """Record what was read on the certificate in the guarantor's viewing service and compare it with the contract (R91)."""
    guarantee = lock(guarantee)
    if not permissions.can_check(actor, guarantee):
        raise GuaranteeRefused("この保証は、今は照合できません。画面を開き直してご確認ください。")
    case = guarantee.case
    minimum, maximum = rules.expected_amounts(
        case.rule_set.data["guarantee"]["amounts"], type_=guarantee.type, price=case.amount
    )
    lines = rules.compare(
        rules.CertificateFacts(beneficiary, work_title, guaranteed_amount, guaranteed_until),
        rules.ContractFacts((case.tenant.addressee, case.tenant.name), case.title, case.amount, case.work_ends_date),
        minimum=minimum,
        maximum=maximum,
    )
    to = GuaranteeState.CHECKED_OK if rules.passes(lines) else GuaranteeState.CHECKED_NG
    if guarantee.state != to:
        guarantee.move_to(to)
    guarantee.findings = [line.to_dict() for line in lines]
    guarantee.guaranteed_amount = guaranteed_amount
    guarantee.checked_by_id, guarantee.checked_at = actor.user_id, at
    guarantee.save()
    evidence.record(
        "guarantee.checked",
        case,
        subject=f"guarantee:{guarantee.pk}",
        actor=actor,
        at=at,
        outcome=to,
        findings=guarantee.findings,
    )
    return guarantee


@transaction.atomic
def accept(guarantee: Guarantee, *, actor: Actor, at: datetime) -> Guarantee:
    """Accept a checked guarantee: from now on its certificate is deemed deposited (約款の電磁的方法の定め)."""
    return _decide(
        guarantee, GuaranteeState.DEEMED_DEPOSITED, actor=actor, at=at, allowed=permissions.can_accept, reason=""
    )


@transaction.atomic
def reject(guarantee: Guarantee, *, actor: Actor, at: datetime, reason: str) -> Guarantee:
    """Refuse a guarantee with the reason the contractor is told."""
    if not reason.strip():
        raise GuaranteeRefused("受理しない理由を入力してください。")
    return _decide(
        guarantee, GuaranteeState.REJECTED, actor=actor, at=at, allowed=permissions.can_reject, reason=reason.strip()
    )


def _decide(
    guarantee: Guarantee, to: GuaranteeState, *, actor: Actor, at: datetime, allowed: Any, reason: str
) -> Guarantee:
    guarantee = lock(guarantee)
    if not allowed(actor, guarantee):
        raise GuaranteeRefused("この保証は、今は決定できません。先に照合の結果をご確認ください。")
    guarantee.move_to(to)
    guarantee.decided_by_id, guarantee.decided_at, guarantee.reason = actor.user_id, at, reason
    guarantee.save(update_fields=["state", "decided_by", "decided_at", "reason"])
    messages.guarantee_decided(guarantee, at=at)
    action = "guarantee.accepted" if to == GuaranteeState.DEEMED_DEPOSITED else "guarantee.rejected"
    evidence.record(action, guarantee.case, subject=f"guarantee:{guarantee.pk}", actor=actor, at=at, reason=reason)
    return guarantee


@transaction.atomic
def reveal(guarantee: Guarantee, *, actor: Actor, at: datetime, reason: str) -> str:
    """Show the key to someone who says why they need it; the showing is evidence (R124).

    Raises GuaranteeRefused without a reason or a right to see it.
    """
    if not permissions.can_reveal(actor, guarantee):
        raise GuaranteeRefused("認証キーを表示できる役割がありません。")
    if not reason.strip():
        raise GuaranteeRefused("認証キーを表示する理由を入力してください。")
    evidence.record(
        "guarantee.key_revealed",
        guarantee.case,
        subject=f"guarantee:{guarantee.pk}",
        actor=actor,
        at=at,
        reason=reason.strip()[:REVEAL_REASON_LENGTH],
    )
    return fields.unseal(bytes(guarantee.sealed_key), tenant_id=guarantee.tenant_id, context=guarantee.key_context)
