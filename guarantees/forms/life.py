"""What a clerk types about a guarantee's life beside the certificate itself: paper, needs, returns, completion."""

from typing import Any

from django import forms

from contracts.forms.fields import DATE_HINT, JapaneseDateField, NameField, YenField
from contracts.models import Case
from guarantees import guidance
from guarantees.models import GuaranteeType, PaperKind
from guarantees.services import REASON_LENGTH


class WantForm(forms.Form):
    """Which guarantee is wanted beside those that the contract calls for by itself."""

    def __init__(self, *args: Any, case: Case, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["type_"] = forms.ChoiceField(
            label="保証の種類",
            widget=forms.RadioSelect,
            choices=guidance.type_choices(case),
            error_messages={"required": "保証の種類を選んでください。"},
        )


class PaperForm(forms.Form):
    """A guarantee received on paper, or cash."""

    type_ = forms.ChoiceField(
        label="保証の種類",
        widget=forms.RadioSelect,
        choices=GuaranteeType.choices,
        error_messages={"required": "保証の種類を選んでください。"},
    )
    paper_kind = forms.ChoiceField(
        label="受け取ったもの",
        widget=forms.RadioSelect,
        choices=PaperKind.choices,
        error_messages={"required": "受け取ったものを選んでください。"},
    )
    amount = YenField(label="保証金額", error_messages={"required": "保証金額を入力してください。"})
    guarantor = NameField(
        label="保証する機関",
        max_length=200,
        required=False,
        help_text="証書の発行元です。現金のときは要りません。",
    )
    number = NameField(label="証書の番号", max_length=32, required=False)
    guaranteed_until = JapaneseDateField(label="保証期間の終わり", required=False, help_text=DATE_HINT)


class ReasonForm(forms.Form):
    """Why somebody does what cannot be taken back."""

    reason = forms.CharField(
        label="理由",
        max_length=REASON_LENGTH,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text="操作ログに残ります。",
        error_messages={"required": "理由を入力してください。"},
    )


class CompletionForm(forms.Form):
    """The day on which the works were completed and handed over."""

    completed_date = JapaneseDateField(
        label="完成（引渡し）の日",
        help_text=DATE_HINT,
        error_messages={"required": "完成（引渡し）の日を入力してください。"},
    )
