"""The consent to electronic contracting: invited at the award, filled in by the contractor, accepted by the city."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts import permissions as doors
from accounts.actors import Actor
from accounts.querysets import lock
from accounts.refusals import Refusal
from contracts import documents, permissions, rules
from contracts.models import Case, Consent, ConsentChannel, ConsentSubmission, Contractor, Purpose, SigningLevel
from contracts.services import evidence, links
from contracts.services.consents import archiving, matching, messages, standing
from contracts.services.mails import shielding
from contracts.services.signatures import ordering
from contracts.services.versions import papers
from contracts.states import LIVE_CONSENTS, CaseState, ConsentState
from signing import intake
from vault import files

TO_ANSWER = (ConsentState.INVITED, ConsentState.RETURNED)


@dataclass(frozen=True)
class Paper:
    """A form as it is kept, and as it came in where the gate had to put it in order."""

    kept: bytes
    received: bytes | None = None
    normalised: Sequence[str] = ()


class ConsentRefused(Refusal):
    """The consent cannot be asked for or taken now."""


@transaction.atomic
def invite(case: Case, *, actor: Actor, at: datetime, addresses_checked: bool = False) -> list[Consent]:
    """Ask every firm of the contractor's side for 様式第1号 by mail, prefilled from the register (R47, R49, R56).

    A firm that has answered already is left alone. Raises ConsentRefused when nobody is left to ask, and
    AddressDoubtful when an address has a serious doubt and nobody says that it was checked.
    """
    case = lock(case)
    doors.check(permissions.can_register, actor)
    check_open(case)
    asked = [consent for firm in ordering.firms_of(case) if (consent := open_consent(case, firm)).state in TO_ANSWER]
    if not asked:
        raise ConsentRefused("承諾書はすでに提出されています。")
    doubts = shielding.check(shielding.of_invitation(case), checked=addresses_checked)
    for consent in asked:
        send_invitation(consent, at=at)
    for consent in asked:
        evidence.record(
            "consent.invited",
            case,
            subject=f"consent:{consent.pk}",
            actor=actor,
            at=at,
            to=consent.contractor.email,
            **({"doubts": doubts} if doubts else {}),
        )
    return asked


@transaction.atomic
def cancel(consent: Consent, *, actor: Actor, at: datetime, reason: str) -> Consent:
    """Take an invitation back before anything was submitted; its links die, and whoever got them is told.

    Afterwards the firm may be invited again, at the address that the register has then. Raises ConsentRefused
    without a reason, and MovedOn once the form has come.
    """
    case = lock(consent.case)
    consent = lock(consent)
    doors.check(permissions.can_cancel_invitation, actor, consent)
    if not reason.strip():
        raise ConsentRefused("取消しの理由を入力してください。")
    consent.move_to(ConsentState.CANCELLED)
    consent.cancelled_at, consent.cancel_reason = at, reason.strip()
    consent.save(update_fields=["state", "cancelled_at", "cancel_reason"])
    links.revoke_of_consent(consent, at=at)
    invited = links.invited(consent)
    messages.invitation_cancelled(consent, to=invited, at=at)
    evidence.record(
        "consent.cancelled",
        case,
        subject=f"consent:{consent.pk}",
        actor=actor,
        at=at,
        reason=consent.cancel_reason,
        to="、".join(invited),
    )
    return consent


def check_open(case: Case) -> None:
    """Refuse a consent for a case that is not contracted electronically, or not any more."""
    if not case.is_eligible:
        raise ConsentRefused(f"この案件は電子契約の対象外です。{case.econtract_verdict['decided_by']}")
    if case.state not in {CaseState.REGISTERED, CaseState.CONTRACTING}:
        raise ConsentRefused("この案件は契約の手続きを終えています。")


def open_consent(case: Case, firm: Contractor) -> Consent:
    """Find a firm's living consent, or make one prefilled from the register with the texts of the city's rules."""
    living = Consent.unscoped.filter(case=case, contractor=firm, state__in=LIVE_CONSENTS).first()
    if living is not None:
        return living  # type: ignore[no-any-return]
    made = prefilled(case, firm)
    made.save(force_insert=True)
    return made


def prefilled(case: Case, firm: Contractor) -> Consent:
    """Write a firm's consent as the register and the city's rules have it (R49, R56); not saved."""
    text = case.rule_set.data["consent"]
    return Consent(
        tenant_id=case.tenant_id,
        case=case,
        contractor=firm,
        statement=text["statement"],
        notes=text["notes"],
        methods=[dict(line) for line in rules.consent_methods(case.rule_set.data)],
        address=firm.address,
        company_name=firm.full_name,
        representative_name=f"{firm.representative_title}　{firm.representative_name}",
        authority_company=firm.full_name,
        authority_title=firm.signer_title,
        authority_name=firm.signer_name,
        authority_email=firm.email,
    )


def contact_email_uses(consent: Consent) -> list[str]:
    """Say what the city's rules need the address of this firm's contact for; nothing where it may be left empty."""
    case, data = consent.case, consent.case.rule_set.data
    uses = []
    looks_first = "contact" in rules.signing_order(data, joint_venture=case.contractor.is_joint_venture)
    if looks_first and consent.contractor_id == ordering.representative_of(case).pk:
        uses.append(_("署名の前に、このアドレスの方に契約書の内容を確認していただきます。"))
    if rules.signing_level(data, amount=case.amount) == SigningLevel.ONE_TIME_CODE:
        uses.append(_("署名のときに、このアドレスへワンタイムコードをお送りします。"))
    return uses


def send_invitation(consent: Consent, *, at: datetime) -> None:
    """Mail the request for the form to the address on the register, with a fresh link; older ones die."""
    # 名簿の宛先を直して送り直したら、前の宛先に届いたリンクでは提出できない
    links.revoke_of_consent(consent, at=at)
    expires_at = at + links.LIFETIME
    address = links.issue(
        purpose=Purpose.CONSENT,
        case=consent.case,
        consent=consent,
        name=consent.contractor.name,
        email=consent.contractor.email,
        at=at,
        expires_at=expires_at,
    )
    messages.consent_invited(consent, link=address, expires_at=expires_at, at=at)


@transaction.atomic
def submit(consent: Consent, *, actor: Actor, at: datetime, answers: dict[str, str]) -> Consent:
    """Take the filled-in form, keep it and its PDF as evidence, and tell the department (R48–R54).

    The methods were shown on the form and agreed to (建設業法施行令5条の5). The authority's address is confirmed by the
    round trip that this very form made, when it came to that address; otherwise a mail asks there (R45).
    """
    consent = lock(consent)
    doors.check(permissions.can_submit_consent, actor, consent)
    _take(consent, answers=answers, at=at, channel=ConsentChannel.FORM)
    consent.methods_agreed_at = at
    content = documents.render_consent(papers.consent_paper(consent, at=at))
    if consent.authority_email.casefold() == actor.email.casefold():
        consent.address_confirmed_at = at
    messages.consent_submitted(consent, at=at)
    messages.consent_receipt(consent, to=actor.email, at=at)
    _receive(consent, "consent.submitted", paper=Paper(content), actor=actor, at=at)
    return consent


@transaction.atomic
def register_mailed(
    case: Case, firm: Contractor, *, actor: Actor, at: datetime, answers: dict[str, str], content: bytes
) -> Consent:
    """Register a form that a firm sent by mail (備考1, R47, R54): what it says, and the PDF or its scan; where the gate
    had to put it in order, both as kept and as received.

    Its address is always asked to answer, and the methods are shown there before the answer counts.
    Raises ConsentRefused when a form of the firm is there already, or with the gate's reason when the file is no
    fit PDF.
    """
    case = lock(case)
    doors.check(permissions.can_register, actor)
    check_open(case)
    consent = lock(open_consent(case, firm))
    if consent.state not in TO_ANSWER:
        raise ConsentRefused(f"{firm.full_name}の承諾書はすでに提出されています。")
    try:
        with intake.admit(content, max_bytes=case.tenant.max_file_bytes) as accepted:
            kept, changes = accepted.kept.path.read_bytes(), list(accepted.changes)
    except intake.Refused as refused:
        raise ConsentRefused(str(refused)) from refused
    _take(consent, answers=answers, at=at, channel=ConsentChannel.MAIL)
    consent.methods_agreed_at = consent.address_confirmed_at = None
    paper = Paper(kept, received=content if changes else None, normalised=changes)
    _receive(consent, "consent.mailed", paper=paper, actor=actor, at=at)
    return consent


def _take(consent: Consent, *, answers: dict[str, str], at: datetime, channel: ConsentChannel) -> None:
    """Move a consent to 確認待ち with its answers; an address that was confirmed stays so until it changes."""
    before = consent.authority_email
    for name in papers.CONSENT_FIELDS:
        setattr(consent, name, answers[name])
    consent.contact_email = answers.get("contact_email", "")
    consent.move_to(ConsentState.SUBMITTED)
    consent.submitted_at, consent.channel, consent.return_reason = at, channel, ""
    if consent.authority_email.casefold() != before.casefold():
        consent.address_confirmed_at = None


def _receive(consent: Consent, action: str, *, paper: Paper, actor: Actor, at: datetime) -> None:
    """Keep what has come in beside all earlier submissions, and ask its address to answer where needed."""
    consent.paper = files.store(tenant_id=consent.tenant_id, content=paper.kept)
    consent.save()
    received = files.store(tenant_id=consent.tenant_id, content=paper.received) if paper.received else None
    ConsentSubmission.unscoped.create(
        tenant_id=consent.tenant_id,
        consent=consent,
        number=consent.submissions.count() + 1,
        channel=consent.channel,
        submitted_at=consent.submitted_at,
        paper=consent.paper,
        received=received,
        normalised=list(paper.normalised),
    )
    if consent.address_confirmed_at is None:
        standing.ask(consent, at=at)
    evidence.record(
        action,
        consent.case,
        subject=f"consent:{consent.pk}",
        actor=actor,
        at=at,
        channel=consent.channel,
        authority=standing.authority_of(consent),
        methods_agreed=consent.methods_agreed_at is not None,
        paper_sha256=consent.paper.sha256,
        **({"received_sha256": received.sha256, "normalised": list(paper.normalised)} if received else {}),
    )


@transaction.atomic
def accept(consent: Consent, *, actor: Actor, at: datetime, differences_checked: bool = False) -> Consent:
    """Accept the consent: from now on the contract may be drafted for electronic signature.

    Raises ConsentRefused before the address has answered (R45), or when the form says otherwise than the register and
    nobody says that this was checked (R56).
    """
    consent = lock(consent)
    doors.check(permissions.can_accept_consent, actor)
    consent.move_to(ConsentState.ACCEPTED)
    if consent.address_confirmed_at is None:
        raise ConsentRefused(
            f"{consent.authority_email} に届くことを、まだ確かめられていません。相手方の確認をお待ちください。"
        )
    differing = matching.mismatches(consent, on=timezone.localdate(at))
    if differing and not differences_checked:
        raise ConsentRefused(
            "名簿と異なる内容があります。承諾書の画面で見比べ、「名簿と異なることを確かめました」に印を付けてください。"
        )
    consent.accepted_at = at
    consent.save(update_fields=["state", "accepted_at"])
    archiving.follow(consent)
    links.revoke_of_consent(consent, at=at)
    standing.send(consent, at=at)
    evidence.record(
        "consent.accepted",
        consent.case,
        subject=f"consent:{consent.pk}",
        actor=actor,
        at=at,
        differences=[str(each) for each in differing],
    )
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
    last = consent.submissions.latest("number")
    last.returned_at, last.return_reason = at, consent.return_reason
    last.save(update_fields=["returned_at", "return_reason"])
    send_invitation(consent, at=at)
    evidence.record(
        "consent.returned",
        consent.case,
        subject=f"consent:{consent.pk}",
        actor=actor,
        at=at,
        reason=consent.return_reason,
    )
    return consent
