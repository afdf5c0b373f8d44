"""Mail addresses as real mail systems carry them: kept as they were written, put on the wire as RFC 5321 wants it."""

import re

from django.core.exceptions import ValidationError
from django.core.validators import EmailValidator
from django.utils.encoding import punycode

LONGEST, LONGEST_LOCAL = 254, 64
SHAPE = "メールアドレスの形が正しくありません。「taro@example.jp」の形で、半角で入力してください。"
_ATOM = r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]"
_DOT_ATOM = re.compile(rf"{_ATOM}+(?:\.{_ATOM}+)*")
# 携帯電話の会社が配ってきた、点の続く宛先や点で終わる宛先も、そのまま受け取る
_DOTTED = re.compile(rf"(?:{_ATOM}|\.)*{_ATOM}(?:{_ATOM}|\.)*")
_QUOTED = re.compile(r'"(?:[\x20\x21\x23-\x5b\x5d-\x7e]|\\[\x20-\x7e])+"')
_domains = EmailValidator(allowlist=[])


def check(address: str) -> None:
    """Raise ValidationError unless a text is one address that mail can be sent to."""
    local, _, domain = address.rpartition("@")
    is_local = _DOTTED.fullmatch(local) or _QUOTED.fullmatch(local)
    if not is_local or not domain or not _domains.validate_domain_part(domain):
        raise ValidationError(SHAPE, code="invalid")
    if len(address) > LONGEST or len(local) > LONGEST_LOCAL:
        raise ValidationError("メールアドレスが長すぎます。", code="invalid")


def on_the_wire(address: str) -> str:
    """Write an address for SMTP and headers: quoted where its dots need it, its domain in ASCII (RFC 5321 §4.1.2)."""
    local, _, domain = address.rpartition("@")
    if not _DOT_ATOM.fullmatch(local) and not _QUOTED.fullmatch(local):
        local = f'"{local}"'
    return f"{local}@{domain if domain.isascii() else punycode(domain)}"
