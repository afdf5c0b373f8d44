"""Guarantees: asked for when a case has its contract, submitted by number and key, checked, accepted."""

import re
import unicodedata
from collections.abc import Callable, Collection
from datetime import date, datetime

from django.db import IntegrityError, transaction
from django.views.decorators.debug import sensitive_variables

from accounts import permissions as doors
from accounts.actors import Actor
from accounts.models import Department
from accounts.querysets import lock
from accounts.refusals import Refusal
from contracts import rules as city_rules
from contracts.models import Case, Purpose
from contracts.services import evidence, links
from contracts.services.cases import registering
from contracts.states import CaseState
from guarantees import guidance, messages, permissions, rules
from guarantees.models import Channel, Guarantee, Institution
from guarantees.states import GuaranteeState
from vault import fields

NUMBER = re.compile(r"[0-9A-Za-z-]{4,32}")
DASHES = str.maketrans(dict.fromkeys("‐‑‒–—―−ーｰ", "-"))
REASON_LENGTH = 500
REVEAL_REASON_LENGTH = 200


class GuaranteeRefused(Refusal):
    """The guarantee cannot be taken, checked or decided this way."""


def verdict(case: Case) -> city_rules.Verdict:
    """Judge whether the city takes an electronic guarantee for this case, on paper or not (R95, R112, R114)."""
    return city_rules.guarantee_verdict(case.rule_set.data, registering.facts_of(case))


def why_not(case: Case) -> str:
    """Say why no electronic guarantee can be registered for this case now; nothing when it can."""
    if case.state not in {CaseState.CONCLUDED, CaseState.PAPER}:
        return "保証は、契約が成立してから登録できます。"
    found = verdict(case)
    return "" if found.eligible else f"この案件は電子保証の対象外です。{found.decided_by}"


def invite(case: Case, actor: Actor, at: datetime) -> None:
    """Tell the contractor how to hand in guarantees, once the case has its contract.

    Where the city takes them on screen, the mail carries the page; where it wants them brought, how to bring them.
    """
    if why_not(case):
        return
    expires_at = at + links.GUARANTEE_LIFETIME
    firm = case.contractor
    address = None
    guide = guidance.guide(case)
    if guide.on_screen:
        address = links.issue(
            purpose=Purpose.GUARANTEE, case=case, name=firm.name, email=firm.email, at=at, expires_at=expires_at
        )
    messages.guarantee_invited(case, guide=guide, link=address, expires_at=expires_at, at=at)
    evidence.record("guarantee.invited", case, subject=f"case:{case.pk}", actor=actor, at=at, to=firm.email)


def plain(typed: str) -> str:
    """Trim a number or key, and fold full-width characters and the many dashes to half-width."""
    return unicodedata.normalize("NFKC", typed).translate(DASHES).strip()


@sensitive_variables("key")
@transaction.atomic
def submit(
    case: Case,
    *,
    actor: Actor,
    at: datetime,
    type_: str,
    institution: Institution,
    number: str,
    key: str,
    channel: Channel,
    papers: Collection[str] = (),
    clause_set_used: bool = False,
) -> Guarantee:
    """Take a guarantee by 保証契約番号 and 認証キー; the key is sealed at once and never shown in clear (R87, R124).

    `papers` and `clause_set_used` are what a clerk saw when the papers came by mail or by hand (R115, R117).
    Raises GuaranteeRefused when the case is outside the rules, a paper is missing, the values cannot be a number
    and a key, or the same certificate is already there.
    """
    doors.check(permissions.can_submit, actor)
    _check_case(case, type_=type_)
    if actor.is_staff:
        _check_papers(case, type_=type_, papers=papers, clause_set_used=clause_set_used)
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
        warnings=[*_channel_warnings(case, actor=actor, channel=channel), *_warnings(institution, number=number)],
    )
    guarantee.sealed_key = fields.seal(key, tenant_id=case.tenant_id, context=guarantee.key_context)
    _save_new(guarantee)
    messages.guarantee_submitted(guarantee, at=at)
    evidence.record(
        "guarantee.submitted",
        case,
        subject=f"guarantee:{guarantee.pk}",
        actor=actor,
        at=at,
        type=type_,
        institution=str(institution),
        number=number,
        channel=channel,
        routed_to=guarantee.routed_to.name,
        papers=sorted(papers),
    )
    return guarantee


def _check_case(case: Case, *, type_: str) -> None:
    if reason := why_not(case):
        raise GuaranteeRefused(reason)
    try:
        city_rules.route(case.rule_set.data, type_)
    except city_rules.GuaranteeRefused as refused:
        raise GuaranteeRefused(str(refused)) from refused


def _check_papers(case: Case, *, type_: str, papers: Collection[str], clause_set_used: bool) -> None:
    required = city_rules.required_papers(case.rule_set.data, type_)
    if missing := rules.missing(required, papers):
        names = "、".join(guidance.PAPERS[paper] for paper in missing)
        raise GuaranteeRefused(f"必要な書類がそろっていません。不足している書類：{names}")
    clauses = guidance.clause_set(case)
    if clauses and not clause_set_used:
        raise GuaranteeRefused(f"当初契約書が{clauses}を使っていることを確かめてください。")


def _department(case: Case, *, type_: str) -> Department:
    try:
        return guidance.department(case, type_=type_)
    except Department.DoesNotExist as missing:
        name = city_rules.route(case.rule_set.data, type_)
        raise GuaranteeRefused(f"提出先の「{name}」が登録されていません。運用管理者にご連絡ください。") from missing


def _channel_warnings(case: Case, *, actor: Actor, channel: Channel) -> list[str]:
    """Hold contractors to the city's ways; a clerk may take another way, which is then noted (R118)."""
    ways = case.rule_set.data["guarantee"]["channels"]
    named = "、".join(guidance.CHANNELS[way] for way in ways)
    if not actor.is_staff and (channel != Channel.UPLOAD or channel not in ways):
        raise GuaranteeRefused(f"{case.tenant.name}では、画面からの登録を受け付けていません。提出方法は{named}です。")
    if actor.is_staff and channel == Channel.UPLOAD:
        raise GuaranteeRefused("受け取った方法（電子メールまたは持参）を選んでください。")
    if channel in ways:
        return []
    return [f"定められた提出方法（{named}）と異なり、{Channel(channel).label}で受け取りました。"]


def _warnings(institution: Institution, *, number: str) -> list[str]:
    if institution.usual_number and not re.fullmatch(institution.usual_number, number):
        return [f"{institution.name}の見慣れた番号の形と異なります。お知らせの番号と見比べてください。"]
    return []


def _save_new(guarantee: Guarantee) -> None:
    try:
        with transaction.atomic():
            guarantee.save()
    except IntegrityError as clash:
        if "one_living_guarantee_per_number" not in str(clash):
            raise
        raise GuaranteeRefused("この保証契約番号はすでに登録されています。番号をご確認ください。") from clash


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
    """Record what was read on the certificate in the viewing service and compare it with the contract (R91)."""
    guarantee = lock(guarantee)
    if not permissions.can_check(actor, guarantee):
        raise GuaranteeRefused("この保証は、今は照合できません。画面を開き直してご確認ください。")
    if guaranteed_amount <= 0:
        raise GuaranteeRefused("保証金額は1円以上で入力してください。")
    case = guarantee.case
    certificate = rules.CertificateFacts(beneficiary, work_title, guaranteed_amount, guaranteed_until)
    minimum, maximum = expected_amounts(guarantee)
    lines = rules.compare(certificate, _contract_facts(case), minimum=minimum, maximum=maximum)
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
        guaranteed_amount=guaranteed_amount,
        findings=guarantee.findings,
    )
    return guarantee


def expected_amounts(guarantee: Guarantee) -> tuple[int, int | None]:
    """Return the least and the greatest fitting amount in yen, as the rules of the case say."""
    case = guarantee.case
    terms = city_rules.guarantee_amounts(case.rule_set.data, case.kind)
    return rules.expected_amounts(terms, type_=guarantee.type, price=case.amount)


def _contract_facts(case: Case) -> rules.ContractFacts:
    city = case.tenant
    names = (city.addressee, city.name, f"{city.mayor_title}{city.mayor_name}")
    return rules.ContractFacts(names, case.title, case.amount, case.work_ends_date)


@transaction.atomic
def accept(guarantee: Guarantee, *, actor: Actor, at: datetime) -> Guarantee:
    """Accept a checked guarantee: from now on its certificate is deemed deposited (約款の電磁的方法の定め)."""
    to = GuaranteeState.DEEMED_DEPOSITED
    return _decide(guarantee, to, actor=actor, at=at, allowed=permissions.can_accept, reason="")


@transaction.atomic
def reject(guarantee: Guarantee, *, actor: Actor, at: datetime, reason: str) -> Guarantee:
    """Refuse a guarantee with the reason the contractor is told."""
    reason = reason.strip()[:REASON_LENGTH]
    if not reason:
        raise GuaranteeRefused("受理しない理由を入力してください。")
    return _decide(
        guarantee, GuaranteeState.REJECTED, actor=actor, at=at, allowed=permissions.can_reject, reason=reason
    )


def _decide(
    guarantee: Guarantee,
    to: GuaranteeState,
    *,
    actor: Actor,
    at: datetime,
    allowed: Callable[[Actor, Guarantee], bool],
    reason: str,
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
