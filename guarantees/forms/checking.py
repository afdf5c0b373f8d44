"""What a clerk types at the checking desk: what the certificate says, and what is decided."""

from collections.abc import Iterable, Mapping
from dataclasses import fields
from datetime import date
from typing import Any

from django import forms
from django.core.exceptions import ValidationError

from contracts.dates import wareki
from contracts.folding import search_key
from contracts.forms.fields import JapaneseDateField, NameField, YenField
from guarantees.facts import CertificateFacts
from guarantees.forms.submitting import PLAIN
from guarantees.models import FactsSource, GuaranteeType
from guarantees.rules.expected import Expected
from guarantees.rules.lines import Finding
from guarantees.services import REASON_LENGTH, REVEAL_REASON_LENGTH, plain

# 目で見比べて「契約と同じ」と言える項目。金額と日付は、読んだ値を入力する
BY_EYE = ("type", "number", "beneficiary", "applicant_name", "guarantor", "work_title")
NEEDED = ("type", "number", "beneficiary", "work_title", "amount", "guaranteed_until")
TICKED_AND_TYPED = "「契約と同じ」の印と、入力した内容が食い違っています。どちらかを消してください。"


class NumberField(forms.CharField):
    """A 保証契約番号, folded to half-width like the one handed in."""

    def clean(self, value: Any) -> str:
        return plain(str(super().clean(value)))


class CheckForm(forms.Form):
    """What a clerk read on the certificate, the field of each line beside what the contract says (R91, R105).

    Names may be typed, or ticked as reading like the contract; amounts and days are always typed.
    """

    type = forms.ChoiceField(label="種類", required=False, choices=[("", "選んでください"), *GuaranteeType.choices])
    number = NumberField(label="保証契約番号", required=False, max_length=64, widget=forms.TextInput(attrs=PLAIN))
    beneficiary = NameField(label="被保証者", required=False, max_length=200)
    applicant_name = NameField(label="保証契約者", required=False, max_length=300)
    guarantor = NameField(label="保証機関", required=False, max_length=200)
    work_title = NameField(label="工事名", required=False, max_length=300)
    price = YenField(label="請負金額（総額）", required=False)
    base_price = YenField(label="請負金額（対象額）", required=False)
    amount = YenField(label="保証金額", required=False)
    guaranteed_from = JapaneseDateField(label="保証期間の始まり", required=False)
    guaranteed_until = JapaneseDateField(label="保証期間の終わり", required=False)
    work_from = JapaneseDateField(label="工期の始まり", required=False)
    work_until = JapaneseDateField(label="工期の終わり", required=False)
    issued_date = JapaneseDateField(label="発行日", required=False)
    changed = forms.BooleanField(label="（変更）と表示されている", required=False)
    deposit_bank = NameField(label="前払金預託金融機関", required=False, max_length=200)
    # 画面に欄のない項目。PDF から読み取ったものを落とさず持ち運ぶ
    title = forms.CharField(required=False, max_length=200, widget=forms.HiddenInput)
    applicant_address = forms.CharField(required=False, max_length=300, widget=forms.HiddenInput)
    branch = forms.CharField(required=False, max_length=200, widget=forms.HiddenInput)
    read_from = forms.ChoiceField(
        choices=[(each, each.label) for each in (FactsSource.TYPED, FactsSource.PDF)],
        widget=forms.HiddenInput,
    )

    def __init__(
        self,
        data: Mapping[str, Any] | None = None,
        *,
        expected: Expected,
        begin: CertificateFacts,
        source: FactsSource,
    ) -> None:
        super().__init__(data, initial=typed_as(begin) | {"read_from": source})
        self.begin = begin
        self.like = {
            "type": expected.type,
            "number": expected.number,
            "beneficiary": expected.beneficiaries[0],
            "applicant_name": expected.applicants[0],
            "guarantor": expected.institution,
            "work_title": expected.work_title,
        }
        if expected.type == GuaranteeType.CONTRACT:
            del self.fields["base_price"], self.fields["deposit_bank"]
        for name in BY_EYE:
            self.fields[f"same_{name}"] = forms.BooleanField(label="契約と同じ", required=False)

    def clean(self) -> dict[str, Any]:
        read: dict[str, Any] = super().clean() or self.cleaned_data
        for name in BY_EYE:
            if read.get(f"same_{name}") and name not in self.errors:
                read[name] = self._like_the_contract(name, typed=read[name])
        for name in NEEDED:
            if name not in self.errors and _is_empty(read.get(name)):
                self.add_error(name, self._ask(name))
        return read

    def _like_the_contract(self, name: str, *, typed: str) -> str:
        if typed and search_key(typed) != search_key(self.like[name]):
            self.add_error(name, ValidationError(TICKED_AND_TYPED))
        return self.like[name]

    def _ask(self, name: str) -> str:
        asked = f"証書の{self.fields[name].label}を入力してください。"
        return f"{asked}同じ記載なら「契約と同じ」に印を付けてください。" if name in BY_EYE else asked

    @property
    def is_begun(self) -> bool:
        """Tell whether anything was read of the certificate yet."""
        return self.is_bound or self.begin != CertificateFacts()

    @property
    def facts(self) -> CertificateFacts:
        """Return what was typed, as far as it can be read; before that, what the form begins with."""
        if not self.is_bound:
            return self.begin
        typed = {line.name: self.cleaned_data.get(line.name) for line in fields(CertificateFacts)}
        read: dict[str, Any] = {name: None if _is_empty(value) else value for name, value in typed.items()}
        return CertificateFacts(**(read | {"changed": bool(read["changed"])}))

    @property
    def by_eye(self) -> frozenset[str]:
        """Name the facts that were ticked as reading like the contract."""
        ticked = self.cleaned_data if self.is_bound else {}
        return frozenset(name for name in BY_EYE if ticked.get(f"same_{name}"))

    @property
    def source(self) -> FactsSource:
        """Tell whether a PDF was read first, or everything was typed."""
        return FactsSource(self.cleaned_data["read_from"])


def _is_empty(value: Any) -> bool:
    return value is None or value == ""


def typed_as(facts: CertificateFacts) -> dict[str, Any]:
    """Write facts as a clerk would type them, to begin a form with what was read before."""
    return {line.name: _typed(getattr(facts, line.name)) for line in fields(CertificateFacts)}


def _typed(value: Any) -> Any:
    if isinstance(value, date):
        return wareki(value)
    return f"{value:,}" if type(value) is int else value


class AcceptForm(forms.Form):
    """What a person made sure of on each line that the comparison left to them."""

    def __init__(self, *args: Any, findings: Iterable[Mapping[str, Any]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for line in findings:
            if line["outcome"] == Finding.UNSURE:
                self.fields[line["name"]] = forms.CharField(
                    label=line["subject"],
                    max_length=REASON_LENGTH,
                    widget=forms.TextInput(attrs={"autocomplete": "off"}),
                    help_text=line["text"],
                    error_messages={"required": "確かめたことを入力してください。"},
                )


class RejectForm(forms.Form):
    """Why a guarantee is not accepted, in words for the contractor."""

    reason = forms.CharField(
        label="受理しない理由",
        max_length=REASON_LENGTH,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text="受注者にメールでそのまま伝わります。直していただくことを書いてください。",
        error_messages={"required": "受理しない理由を入力してください。"},
    )


class RevealForm(forms.Form):
    """Why a clerk needs to see the key."""

    reason = forms.CharField(
        label="表示する理由",
        max_length=REVEAL_REASON_LENGTH,
        widget=forms.TextInput(attrs={"autocomplete": "off", "list": "reveal-reasons"}),
        help_text="例: 電子証書を閲覧して照合するため",
        error_messages={"required": "認証キーを表示する理由を入力してください。"},
    )


class SavedScreenForm(forms.Form):
    """A certificate that the clerk saved from the guarantor's viewing service (R107)."""

    file = forms.FileField(
        label="保存した証書のPDF",
        widget=forms.FileInput(attrs={"accept": "application/pdf"}),
        error_messages={
            "required": "証書のPDFを選んでください。",
            "empty": "ファイルが空です。保存し直してください。",
            "missing": "証書のPDFを選んでください。",
        },
    )
