"""Mails that carry a code to an address, never beside a link."""

from datetime import datetime

from accounts.models import Organization
from contracts.messages import moment, notify
from contracts.models import AccessLink, Inbox
from notifications import outbox


def inbox_code(inbox: Inbox, *, city: Organization, code: str, expires_at: datetime, at: datetime) -> None:
    """Send a code that opens the inbox of an address."""
    _send("inbox_code", inbox, city=city, code=code, expires_at=expires_at, at=at)


def everywhere_code(inbox: Inbox, *, city: Organization, code: str, expires_at: datetime, at: datetime) -> None:
    """Send a code that opens the inboxes of an address in all cities that it was joined for."""
    _send("everywhere_code", inbox, city=city, code=code, expires_at=expires_at, at=at)


def _send(template: str, inbox: Inbox, *, city: Organization, code: str, expires_at: datetime, at: datetime) -> None:
    outbox.enqueue(
        tenant=city,
        key=f"{template}:{inbox.pk}:{at.isoformat()}",
        to=inbox.email,
        template=f"contracts/{template}",
        context={"city_name": city.name, "expires": moment(expires_at)},
        link=None,
        code=code,
        thread=f"inbox:{inbox.pk}",
        at=at,
    )


def download_code(link: AccessLink, *, to: str, code: str, expires_at: datetime, at: datetime) -> None:
    """Send a party a code with which it renews its download."""
    notify(
        link.case,
        "download_code",
        key=f"{link.pk}:{at.isoformat()}",
        to=to,
        at=at,
        code=code,
        recipient_name=link.name,
        expires=moment(expires_at),
    )
