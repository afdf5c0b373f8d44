"""What staff type about the firms of the register."""

from typing import Any

from django import forms

from contracts.forms.fields import DATE_HINT, AddressField, JapaneseDateField, KanaField, NameField
from contracts.models import Basis
from contracts.tables import CODECS, MOST_BYTES, UTF8

KANA_HINT = "姓と名の間を空けると、読みがながそれぞれに付きます。"
KINDS = [("firm", "事業者"), ("venture", "共同企業体")]


class FirmForm(forms.Form):
    """An entry of the register; names stay exactly as typed (R49, R56)."""

    registration_number = NameField(label="登録番号", max_length=60, required=False, help_text="資格者名簿の番号です。")
    name = NameField(
        label="商号又は名称",
        max_length=200,
        help_text="名簿の表記のとおりに入力してください。髙・﨑・㈱などの字は、そのまま残ります。",
    )
    name_kana = KanaField(label="商号又は名称のフリガナ", max_length=200)
    branch = NameField(
        label="委任先の支店等", max_length=150, required=False, help_text="支店などに委任しているときだけ。例: 佐賀支店"
    )
    address = NameField(label="住所", max_length=300)
    representative_title = NameField(label="代表者の役職", max_length=100, help_text="例: 代表取締役")
    representative_name = NameField(label="代表者名", max_length=100)
    representative_kana = KanaField(label="代表者名のフリガナ", max_length=100, help_text=KANA_HINT)
    agent_title = NameField(label="受任者の役職", max_length=100, required=False, help_text="例: 佐賀支店長")
    agent_name = NameField(label="受任者の氏名", max_length=100, required=False)
    agent_kana = KanaField(label="受任者の氏名のフリガナ", max_length=100, help_text="")
    email = AddressField(label="メールアドレス", help_text="承諾書の依頼は、この宛先に送ります。")
    phone = NameField(label="電話番号", max_length=40, required=False)

    def clean(self) -> dict[str, Any]:
        typed = super().clean() or {}
        if bool(typed.get("agent_title")) != bool(typed.get("agent_name")):
            missing = "agent_name" if typed.get("agent_title") else "agent_title"
            self.add_error(missing, "受任者は、役職と氏名の両方を入力するか、両方を空にしてください。")
        return typed


class NewFirmForm(FirmForm):
    """A new entry, which may be a joint venture."""

    kind = forms.ChoiceField(
        label="種類",
        choices=KINDS,
        initial="firm",
        widget=forms.RadioSelect,
        help_text="共同企業体は、登録した後に構成員と代表構成員を決めます。",
    )


class EditFirmForm(FirmForm):
    """An entry as it is edited, with the number of the edit that it was opened at."""

    edit_number = forms.IntegerField(min_value=0, widget=forms.HiddenInput)


class AuthorityForm(forms.Form):
    """Who may sign for the firm, and from when until when (R3)."""

    basis = forms.ChoiceField(label="権限", choices=Basis.choices, widget=forms.RadioSelect)
    title = NameField(label="役職", max_length=100)
    name = NameField(label="氏名", max_length=100)
    name_kana = KanaField(label="氏名のフリガナ", max_length=100, help_text=KANA_HINT)
    email = AddressField(label="メールアドレス", help_text="署名の依頼を受け取れる、本人の宛先です。")
    starts_date = JapaneseDateField(
        label="就任日", required=False, help_text=f"空欄なら、始まりを問いません。{DATE_HINT}"
    )
    ends_date = JapaneseDateField(
        label="任期の末日", required=False, help_text="この日まで署名できます。空欄なら、末日の定めがありません。"
    )

    def clean(self) -> dict[str, Any]:
        typed = super().clean() or {}
        starts, ends = typed.get("starts_date"), typed.get("ends_date")
        if starts and ends and ends < starts:
            self.add_error("ends_date", "任期の末日が就任日より前になっています。")
        return typed


class EndOfTermForm(forms.Form):
    """The last day of a term of office."""

    ends_date = JapaneseDateField(label="任期の末日", help_text=f"この日までは署名できます。{DATE_HINT}")


class UploadForm(forms.Form):
    """A CSV file to read."""

    file = forms.FileField(
        label="CSV ファイル",
        max_length=255,
        help_text=f"UTF-8 と Shift_JIS のどちらでも読めます。{MOST_BYTES // 1024 // 1024}MBまで。",
        widget=forms.FileInput(attrs={"accept": ".csv,text/csv"}),
    )

    def clean_file(self) -> Any:
        file = self.cleaned_data["file"]
        if file.size > MOST_BYTES:
            raise forms.ValidationError(f"ファイルが大きすぎます。{MOST_BYTES // 1024 // 1024}MBまでに分けてください。")
        return file


class ExportForm(forms.Form):
    """In which encoding the register is written."""

    encoding = forms.ChoiceField(
        label="文字コード", choices=[(name, name) for name in CODECS], initial=UTF8, widget=forms.RadioSelect
    )
