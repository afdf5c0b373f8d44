"""様式第1号 as it is typed: by the firm on the web, by staff from a mailed form; and a change of its authority."""

from collections.abc import Mapping, Sequence
from typing import Any, cast

from django import forms
from django.core.exceptions import ValidationError
from django.db import models
from django.http import QueryDict

from accounts.models import Organization
from contracts.forms.contractor import PhoneField
from contracts.forms.fields import AddressField, NameField
from contracts.models import Consent
from contracts.services.consents import addresses
from contracts.services.versions import papers

LABELS = {
    "address": "住所",
    "company_name": "商号又は名称",
    "representative_name": "代表者名",
    "authority_company": "請負（受注）者名",
    # 誤りのまとめでは「役職」だけだとどちらの人のことか分からないので、だれのものかを言う。
    "authority_title": "契約締結権限者の役職",
    "authority_name": "契約締結権限者の氏名",
    "authority_email": "契約締結権限者のメールアドレス",
    "contact_department": "契約事務担当者の部署名",
    "contact_title": "契約事務担当者の役職",
    "contact_name": "契約事務担当者の氏名",
    "contact_phone": "契約事務担当者の電話番号",
    "contact_email": "契約事務担当者のメールアドレス",
}
AUTOCOMPLETE = {
    "address": "address-line1",
    "company_name": "organization",
    "contact_phone": "tel",
}
MEGABYTE = 1024 * 1024
REQUIRED = {"required": "入力してください。"}


class ConsentFields(forms.Form):
    """The fields of 様式第1号, prefilled from the register and editable (R49–R53, R56)."""

    def __init__(
        self,
        data: QueryDict | None = None,
        files: Any = None,
        *,
        consent: Consent,
        typed: Mapping[str, Any] | None = None,
        contact_email_uses: Sequence[str] = (),
    ) -> None:
        known = {name: getattr(consent, name) for name in (*papers.CONSENT_FIELDS, "contact_email")}
        super().__init__(data, files, initial=known | dict((typed or {}).items()))
        for name in papers.CONSENT_FIELDS:
            self.fields[name] = _field(name)
        self.fields["contact_email"] = _field("contact_email", required=bool(contact_email_uses))
        self.contact_email_use = "".join(contact_email_uses)

    def clean(self) -> dict[str, Any]:
        known = super().clean() or {}
        contact, authority = known.get("contact_email", ""), known.get("authority_email", "")
        if self.contact_email_use and contact and contact.casefold() == authority.casefold():
            self.add_error("contact_email", "契約締結権限者とは別のメールアドレスを入力してください。")
        return known

    @property
    def answers(self) -> dict[str, str]:
        """Return what was typed, as the services take it."""
        return {name: self.cleaned_data[name] for name in (*papers.CONSENT_FIELDS, "contact_email")}

    @property
    def applicant(self) -> list[forms.BoundField]:
        return [self[name] for name in ("address", "company_name", "representative_name")]

    @property
    def authority(self) -> list[forms.BoundField]:
        return [self[name] for name in ("authority_company", "authority_title", "authority_name")]

    @property
    def contact(self) -> list[forms.BoundField]:
        return [self[name] for name in papers.CONSENT_FIELDS if name.startswith("contact_")]


class ConsentForm(ConsentFields):
    """様式第1号 電子契約利用承諾書, as the firm itself fills it in."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        ticked = {"required": "確かめて、印を付けてください。"}
        self.fields["methods_agreed"] = forms.BooleanField(
            label="この方法を確かめました。この方法で契約を締結することを承諾します。", error_messages=ticked
        )
        self.order_fields(["methods_agreed"])
        self.fields["authority_declared"] = forms.BooleanField(
            label="このメールアドレスは、契約を締結する権限のある方が自ら使っているものです。", error_messages=ticked
        )


class MailedConsentForm(ConsentFields):
    """A form that reached the city by mail: what it says, and the PDF or its scan (備考1, R54)."""

    def __init__(self, *args: Any, city: Organization, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._limit = city.max_file_bytes
        self.fields["file"] = forms.FileField(
            label="届いた承諾書の PDF",
            max_length=255,
            widget=forms.FileInput(attrs={"accept": "application/pdf,.pdf"}),
            help_text=f"メールに添付された PDF、または紙を読み取った PDF。{self._limit // MEGABYTE}MBまで。",
            error_messages={
                "required": "承諾書の PDF を選んでください。",
                "empty": "選んだファイルは空（0 バイト）です。",
            },
        )
        self.order_fields(["file"])

    def clean_file(self) -> bytes:
        file = self.cleaned_data["file"]
        if file.size > self._limit:
            raise ValidationError(f"ファイルが大きすぎます。上限は{self._limit // MEGABYTE}MBです。")
        content: bytes = file.read()
        return content


class AuthorityForm(forms.Form):
    """Another person, or another address, who signs for a firm that has consented (R44)."""

    def __init__(self, data: QueryDict | None = None, *, consent: Consent) -> None:
        super().__init__(data, initial={name: getattr(consent, name) for name in addresses.AUTHORITY_FIELDS})
        for name in addresses.AUTHORITY_FIELDS:
            self.fields[name] = _field(name)
        self.fields["reason"] = forms.CharField(
            label="変更の理由",
            max_length=500,
            widget=forms.Textarea(attrs={"rows": 3}),
            help_text="例: 令和8年4月1日付けの人事異動により、支店長が交代したため",
            error_messages=REQUIRED,
        )

    @property
    def answers(self) -> dict[str, str]:
        """Return the new authority, as the service takes it."""
        return {name: self.cleaned_data[name] for name in addresses.AUTHORITY_FIELDS}


class ContactForm(forms.Form):
    """Another address of a firm's contact, to which one-time codes go."""

    def __init__(self, data: QueryDict | None = None, *, consent: Consent) -> None:
        super().__init__(data, initial={"contact_email": consent.contact_email})
        self.fields["contact_email"] = _field("contact_email")
        self.fields["reason"] = forms.CharField(
            label="変更の理由",
            max_length=500,
            widget=forms.Textarea(attrs={"rows": 3}),
            help_text="例: ワンタイムコードの送り先として、電話で届出があったため",
            error_messages=REQUIRED,
        )


def _field(name: str, *, required: bool = True) -> forms.Field:
    column = cast("models.CharField[str, str]", Consent._meta.get_field(name))  # noqa: SLF001
    options: dict[str, Any] = {
        "label": LABELS[name],
        "max_length": column.max_length,
        "required": required,
        "error_messages": REQUIRED,
    }
    if name.endswith("_email"):
        return AddressField(**options, widget=forms.EmailInput(attrs={"autocomplete": "off", "spellcheck": "false"}))
    attrs = {"autocomplete": AUTOCOMPLETE.get(name, "off")}
    if name == "contact_phone":
        return PhoneField(**options, widget=forms.TextInput(attrs=attrs | {"inputmode": "tel"}))
    return NameField(**options, widget=forms.TextInput(attrs=attrs))


class WithdrawalForm(forms.Form):
    """Why a firm withdraws its consent."""

    reason = forms.CharField(
        label="撤回の理由",
        max_length=500,
        widget=forms.Textarea(attrs={"rows": 3}),
        error_messages={"required": "撤回の理由を入力してください。"},
    )
    understood = forms.BooleanField(
        label="進んでいる署名の手続きが終わり、紙の契約書で締結する場合があることを確かめました。",
        error_messages={"required": "確かめて、印を付けてください。"},
    )
