"""What a mail says: templates/notifications/<template>/{subject.txt,body.txt,body.html} within a common frame."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from email.charset import Charset
from email.header import Header
from email.utils import formataddr, parseaddr
from functools import lru_cache
from typing import Any, NoReturn

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.mail import EmailMultiAlternatives
from django.core.validators import validate_email
from django.template import Context, Engine
from django.template.backends.django import DjangoTemplates

from accounts.models import Organization


class Refused(ValueError):
    """Say why a mail cannot be written; the message is for people."""


class MissingVariable(LookupError):
    """A template names something that it was not given."""


class _Loud(str):
    """Stand in for a missing variable: Django formats it with the variable's name, and that fails."""

    __slots__ = ()

    def __mod__(self, name: object) -> NoReturn:
        raise MissingVariable(f"メールの文面に必要な値 {name} がありません。")


@dataclass(frozen=True)
class Words:
    subject: str
    text: str
    html: str


class _Mail(EmailMultiAlternatives):
    encoding = Charset("utf-8")  # 本文は base64 になり、8BITMIME の無い相手にも崩れず届く

    def message(self, **options: Any) -> Any:
        # Django は件名を見出し名の長さを数えずに折るため、長い件名の頭に空白が見えてしまう。
        built = super().message(**options)
        built.replace_header("Subject", Header(str(self.subject), self.encoding, header_name="Subject"))
        return built


def words(
    *, tenant: Organization, template: str, context: Mapping[str, object], link: str | None, code: str | None = None
) -> Words:
    """Write a mail; raise MissingVariable, or Refused where the subject would not be one line."""
    values = {**context, "city": tenant, "link": link or "", "code": code or "", "site": settings.BASE_URL}
    subject = one_line(_render(f"{template}/subject.txt", values, escape=False).strip())
    values["subject"] = subject
    text = re.sub(r"\n{3,}", "\n\n", _render(f"{template}/body.txt", values, escape=False)).strip() + "\n"
    return Words(subject, text, _render(f"{template}/body.html", values, escape=True))


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


def one_line(text: str) -> str:
    """Return a text fit for a header; raise Refused where it is empty or holds control characters."""
    if not text or any(ord(letter) < 32 or letter in "\x7f\x85\u2028\u2029" for letter in text):
        raise Refused("メールの件名や差出人に、改行や制御文字は使えません。")
    return text


def address(to: str) -> str:
    """Return one valid address; raise Refused otherwise."""
    try:
        validate_email(to)
    except ValidationError as error:
        raise Refused("メールアドレスの形が正しくありません。") from error
    if len(to) > 254:
        raise Refused("メールアドレスが長すぎます。")
    return to


def _render(name: str, values: Mapping[str, object], *, escape: bool) -> str:
    template = _engine().get_template(f"notifications/{name}")
    return str(template.render(Context(dict(values), autoescape=escape)))


@lru_cache(maxsize=1)
def _engine() -> Engine:
    backend = DjangoTemplates(
        {
            "NAME": "mail",
            "DIRS": settings.TEMPLATES[0]["DIRS"],
            "APP_DIRS": False,
            "OPTIONS": {"string_if_invalid": _Loud("%s")},
        }
    )
    return backend.engine
