"""Form fields that read days, yen and names as people in Japanese offices type them."""

from datetime import date
from typing import Any

from django import forms
from django.core.exceptions import ValidationError

from contracts.dates import parse_date, parse_yen
from contracts.folding import check_name

DATE_HINT = "令和8年3月1日、R8.3.1、2026/3/1 のどの書き方でも入力できます。"


class JapaneseDateField(forms.CharField):
    """A day in 和暦 or 西暦 (R121)."""

    def __init__(self, **kwargs: Any) -> None:
        kwargs.setdefault("widget", forms.TextInput(attrs={"autocomplete": "off"}))
        super().__init__(max_length=60, **kwargs)

    def clean(self, value: Any) -> date | None:
        text = super().clean(value)
        return _read(parse_date, text) if text else None


class YenField(forms.CharField):
    """Whole yen with or without commas, 円 and full-width digits (R122)."""

    def __init__(self, **kwargs: Any) -> None:
        kwargs.setdefault("widget", forms.TextInput(attrs={"inputmode": "numeric", "autocomplete": "off"}))
        super().__init__(max_length=60, **kwargs)

    def clean(self, value: Any) -> int | None:
        text = super().clean(value)
        return _read(parse_yen, text) if text else None


class NameField(forms.CharField):
    """A name or title kept exactly as written; invisible and turning characters are refused."""

    def clean(self, value: Any) -> str:
        return str(_read(check_name, super().clean(value)))


def _read(parse: Any, text: str) -> Any:
    try:
        return parse(text)
    except ValueError as wrong:
        raise ValidationError(str(wrong)) from wrong
