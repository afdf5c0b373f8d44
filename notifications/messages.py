"""What staff are told about their own accounts, in the transaction that decides it."""

from datetime import datetime, timedelta

from django.conf import settings
from django.urls import reverse

from accounts.models import Organization, User
from notifications import outbox


def password_link(user: User, tenant: Organization, link: str, at: datetime) -> None:
    """Send a person the link with which they choose their password; it is kept sealed until the mail has left."""
    days = timedelta(seconds=settings.PASSWORD_RESET_TIMEOUT).days
    _tell("password_link", user, tenant, link=link, at=at, days=days)


def second_factor_reset(user: User, tenant: Organization, at: datetime) -> None:
    """Tell a person that their second factor was reset, so that nobody does it behind their back."""
    _tell("second_factor_reset", user, tenant, link=settings.BASE_URL + reverse("mfa_index"), at=at)


def address_asked(user: User, tenant: Organization, new: str, link: str, at: datetime) -> None:
    """Send the link that changes a person's address to the new one."""
    _tell("address_asked", user, tenant, link=link, at=at, to=new)


def address_changed(user: User, tenant: Organization, old: str, at: datetime) -> None:
    """Tell the old address that it is a person's no more, so that nobody changes it behind their back."""
    _tell("address_changed", user, tenant, link=settings.BASE_URL + reverse("mfa_index"), at=at, to=old)


def _tell(
    template: str, user: User, tenant: Organization, *, link: str, at: datetime, to: str = "", **context: object
) -> None:
    outbox.enqueue(
        tenant=tenant,
        key=f"accounts/{template}:{user.pk}:{at.isoformat()}",
        to=to or user.email,
        template=f"accounts/{template}",
        context={"recipient_name": user.name, **context},
        link=link,
        thread=f"person:{user.pk}",
        at=at,
    )
