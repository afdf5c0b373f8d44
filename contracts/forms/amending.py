"""What staff type when a contract changes, goes to the council, or gets another signer."""

from typing import Any

from django import forms
from django.core.exceptions import ValidationError

from accounts.actors import Actor
from contracts.forms.fields import DATE_HINT, AddressField, JapaneseDateField, NameField, SignatoryField
from contracts.models import ContractKind

REASON: dict[str, Any] = {"max_length": 500, "widget": forms.Textarea(attrs={"rows": 3})}


class AmendForm(forms.Form):
    """Which change of a contract in force is opened, why, and who signs for the city."""

    kind = forms.ChoiceField(
        label="種類",
        choices=[
            (ContractKind.AMENDMENT, "変更契約（金額、工期などを変える）"),
            (ContractKind.CORRECTION, "訂正合意（締結した契約の誤記を正す）"),
        ],
        initial=ContractKind.AMENDMENT,
        widget=forms.RadioSelect,
    )
    reason = forms.CharField(label="変更・訂正の理由", help_text="契約書に印字されます。", **REASON)
    is_provisional = forms.BooleanField(
        label="議会の議決を要する（仮契約として締結する）", required=False, help_text="変更契約に限ります。"
    )

    def __init__(self, *args: Any, actor: Actor, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["signatory"] = SignatoryField(actor=actor)


class PlanForm(forms.Form):
    """On which day the council is expected to vote."""

    day = JapaneseDateField(label="議決の予定日", help_text=DATE_HINT)


class VoteForm(forms.Form):
    """How the council voted, and on which day."""

    day = JapaneseDateField(label="議決の日", help_text=DATE_HINT)
    outcome = forms.ChoiceField(
        label="結果",
        choices=[("passed", "可決（本契約が成立する）"), ("rejected", "否決（契約は成立しない）")],
        widget=forms.RadioSelect,
    )
    reason = forms.CharField(label="否決の経緯", required=False, **REASON)

    def clean(self) -> dict[str, Any]:
        typed = super().clean() or {}
        if typed.get("outcome") == "rejected" and not (typed.get("reason") or "").strip():
            self.add_error("reason", ValidationError("否決のときは、その経緯を入力してください。"))
        return typed

    @property
    def answer(self) -> dict[str, Any]:
        """Return what was typed, as the service takes it."""
        typed = self.cleaned_data
        return {"day": typed["day"], "passed": typed["outcome"] == "passed", "reason": typed["reason"]}


class ReassignForm(forms.Form):
    """Who signs for the firm from now on."""

    title = NameField(label="役職", max_length=100)
    name = NameField(label="氏名", max_length=100)
    email = AddressField(label="メールアドレス", widget=forms.EmailInput(attrs={"autocomplete": "off"}))
    reason = forms.CharField(label="変更の理由", **REASON)
