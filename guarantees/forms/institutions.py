"""What an administrator types about a guarantor whose certificates the city takes."""

from typing import Any

from django import forms

from contracts.forms.fields import NameField
from guarantees.forms.submitting import PLAIN, SecretInput
from guarantees.models import Institution, InstitutionKind

KNOWN = ("kind", "name", "branch", "phone", "usual_number", "portal_url", "registry_url", "seal_name")


class InstitutionForm(forms.Form):
    """A guarantor, and how its certificates are seen."""

    kind = forms.ChoiceField(label="種類", choices=InstitutionKind.choices, widget=forms.RadioSelect)
    name = NameField(label="名称", max_length=200, error_messages={"required": "名称を入力してください。"})
    branch = NameField(label="支店", max_length=100, required=False)
    phone = forms.CharField(label="電話番号", max_length=40, required=False)
    usual_number = forms.CharField(
        label="見慣れた番号の形",
        max_length=100,
        required=False,
        help_text=r"正規表現です（10桁の数字なら \d{10}）。外れた番号には注意が出ますが、受け付けます。",
        widget=forms.TextInput(attrs=PLAIN),
    )
    portal_url = forms.URLField(
        label="発注者が証書を見る画面",
        max_length=300,
        required=False,
        assume_scheme="https",
        help_text="照合の画面から新しいタブで開きます（D-Sureなど）。",
    )
    registry_url = forms.URLField(
        label="証書を問い合わせる窓口",
        max_length=300,
        required=False,
        assume_scheme="https",
        help_text="画面を開かずに問い合わせられる保証機関だけ、入力してください。",
    )
    seal_name = NameField(
        label="電子署名の名義",
        max_length=200,
        required=False,
        help_text="証書に電子署名をする証明書の名義です（ローマ字のことがあります）。名義の違う署名は「要確認」になります。",
    )
    token = forms.CharField(
        label="窓口の合言葉",
        max_length=200,
        required=False,
        widget=SecretInput(attrs=PLAIN),
        help_text="保証機関から受け取ったものです。空けておくと、今の合言葉を変えません。暗号にして保管し、画面には出しません。",
    )

    def __init__(self, *args: Any, institution: Institution | None = None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        known = {name: getattr(institution, name) for name in KNOWN} if institution else {}
        self.initial = {"kind": InstitutionKind.SURETY} | known
