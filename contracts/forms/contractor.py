"""What contractors type: 様式第1号, and the reason for a refusal."""

import unicodedata
from collections.abc import Mapping
from typing import Any, cast

from django import forms
from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.db import models
from django.http import QueryDict

from contracts.forms.fields import NameField
from contracts.models import Consent
from contracts.services import papers

EMAIL_SHAPE = "メールアドレスの形が正しくありません。「taro@example.jp」の形で、半角で入力してください。"
LABELS = {
    "address": "住所",
    "company_name": "商号又は名称",
    "representative_name": "代表者名",
    "authority_company": "請負（受注）者名",
    "authority_title": "役職",
    "authority_name": "氏名",
    "authority_email": "メールアドレス",
    "contact_department": "部署名",
    "contact_title": "役職",
    "contact_name": "氏名",
    "contact_phone": "電話番号",
}
# 誤りのまとめでは「役職」だけだとどちらの人のことか分からないので、欄の名の前に添える。
OF_WHOM = {"authority": "契約締結権限者の", "contact": "契約事務担当者の"}
AUTOCOMPLETE = {
    "address": "street-address",
    "company_name": "organization",
    "contact_phone": "tel",
}


class AddressField(forms.CharField):
    """A mail address; full-width letters are taken as their half-width ones."""

    def clean(self, value: Any) -> str:
        text = unicodedata.normalize("NFKC", cast(str, super().clean(value)))
        try:
            validate_email(text)
        except ValidationError as wrong:
            raise ValidationError(EMAIL_SHAPE) from wrong
        return text


class PhoneField(forms.CharField):
    """A telephone number; full-width digits are taken as half-width ones."""

    def clean(self, value: Any) -> str:
        text = unicodedata.normalize("NFKC", cast(str, super().clean(value)))
        digits = sum(character.isdigit() for character in text)
        if not 6 <= digits <= 20 or set(text) - set("0123456789+-() 内線－‐―ー"):
            raise ValidationError("電話番号の形が正しくありません。「0942-85-3500」の形で入力してください。")
        return text


class ConsentForm(forms.Form):
    """様式第1号 電子契約利用承諾書, prefilled from the register and editable (R49–R53, R56)."""

    def __init__(
        self, data: QueryDict | None = None, *, consent: Consent, typed: Mapping[str, Any] | None = None
    ) -> None:
        known = {name: getattr(consent, name) for name in papers.CONSENT_FIELDS}
        super().__init__(data, initial=known | dict((typed or {}).items()))
        for name in papers.CONSENT_FIELDS:
            self.fields[name] = _field(name)
        self.fields["authority_declared"] = forms.BooleanField(
            label="このメールアドレスは、契約を締結する権限のある方が自ら使っているものです。",
            error_messages={"required": "確かめて、印を付けてください。"},
        )

    @property
    def answers(self) -> dict[str, str]:
        """Return what was typed, as the service takes it."""
        return {name: self.cleaned_data[name] for name in papers.CONSENT_FIELDS}

    @property
    def applicant(self) -> list[forms.BoundField]:
        return [self[name] for name in ("address", "company_name", "representative_name")]

    @property
    def authority(self) -> list[forms.BoundField]:
        return [self[name] for name in ("authority_company", "authority_title", "authority_name")]

    @property
    def contact(self) -> list[forms.BoundField]:
        return [self[name] for name in papers.CONSENT_FIELDS if name.startswith("contact_")]


def _field(name: str) -> forms.Field:
    of_whom = "" if name == "authority_company" else OF_WHOM.get(name.partition("_")[0], "")
    label = of_whom + LABELS[name]
    column = cast("models.CharField[str, str]", Consent._meta.get_field(name))  # noqa: SLF001
    options: dict[str, Any] = {
        "label": label,
        "max_length": column.max_length,
        "error_messages": {"required": "入力してください。"},
    }
    if name == "authority_email":
        return AddressField(**options, widget=forms.EmailInput(attrs={"autocomplete": "off", "spellcheck": "false"}))
    attrs = {"autocomplete": AUTOCOMPLETE.get(name, "off")}
    if name == "contact_phone":
        return PhoneField(**options, widget=forms.TextInput(attrs=attrs | {"inputmode": "tel"}))
    return NameField(**options, widget=forms.TextInput(attrs=attrs))


class DeclineForm(forms.Form):
    """Why a contractor will not sign."""

    reason = forms.CharField(
        label="署名できない理由",
        max_length=500,
        widget=forms.Textarea(attrs={"rows": 3}),
        error_messages={"required": "署名できない理由を入力してください。"},
    )


class VerifyForm(forms.Form):
    """A PDF to verify; it is read once and not kept."""

    max_bytes = 50 * 1024 * 1024

    file = forms.FileField(
        label="確かめたい PDF ファイル",
        widget=forms.ClearableFileInput(attrs={"accept": "application/pdf,.pdf"}),
        error_messages={
            "required": "PDF ファイルを選んでください。",
            "invalid": "PDF ファイルを選んでください。",
            "missing": "PDF ファイルを選んでください。",
            "empty": "選んだファイルは空（0 バイト）です。",
        },
    )

    def clean_file(self) -> bytes:
        file = self.cleaned_data["file"]
        self.name: str = file.name
        if file.size > self.max_bytes:
            raise ValidationError(f"ファイルが大きすぎます（上限は {self.max_bytes // 1024 // 1024}MB です）。")
        content: bytes = file.read()
        if b"%PDF-" not in content[:1024]:
            raise ValidationError("PDF ではありません。PDF ファイルを選んでください。")
        return content
