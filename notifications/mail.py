"""The envelope of a mail: from whom, to whom, how it comes back, and among which others it is filed."""

import hashlib
from email.charset import Charset
from email.header import Header
from email.utils import parseaddr
from typing import Any

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.mail import EmailMultiAlternatives

from accounts import addresses
from accounts.models import Organization
from notifications import identity
from notifications.models import Delivery, MailPolicy
from notifications.words import MissingVariable, Refused, Words, one_line
from notifications.words import write as words

__all__ = ["Mail", "MissingVariable", "Refused", "Words", "address", "enclose", "one_line", "sender", "words"]

UTF_8 = Charset("utf-8")
NAMES = ("Message-ID", "In-Reply-To", "References")


class Unfolded(Header):
    """A name that stays on the line of its header: folded behind the colon, not every program finds it."""

    def encode(self, *_: Any, **__: Any) -> str:
        return super().encode(maxlinelen=0)


class Mail(EmailMultiAlternatives):
    """A mail whose headers for people are folded by what they really hold."""

    encoding = UTF_8  # 本文は base64 になり、8BITMIME の無い相手にも崩れず届く

    def __init__(self, *, sender: Header, **parts: Any) -> None:
        self.sender = sender
        super().__init__(**parts)

    def message(self, **options: Any) -> Any:
        """Build the mail; Django folds without counting the header's name, and never folds a sender's name."""
        built = super().message(**options)
        built.replace_header("Subject", Header(str(self.subject), UTF_8, header_name="Subject"))
        built.replace_header("From", self.sender)
        for name in NAMES:
            built.replace_header(name, Unfolded(built[name]))
        return built


def enclose(delivery: Delivery, *, policy: MailPolicy, said: Words) -> Mail:
    """Put a mail into its envelope: in the name of its house, no automatic answers (RFC 3834), 7-bit clean."""
    thread = _thread(delivery)
    mail = Mail(
        sender=sender(policy),
        subject=said.subject,
        body=said.text,
        from_email=identity.return_path(delivery.uid, delivery.tenant_id),
        to=[addresses.on_the_wire(delivery.to)],
        reply_to=[addresses.on_the_wire(policy.reply_to)] if policy.reply_to else None,
        headers={
            "Message-ID": delivery.message_id,
            "In-Reply-To": thread,
            "References": thread,
            "Content-Language": "ja",
            "Auto-Submitted": "auto-generated",
            "X-Auto-Response-Suppress": "All",
        },
    )
    mail.attach_alternative(said.html, "text/html")
    return mail


def sender(policy: MailPolicy) -> Header:
    """Name the house in front of the address that it writes from (R60)."""
    header = Header(sender_name(policy), UTF_8, header_name="From")
    header.append(f"<{sender_address(policy)}>", "us-ascii")
    return header


def sender_name(policy: MailPolicy) -> str:
    return policy.sender_name or default_name(policy.tenant)


def sender_address(policy: MailPolicy) -> str:
    return addresses.on_the_wire(policy.sender_address) if policy.sender_address else default_address()


def default_name(tenant: Organization) -> str:
    return f"{tenant.name}（むすび）"


def default_address() -> str:
    return parseaddr(settings.MAIL_FROM)[1]


def _thread(delivery: Delivery) -> str:
    """Name what the mails of one matter to one reader answer to, so that mail programs file them together."""
    matter = f"{delivery.tenant_id}:{delivery.thread or delivery.key}:{delivery.to}"
    return f"<thread.{hashlib.sha256(matter.encode()).hexdigest()[:32]}@{identity.domain()}>"


def address(to: str) -> str:
    """Return one valid address, as it was written; raise Refused otherwise."""
    try:
        addresses.check(to)
    except ValidationError as error:
        raise Refused(error.message) from error
    return to
