"""Where a firm's consent stands: who its authority is now, whether the address has answered, and the mails about it."""

from datetime import datetime

from accounts.querysets import lock
from contracts.models import Consent, Purpose, SigningStep, StepKind
from contracts.services import links
from contracts.services.consents import messages
from contracts.states import ConsentState


def authority_of(consent: Consent) -> str:
    """Write the authority in one line, for the log."""
    return f"{consent.authority_title} {consent.authority_name} <{consent.authority_email}>"


def ask(consent: Consent, *, at: datetime) -> None:
    """Mail the authority's own address, to learn that it reaches the person who may sign (R45)."""
    expires_at = at + links.LIFETIME
    address = _issue(consent, Purpose.ADDRESS, at=at, expires_at=expires_at)
    messages.address_asked(consent, link=address, expires_at=expires_at, at=at)


def send(consent: Consent, *, at: datetime) -> None:
    """Mail the authority where the consent stands, with the page on which it may be withdrawn (施行令5条の5)."""
    expires_at = at + links.STANDING_LIFETIME
    address = _issue(consent, Purpose.STANDING, at=at, expires_at=expires_at)
    messages.consent_accepted(consent, link=address, expires_at=expires_at, at=at)


def _issue(consent: Consent, purpose: Purpose, *, at: datetime, expires_at: datetime) -> str:
    return links.issue(
        purpose=purpose,
        case=consent.case,
        consent=consent,
        name=consent.authority_name,
        email=consent.authority_email,
        at=at,
        expires_at=expires_at,
    )


def answered(consent: Consent, *, at: datetime) -> None:
    """Note that the authority's address has answered; an accepted consent's standing goes to it. The row is locked."""
    consent.address_confirmed_at = at
    consent.save(update_fields=["address_confirmed_at"])
    messages.address_confirmed(consent, at=at)
    if consent.state == ConsentState.ACCEPTED:
        links.revoke_of_consent(consent, purposes=[Purpose.STANDING], at=at)
        send(consent, at=at)


def signed_by(step: SigningStep, *, at: datetime) -> Consent | None:
    """Take a signature for the answer that a changed address still owed; None when it owed none."""
    consent = _of(step)
    if consent is None or consent.address_confirmed_at is not None:
        return None
    if consent.authority_email.casefold() != step.email.casefold():
        return None
    answered(consent, at=at)
    return consent


def hand_on(step: SigningStep, *, at: datetime) -> Consent | None:
    """Keep a step's new person on the firm's consent, so that the next contract asks them; None without a consent.

    A new address of the authority owes its answer until it signs.
    """
    consent = _of(step)
    if consent is None:
        return None
    if step.kind == StepKind.CONFIRM:
        consent.contact_title, consent.contact_name, consent.contact_email = step.title, step.name, step.email
        consent.save(update_fields=["contact_title", "contact_name", "contact_email"])
        return consent
    if consent.authority_email.casefold() != step.email.casefold():
        consent.address_confirmed_at = None
        links.revoke_of_consent(consent, at=at)
    consent.authority_title, consent.authority_name, consent.authority_email = step.title, step.name, step.email
    consent.authority_changed_at = at
    consent.save(
        update_fields=[
            "authority_title",
            "authority_name",
            "authority_email",
            "authority_changed_at",
            "address_confirmed_at",
        ]
    )
    return consent


def _of(step: SigningStep) -> Consent | None:
    """Find and lock the accepted consent of the firm for which a step signs; the city's own steps have none."""
    rows = Consent.unscoped.filter(case=step.version.contract.case_id, contractor=step.contractor_id)
    consent: Consent | None = rows.filter(state=ConsentState.ACCEPTED).first() if step.contractor_id else None
    return lock(consent) if consent is not None else None
