"""The consent to electronic contracting: invited at the award, filled in by the contractor, accepted by the city."""

from datetime import datetime

from django.db import transaction

from accounts import permissions as doors
from accounts.actors import Actor
from accounts.querysets import lock
from accounts.refusals import Refusal
from contracts import documents, messages, permissions
from contracts.models import Case, Consent, Purpose
from contracts.services import evidence, links, papers
from contracts.states import CaseState, ConsentState
from vault import files


class ConsentRefused(Refusal):
    """The consent cannot be asked for or taken now."""


@transaction.atomic
def invite(case: Case, *, actor: Actor, at: datetime) -> Consent:
    """Ask the awardee for 様式第1号 by mail, prefilled from the register (R47, R49, R56)."""
    case = lock(case)
    doors.check(permissions.can_register, actor)
    if not case.is_eligible:
        raise ConsentRefused(f"この案件は電子契約の対象外です。{case.econtract_verdict['decided_by']}")
    if case.state not in {CaseState.REGISTERED, CaseState.CONTRACTING}:
        raise ConsentRefused("この案件は契約の手続きを終えています。")
    firm, text = case.contractor, case.rule_set.data["consent"]
    consent: Consent
    consent, made = Consent.unscoped.get_or_create(
        case=case,
        defaults={
            "tenant_id": case.tenant_id,
            "statement": text["statement"],
            "notes": text["notes"],
            "address": firm.address,
            "company_name": firm.name,
            "representative_name": f"{firm.representative_title}　{firm.representative_name}",
            "authority_company": firm.name,
            "authority_title": firm.representative_title,
            "authority_name": firm.representative_name,
            "authority_email": firm.email,
        },
    )
    if not made and consent.state not in {ConsentState.INVITED, ConsentState.RETURNED}:
        raise ConsentRefused("承諾書はすでに提出されています。")
    _send_invitation(consent, at=at)
    evidence.record("consent.invited", case, subject=f"consent:{consent.pk}", actor=actor, at=at, to=firm.email)
    return consent


def _send_invitation(consent: Consent, *, at: datetime) -> None:
    case = consent.case
    expires_at = at + links.LIFETIME
    address = links.issue(
        purpose=Purpose.CONSENT,
        case=case,
        name=case.contractor.name,
        email=case.contractor.email,
        at=at,
        expires_at=expires_at,
    )
    messages.consent_invited(consent, link=address, expires_at=expires_at, at=at)


@transaction.atomic
def submit(consent: Consent, *, actor: Actor, at: datetime, answers: dict[str, str]) -> Consent:
    """Take the filled-in form, keep it and its PDF as evidence, and tell the department (R48–R54)."""
    consent = lock(consent)
    doors.check(permissions.can_submit_consent, actor, consent)
    for name in papers.CONSENT_FIELDS:
        setattr(consent, name, answers[name])
    consent.move_to(ConsentState.SUBMITTED)
    consent.submitted_at = at
    consent.paper = files.store(
        tenant_id=consent.tenant_id, content=documents.render_consent(papers.consent_paper(consent, at=at))
    )
    consent.return_reason = ""
    consent.save()
    messages.consent_submitted(consent, at=at)
    evidence.record(
        "consent.submitted",
        consent.case,
        subject=f"consent:{consent.pk}",
        actor=actor,
        at=at,
        authority=f"{consent.authority_title} {consent.authority_name} <{consent.authority_email}>",
        paper_sha256=consent.paper.sha256,
    )
    return consent


@transaction.atomic
def accept(consent: Consent, *, actor: Actor, at: datetime) -> Consent:
    """Accept the consent: from now on the contract may be drafted for electronic signature."""
    consent = lock(consent)
    doors.check(permissions.can_accept_consent, actor)
    consent.move_to(ConsentState.ACCEPTED)
    consent.accepted_at = at
    consent.save(update_fields=["state", "accepted_at"])
    links.revoke(consent.case, purposes={Purpose.CONSENT}, at=at)
    evidence.record("consent.accepted", consent.case, subject=f"consent:{consent.pk}", actor=actor, at=at)
    return consent


@transaction.atomic
def return_(consent: Consent, *, actor: Actor, at: datetime, reason: str) -> Consent:
    """Send the consent back to the contractor with the reason and a fresh link."""
    consent = lock(consent)
    doors.check(permissions.can_accept_consent, actor)
    if not reason.strip():
        raise ConsentRefused("差戻しの理由を入力してください。")
    consent.move_to(ConsentState.RETURNED)
    consent.return_reason = reason.strip()
    consent.save(update_fields=["state", "return_reason"])
    _send_invitation(consent, at=at)
    evidence.record(
        "consent.returned",
        consent.case,
        subject=f"consent:{consent.pk}",
        actor=actor,
        at=at,
        reason=consent.return_reason,
    )
    return consent
