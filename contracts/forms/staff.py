"""What staff type. The forms read and check; deciding is the services' business."""

from datetime import date, timedelta
from typing import Any

from django import forms
from django.core.exceptions import ValidationError

from accounts.actors import Actor
from accounts.models import Department, Membership, Organization, Role
from contracts.dates import LONGEST_INPUT
from contracts.durations import parse_duration
from contracts.forms.fields import DATE_HINT, JapaneseDateField, NameField, YenField
from contracts.models import CaseKind, Contractor, DocumentKind, ProcurementMethod

MEGABYTE = 1024 * 1024
NONE_CHOSEN = "選んでください"


class CaseForm(forms.Form):
    """An awarded case as the department registers it."""

    number = NameField(label="工事番号", max_length=60, help_text="例: 令和8年度 建工第12号")
    title = NameField(
        label="工事名（業務名）", max_length=200, help_text="公告に書いた名称のとおりに入力してください。"
    )
    place = NameField(label="工事場所", max_length=200, required=False)
    kind = forms.ChoiceField(label="区分", choices=[("", NONE_CHOSEN), *CaseKind.choices])
    procurement_method = forms.ChoiceField(label="調達方法", choices=[("", NONE_CHOSEN), *ProcurementMethod.choices])
    announced_date = JapaneseDateField(label="公告日", help_text=f"現場説明の日を含みます。{DATE_HINT}")
    awarded_date = JapaneseDateField(label="落札日", help_text="契約締結期限は、この日から数えます。")
    contractor: Any = forms.ModelChoiceField(label="落札者", queryset=None, empty_label=NONE_CHOSEN)
    amount = YenField(label="請負代金額（税込）")
    work_starts_date = JapaneseDateField(label="工期の始期")
    work_ends_date = JapaneseDateField(label="工期の終期")
    department: Any = forms.ModelChoiceField(label="担当課", queryset=None, empty_label=NONE_CHOSEN)

    def __init__(self, *args: Any, actor: Actor, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        _offer(self, "contractor", Contractor.objects.visible_to(actor).order_by("name_key", "pk"))
        _offer(self, "department", Department.objects.visible_to(actor).order_by("name"))
        self.fields["department"].initial = actor.department_id

    def clean_amount(self) -> int:
        amount: int = self.cleaned_data["amount"]
        if amount <= 0:
            raise ValidationError("金額は1円以上で入力してください。")
        return amount

    def clean(self) -> dict[str, Any]:
        typed = super().clean() or {}
        _in_order(self, typed, "announced_date", "awarded_date", "落札日が公告日より前になっています。")
        _in_order(self, typed, "work_starts_date", "work_ends_date", "工期の終期が始期より前になっています。")
        return typed


def _offer(form: forms.Form, name: str, rows: Any) -> Any:
    """Let a field choose among rows of the asker's own city."""
    field: Any = form.fields[name]
    field.queryset = rows
    return field


def _in_order(form: forms.Form, typed: dict[str, Any], first: str, second: str, message: str) -> None:
    before, after = typed.get(first), typed.get(second)
    if isinstance(before, date) and isinstance(after, date) and after < before:
        form.add_error(second, message)


class PaperForm(forms.Form):
    """The day on which a case was contracted on paper."""

    contract_date = JapaneseDateField(label="紙の契約書の契約日", help_text=DATE_HINT)


class DraftForm(forms.Form):
    """Who signs for the city."""

    signatory: Any = forms.ModelChoiceField(label="発注者の署名者", queryset=None, empty_label=NONE_CHOSEN)

    def __init__(self, *args: Any, actor: Actor, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        members = Membership.objects.visible_to(actor).filter(role=Role.SIGNATORY, user__is_active=True)
        field = _offer(self, "signatory", members.select_related("user", "department").order_by("user__name"))
        field.label_from_instance = _signatory_label


def _signatory_label(member: Membership) -> str:
    place = " ".join(part for part in (member.department and member.department.name, member.title) if part)
    return f"{member.user.name}（{place}）" if place else member.user.name


class DocumentForm(forms.Form):
    """A PDF that is signed together with the contract."""

    kind = forms.ChoiceField(
        label="種類", choices=[choice for choice in DocumentKind.choices if choice[0] != DocumentKind.CONTRACT]
    )
    title = NameField(label="文書名", max_length=200, help_text="署名の画面で、タブの見出しになります。例: 特記仕様書")
    file = forms.FileField(
        label="PDF ファイル", max_length=255, widget=forms.FileInput(attrs={"accept": "application/pdf,.pdf"})
    )

    def __init__(self, *args: Any, city: Organization, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._limit = city.max_file_bytes
        limit = self._limit // MEGABYTE
        self.fields["file"].help_text = f"1ファイル{limit}MBまで。パスワードや入力欄のない PDF を選んでください。"

    def clean_file(self) -> Any:
        file, limit = self.cleaned_data["file"], self._limit // MEGABYTE
        if file.size > self._limit:
            size = f"ファイルが大きすぎます（約{-(-file.size // MEGABYTE)}MB）。"
            raise ValidationError(f"{size}1ファイルの上限は{limit}MBです。分けるか小さくしてください。")
        return file


class ReasonForm(forms.Form):
    """Why something is sent back, taken back or declined."""

    reason = forms.CharField(label="理由", max_length=500, widget=forms.Textarea(attrs={"rows": 3}))


class SettingsForm(forms.Form):
    """What an administrator may change for the city."""

    help_desk = NameField(label="問い合わせ先", max_length=100, required=False, help_text="例: 総務部 契約検査課")
    help_phone = NameField(label="電話番号", max_length=40, required=False)
    help_hours = NameField(label="受付時間", max_length=100, required=False, help_text="例: 平日 8:30〜17:15")
    help_email = forms.EmailField(label="問い合わせのメール", required=False)
    help_form = forms.URLField(label="問い合わせフォームのURL", max_length=500, required=False, assume_scheme="https")
    download_lifetime = forms.CharField(
        label="ダウンロードできる期間",
        max_length=LONGEST_INPUT,
        help_text="「14日」「36時間」のように入力してください。締結の知らせが届いてからの期間です。",
    )
    max_file_megabytes = forms.IntegerField(label="1ファイルの上限", min_value=1, max_value=500)
    max_envelope_megabytes = forms.IntegerField(label="文書一式の上限", min_value=1, max_value=2000)

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


class ArchiveForm(forms.Form):
    """What an auditor looks for among the concluded contracts (R23: date, counterparty, amount)."""

    first_date = JapaneseDateField(label="契約日（から）", required=False)
    last_date = JapaneseDateField(label="契約日（まで）", required=False)
    party = forms.CharField(label="取引先", max_length=100, required=False)
    words = forms.CharField(label="件名・工事番号", max_length=100, required=False)
    least_amount = YenField(label="金額（以上）", required=False)
    most_amount = YenField(label="金額（以下）", required=False)

    def clean(self) -> dict[str, Any]:
        typed = super().clean() or {}
        _in_order(self, typed, "first_date", "last_date", "終わりの日が始まりの日より前になっています。")
        least, most = typed.get("least_amount"), typed.get("most_amount")
        if least is not None and most is not None and most < least:
            self.add_error("most_amount", "金額の上限が下限より小さくなっています。")
        return typed


class LogForm(forms.Form):
    """Which part of the operation log to read."""

    first_date = JapaneseDateField(label="日付（から）", required=False)
    last_date = JapaneseDateField(label="日付（まで）", required=False)
    number = forms.CharField(label="工事番号", max_length=60, required=False)

    def clean(self) -> dict[str, Any]:
        typed = super().clean() or {}
        _in_order(self, typed, "first_date", "last_date", "終わりの日が始まりの日より前になっています。")
        return typed
