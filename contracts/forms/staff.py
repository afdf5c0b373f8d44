"""What staff type. The forms read and check; deciding is the services' business."""

from datetime import timedelta
from typing import Any

from django import forms
from django.core.exceptions import ValidationError

from contracts.dates import LONGEST_INPUT
from contracts.durations import parse_duration
from contracts.forms.fields import DATE_HINT, AddressField, JapaneseDateField, NameField, YenField, in_order

MEGABYTE = 1024 * 1024


class PaperForm(forms.Form):
    """The day on which a case was contracted on paper."""

    contract_date = JapaneseDateField(label="紙の契約書の契約日", help_text=DATE_HINT)


class PaperChangeForm(forms.Form):
    """The terms of a case as an amendment on paper leaves them."""

    contract_date = JapaneseDateField(label="変更契約日", help_text=DATE_HINT)
    amount = YenField(label="変更後の請負代金額（税込）")
    work_starts_date = JapaneseDateField(label="工期の始まり")
    work_ends_date = JapaneseDateField(label="変更後の工期の終わり")


class ReasonForm(forms.Form):
    """Why something is sent back, taken back or declined."""

    reason = forms.CharField(label="理由", max_length=500, widget=forms.Textarea(attrs={"rows": 3}))


class CommentForm(forms.Form):
    """A word that someone adds to their approval."""

    comment = forms.CharField(label="意見", max_length=500, required=False, widget=forms.Textarea(attrs={"rows": 2}))


class SettingsForm(forms.Form):
    """What an administrator may change for the city."""

    mayor_title = NameField(label="長の職名", max_length=100, help_text="様式の宛名になります。例: ○○市長")
    mayor_name = NameField(label="長の氏名", max_length=100)
    address = NameField(label="所在地", max_length=200)
    help_desk = NameField(label="問い合わせ先", max_length=100, required=False, help_text="例: 総務部 契約検査課")
    help_phone = NameField(label="電話番号", max_length=40, required=False)
    help_hours = NameField(label="受付時間", max_length=100, required=False, help_text="例: 平日 8:30〜17:15")
    help_email = AddressField(label="問い合わせのメール", required=False)
    help_form = forms.URLField(label="問い合わせフォームのURL", max_length=500, required=False, assume_scheme="https")
    download_lifetime = forms.CharField(
        label="ダウンロードできる期間",
        max_length=LONGEST_INPUT,
        help_text="「14日」「36時間」のように入力してください。締結の知らせが届いてからの期間です。",
    )
    max_file_megabytes = forms.IntegerField(label="1ファイルの上限", min_value=1, max_value=250)
    max_envelope_megabytes = forms.IntegerField(label="文書一式の上限", min_value=1, max_value=2000)
    accepts_signed = forms.BooleanField(
        label="すでに電子署名のある PDF を受け付ける",
        required=False,
        help_text="有効な署名だけを認め、中身を変えずに署名を重ねます。",
    )

    def clean_download_lifetime(self) -> timedelta:
        try:
            return parse_duration(self.cleaned_data["download_lifetime"])
        except ValueError as wrong:
            raise ValidationError(str(wrong)) from wrong

    def clean(self) -> dict[str, Any]:
        typed = super().clean() or {}
        one, whole = typed.get("max_file_megabytes"), typed.get("max_envelope_megabytes")
        if one and whole and whole < one:
            self.add_error("max_envelope_megabytes", "文書一式の上限は、1ファイルの上限以上にしてください。")
        return typed


class LogForm(forms.Form):
    """Which part of the operation log to read."""

    first_date = JapaneseDateField(label="日付（から）", required=False)
    last_date = JapaneseDateField(label="日付（まで）", required=False)
    number = forms.CharField(label="工事番号", max_length=60, required=False)

    def clean(self) -> dict[str, Any]:
        typed = super().clean() or {}
        in_order(self, typed, "first_date", "last_date", "終わりの日が始まりの日より前になっています。")
        return typed
