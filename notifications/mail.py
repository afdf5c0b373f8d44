"""The envelope of a mail: from whom, to whom, and in which form its words travel."""

from email.charset import Charset
from email.header import Header
from email.utils import formataddr, parseaddr
from typing import Any

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.mail import EmailMultiAlternatives
from django.core.validators import validate_email

from accounts.models import Organization
from notifications.words import MissingVariable, Refused, Words, one_line
from notifications.words import write as words

__all__ = ["MissingVariable", "Refused", "Words", "address", "mail_from", "message", "one_line", "sender", "words"]


class _Mail(EmailMultiAlternatives):
    encoding = Charset("utf-8")  # 本文は base64 になり、8BITMIME の無い相手にも崩れず届く

    def message(self, **options: Any) -> Any:
        # Django は件名を見出し名の長さを数えずに折るため、長い件名の頭に空白が見えてしまう。
        built = super().message(**options)
        built.replace_header("Subject", Header(str(self.subject), self.encoding, header_name="Subject"))
        return built


def message(*, tenant: Organization, to: str, message_id: str, words: Words) -> EmailMultiAlternatives:
    """Put a mail into its envelope: From the city, no automatic answers (RFC 3834), 7-bit clean."""
    mail = _Mail(
        subject=words.subject,
        body=words.text,
        from_email=sender(tenant),
        to=[to],
        headers={
            "Message-ID": message_id,
            "Auto-Submitted": "auto-generated",
            "X-Auto-Response-Suppress": "All",
        },
    )
    mail.attach_alternative(words.html, "text/html")
    return mail


def sender(tenant: Organization) -> str:
    """Name the city in front of the no-reply address (R60)."""
    return formataddr((f"{one_line(tenant.name)}（むすび）", mail_from()), charset="utf-8")


def mail_from() -> str:
    return parseaddr(settings.MAIL_FROM)[1]


def address(to: str) -> str:
    """Return one valid address; raise Refused otherwise."""
    try:
        validate_email(to)
    except ValidationError as error:
        raise Refused("メールアドレスの形が正しくありません。") from error
    if len(to) > 254:
        raise Refused("メールアドレスが長すぎます。")
    return to
