"""Who is told what about a consent: one function per event, each filling the outbox in the transaction that decides."""

from collections.abc import Iterable
from datetime import datetime

from accounts.models import User
from contracts.messages import case_page, moment, notify
from contracts.models import Consent


def consent_invited(consent: Consent, *, link: str, expires_at: datetime, at: datetime) -> None:
    """Ask the awardee for the consent form."""
    firm = consent.contractor
    notify(
        consent.case,
        "consent_invited",
        key=f"{consent.pk}:{at.isoformat()}",
        to=firm.email,
        at=at,
        link=link,
        recipient_name=firm.full_name,
        expires=moment(expires_at),
        return_reason=consent.return_reason,
    )


def invitation_cancelled(consent: Consent, *, to: Iterable[str], at: datetime) -> None:
    """Tell everyone who was asked for the consent form that it is no longer asked for, and why."""
    for email in to:
        notify(
            consent.case,
            "invitation_cancelled",
            key=f"{consent.pk}",
            to=email,
            at=at,
            recipient_name=consent.contractor.full_name,
            reason=consent.cancel_reason,
        )


def consent_submitted(consent: Consent, *, at: datetime) -> None:
    """Tell the person who registered the case that the form has come."""
    case = consent.case
    notify(
        case,
        "consent_submitted",
        key=f"{consent.pk}:{at.isoformat()}",
        to=case.registered_by.email,
        at=at,
        link=case_page(case),
        recipient_name=case.registered_by.name,
        company_name=consent.company_name,
    )


def consent_receipt(consent: Consent, *, to: str, at: datetime) -> None:
    """Send whoever handed the form in a receipt: what was taken, and what follows."""
    notify(
        consent.case,
        "consent_receipt",
        key=f"{consent.pk}:{at.isoformat()}",
        to=to,
        at=at,
        recipient_name=consent.contractor.full_name,
        company_name=consent.company_name,
        submitted=moment(at),
        authority=f"{consent.authority_title} {consent.authority_name}",
        authority_email=consent.authority_email,
        asks_address=consent.address_confirmed_at is None,
    )


def address_asked(consent: Consent, *, link: str, expires_at: datetime, at: datetime) -> None:
    """Ask the signing authority to answer from the address the contract's requests will go to (R45)."""
    notify(
        consent.case,
        "address_asked",
        key=f"{consent.pk}:{at.isoformat()}",
        to=consent.authority_email,
        at=at,
        link=link,
        recipient_name=consent.authority_name,
        company_name=consent.company_name,
        expires=moment(expires_at),
    )


def consent_accepted(consent: Consent, *, link: str, expires_at: datetime, at: datetime) -> None:
    """Tell the firm's authority that its consent was accepted, or is theirs now, and where it may be read."""
    notify(
        consent.case,
        "consent_accepted",
        key=f"{consent.pk}:{at.isoformat()}",
        to=consent.authority_email,
        at=at,
        link=link,
        recipient_name=consent.authority_name,
        company_name=consent.company_name,
        is_successor=consent.authority_changed_at is not None,
        expires=moment(expires_at),
    )


def address_confirmed(consent: Consent, *, at: datetime) -> None:
    """Tell the person who registered the case that the authority's address has answered."""
    case = consent.case
    notify(
        case,
        "address_confirmed",
        key=f"{consent.pk}:{at.isoformat()}",
        to=case.registered_by.email,
        at=at,
        link=case_page(case),
        recipient_name=case.registered_by.name,
        company_name=consent.company_name,
    )


def authority_changed(consent: Consent, *, former: tuple[str, str] | None, at: datetime) -> None:
    """Tell the former authority (name, address; None: nobody) and the department that another one signs from now on."""
    case = consent.case
    told: list[tuple[str, str, str | None]] = [(case.registered_by.name, case.registered_by.email, case_page(case))]
    if former is not None:
        told.insert(0, (*former, None))
    for name, email, link in told:
        notify(
            case,
            "authority_changed",
            key=f"{consent.pk}:{at.isoformat()}",
            to=email,
            at=at,
            link=link,
            recipient_name=name,
            company_name=consent.company_name,
            authority=f"{consent.authority_title} {consent.authority_name}",
        )


def contact_changed(consent: Consent, *, at: datetime) -> None:
    """Tell the authority that one-time codes go to another address of the firm from now on."""
    notify(
        consent.case,
        "contact_changed",
        key=f"{consent.pk}:{at.isoformat()}",
        to=consent.authority_email,
        at=at,
        recipient_name=consent.authority_name,
        company_name=consent.company_name,
        contact_email=consent.contact_email,
    )


def consent_withdrawn(consent: Consent, *, staff: Iterable[User], at: datetime) -> None:
    """Tell the staff of the case what the firm withdrew and why, and the firm that it was taken."""
    case = consent.case
    told: dict[str, tuple[str, str | None]] = {user.email: (user.name, case_page(case)) for user in staff}
    told[consent.authority_email] = (consent.authority_name, None)
    for email, (name, link) in told.items():
        notify(
            case,
            "consent_withdrawn",
            key=f"{consent.pk}",
            to=email,
            at=at,
            link=link,
            recipient_name=name,
            company_name=consent.company_name,
            reason=consent.withdrawal_reason,
        )
