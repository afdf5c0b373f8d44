"""What contractors type: an address and a number, the reason for a refusal, a file to verify."""

import unicodedata
from typing import Any, cast

from django import forms
from django.core.exceptions import ValidationError
from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _

from contracts.forms.fields import DATE_HINT, AddressField, JapaneseDateField, in_order


class PhoneField(forms.CharField):
    """A telephone number; full-width digits are taken as half-width ones."""

    def clean(self, value: Any) -> str:
        text = unicodedata.normalize("NFKC", cast(str, super().clean(value)))
        digits = sum(character.isdigit() for character in text)
        if not 6 <= digits <= 20 or set(text) - set("0123456789+-() 内線－‐―ー"):
            raise ValidationError("電話番号の形が正しくありません。「0942-85-3500」の形で入力してください。")
        return text


class InboxForm(forms.Form):
    """The address whose inbox is to be opened."""

    email = AddressField(
        label="メールアドレス",
        max_length=254,
        widget=forms.EmailInput(attrs={"autocomplete": "email"}),
        error_messages={"required": "メールアドレスを入力してください。"},
    )


class RecordsForm(forms.Form):
    """Which contracts to keep: those of some days, or all."""

    first = JapaneseDateField(
        label="いつから", required=False, help_text=format_lazy("{}{}", _("契約の成立した日。"), _(DATE_HINT))
    )
    last = JapaneseDateField(label="いつまで", required=False, help_text="空けておくと、すべてを入れます。")

    def clean(self) -> dict[str, Any]:
        typed = super().clean() or {}
        in_order(self, typed, "first", "last", "終わりの日が、始まりの日より前になっています。")
        return typed


class DeclineForm(forms.Form):
    """Why a contractor will not sign."""

    reason = forms.CharField(
        label="署名できない理由",
        max_length=500,
        widget=forms.Textarea(attrs={"rows": 3}),
        error_messages={"required": "署名できない理由を入力してください。"},
    )


class VerifyForm(forms.Form):
    """A PDF to verify; it is read once and not kept. `show` names a version and a page of it to be shown as well."""

    max_bytes = 50 * 1024 * 1024

    file = forms.FileField(
        label=_("確かめたい PDF ファイル"),
        widget=forms.ClearableFileInput(attrs={"accept": "application/pdf,.pdf"}),
        error_messages={
            "required": _("PDF ファイルを選んでください。"),
            "invalid": _("PDF ファイルを選んでください。"),
            "missing": _("PDF ファイルを選んでください。"),
            "empty": _("選んだファイルは空（0 バイト）です。"),
        },
    )
    show = forms.RegexField(r"^\d{1,4}\.\d{1,5}$", required=False)

    def clean_file(self) -> bytes:
        file = self.cleaned_data["file"]
        self.name: str = file.name
        if file.size > self.max_bytes:
            limit = {"limit": self.max_bytes // 1024 // 1024}
            raise ValidationError(_("ファイルが大きすぎます（上限は %(limit)s MB です）。"), params=limit)
        content: bytes = file.read()
        if b"%PDF-" not in content[:1024]:
            raise ValidationError(_("PDF ではありません。PDF ファイルを選んでください。"))
        return content

    @property
    def wanted(self) -> tuple[int, int] | None:
        """Return the version and the page to be shown, both from 1; None when only the verdict was asked for."""
        version, _dot, page = self.cleaned_data["show"].partition(".")
        return (int(version), int(page)) if page else None


class VersionForm(VerifyForm):
    """A PDF, and which of its versions to take out."""

    version = forms.IntegerField(
        label=_("版の番号"),
        min_value=1,
        max_value=9999,
        error_messages={
            "required": _("版の番号を入力してください。"),
            "invalid": _("版の番号を数字で入力してください。"),
        },
    )
