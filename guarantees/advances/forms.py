"""What clerks type about advance payments. The forms read and check; deciding is the services' business."""

from collections.abc import Sequence
from typing import Any

from django import forms

from contracts.forms.fields import DATE_HINT, JapaneseDateField, YenField
from guarantees.advances.account import PAID_KINDS, Account
from guarantees.models import AdvanceKind
from guarantees.services.refusals import REASON_LENGTH


class ClaimForm(forms.Form):
    """A claim of the contractor for an advance: what, how much, and when it came."""

    kind = forms.ChoiceField(
        label="種類", widget=forms.RadioSelect, error_messages={"required": "請求の種類を選んでください。"}
    )
    amount = YenField(label="請求額", error_messages={"required": "請求額を入力してください。"})
    claimed_date = JapaneseDateField(
        label="請求を受けた日",
        help_text=f"支払の期限は、この日から数えます。{DATE_HINT}",
        error_messages={"required": "請求を受けた日を入力してください。"},
    )

    def __init__(self, *args: Any, kinds: Sequence[AdvanceKind] = PAID_KINDS, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["kind"]
        assert isinstance(field, forms.ChoiceField)  # noqa: S101 - すぐ上で定めた
        field.choices = [(kind.value, kind.label) for kind in kinds]
        if len(kinds) == 1:
            field.initial = kinds[0].value


class CertifyForm(forms.Form):
    """What a clerk found at the works when a contractor asked for an interim advance (認定)."""

    certified_date = JapaneseDateField(
        label="認定の基準日", help_text=DATE_HINT, error_messages={"required": "認定の基準日を入力してください。"}
    )
    done_amount = YenField(
        label="行われた作業に要する経費",
        help_text="基準日までに行われた作業の分です（税込）。",
        error_messages={"required": "行われた作業に要する経費を入力してください。"},
    )
    on_schedule = forms.BooleanField(
        label="工程表によりその時期までに実施すべき作業が行われている",
        required=False,
    )


class BasisForm(forms.Form):
    """What the amounts are reckoned from, where the city's rules know more than the price."""

    base_price = YenField(
        label="前払金の対象額",
        required=False,
        help_text="年度の出来高予定額など、前払金の割合をかける額です。空けておくと、請負代金額の全体とします。",
    )
    is_low_price = forms.BooleanField(label="低入札価格調査を経た契約である", required=False)

    def __init__(self, *args: Any, found: Account, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.initial = {"base_price": found.base_price and f"{found.base_price:,}", "is_low_price": found.low_price}
        if not found.terms.may_be_part:
            del self.fields["base_price"]
        if not found.terms.low_price_percents:
            del self.fields["is_low_price"]

    @property
    def typed(self) -> dict[str, Any]:
        """Return what was typed, as the service takes it; what the city's rules do not know stays unset."""
        return {"base_price": None, "is_low_price": False} | self.cleaned_data


class SettleForm(forms.Form):
    """The day on which money was paid, or came back."""

    day = JapaneseDateField(help_text=DATE_HINT, error_messages={"required": "日付を入力してください。"})

    def __init__(self, *args: Any, kind: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["day"].label = "返還を受けた日" if kind == AdvanceKind.REFUND else "支払った日"


class CancelForm(forms.Form):
    """Why something is not paid, or not asked back, in words for the contractor."""

    reason = forms.CharField(
        label="取り消す理由",
        max_length=REASON_LENGTH,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text="受注者にメールでそのまま伝わります。",
        error_messages={"required": "取り消す理由を入力してください。"},
    )
