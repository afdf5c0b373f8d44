"""Form fields that read days, yen and names as people in Japanese offices type them."""

import unicodedata
from datetime import date
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils import timezone

from accounts import addresses
from accounts.actors import Actor
from accounts.kana import check_reading
from accounts.models import Membership, Role
from contracts.dates import parse_date, parse_month, parse_yen, wareki
from contracts.folding import check_name

DATE_HINT = "令和8年3月1日、R8.3.1、2026/3/1 のどの書き方でも入力できます。"


class JapaneseDateField(forms.CharField):
    """A day in 和暦 or 西暦 (R121)."""

    def __init__(self, **kwargs: Any) -> None:
        kwargs.setdefault("widget", forms.TextInput(attrs={"autocomplete": "off"}))
        super().__init__(max_length=60, **kwargs)

    def prepare_value(self, value: Any) -> Any:
        return wareki(value) if isinstance(value, date) else value

    def clean(self, value: Any) -> date | None:
        text = super().clean(value)
        return _read(parse_date, text) if text else None


class JapaneseMonthField(forms.CharField):
    """A month in 和暦 or 西暦 (R98, R121), as its first day."""

    def __init__(self, **kwargs: Any) -> None:
        kwargs.setdefault("widget", forms.TextInput(attrs={"autocomplete": "off"}))
        super().__init__(max_length=60, **kwargs)

    def clean(self, value: Any) -> date | None:
        text = super().clean(value)
        return _read(parse_month, text) if text else None


class YenField(forms.CharField):
    """Whole yen with or without commas, 円 and full-width digits (R122)."""

    def __init__(self, **kwargs: Any) -> None:
        kwargs.setdefault("widget", forms.TextInput(attrs={"inputmode": "numeric", "autocomplete": "off"}))
        super().__init__(max_length=60, **kwargs)

    def prepare_value(self, value: Any) -> Any:
        return f"{value:,}" if isinstance(value, int) else value

    def clean(self, value: Any) -> int | None:
        text = super().clean(value)
        return _read(parse_yen, text) if text else None


class NameField(forms.CharField):
    """A name or title kept exactly as written; invisible and turning characters are refused."""

    def clean(self, value: Any) -> str:
        return str(_read(check_name, super().clean(value)))


class KanaField(forms.CharField):
    """The reading of a name, in kana of any sort; cleaned, in full-width katakana."""

    def __init__(self, **kwargs: Any) -> None:
        kwargs.setdefault("help_text", "カタカナでもひらがなでも入力できます。読みがなとして表示し、検索にも使います。")
        super().__init__(required=False, **kwargs)

    def clean(self, value: Any) -> str:
        return str(_read(check_reading, super().clean(value)))


class AddressField(forms.CharField):
    """A mail address as it is written, whatever real mail systems carry; full-width letters become half-width ones."""

    def __init__(self, **kwargs: Any) -> None:
        attributes = {"autocomplete": "off", "inputmode": "email", "autocapitalize": "none", "spellcheck": "false"}
        kwargs.setdefault("widget", forms.TextInput(attrs=attributes))
        kwargs.setdefault("max_length", addresses.LONGEST)
        super().__init__(**kwargs)

    def clean(self, value: Any) -> str:
        text = str(super().clean(value))
        if not text.isascii():
            text = unicodedata.normalize("NFKC", text)
        if text:
            addresses.check(text)
        return text


class SignatoryField(forms.ModelChoiceField):  # type: ignore[type-arg] # 実行時には添字を取れない
    """Who signs for the city: those who hold the role today."""

    def __init__(self, *, actor: Actor, **kwargs: Any) -> None:
        members = Membership.objects.visible_to(actor).filter(role=Role.SIGNATORY, user__is_active=True)
        held = members.held_on(timezone.localdate()).select_related("user", "department").order_by("user__name", "pk")
        super().__init__(held, label="発注者の署名者", empty_label="選んでください", **kwargs)

    def label_from_instance(self, obj: Any) -> str:
        place = " ".join(part for part in (obj.department and obj.department.name, obj.title) if part)
        return f"{obj.user.name}（{place}）" if place else str(obj.user.name)


def _read(parse: Any, text: str) -> Any:
    try:
        return parse(text)
    except ValueError as wrong:
        raise ValidationError(str(wrong)) from wrong


def in_order(form: forms.Form, typed: dict[str, Any], first: str, second: str, message: str) -> None:
    """Note on the second of two days that it comes before the first."""
    before, after = typed.get(first), typed.get(second)
    if isinstance(before, date) and isinstance(after, date) and after < before:
        form.add_error(second, message)
