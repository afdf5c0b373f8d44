"""What a clerk types at the checking desk: what the certificate says, and what is decided."""

from django import forms

from contracts.forms.fields import DATE_HINT, JapaneseDateField, NameField, YenField
from guarantees.facts import CertificateFacts
from guarantees.services import REASON_LENGTH, REVEAL_REASON_LENGTH


class CheckForm(forms.Form):
    """What a clerk read on the certificate in the guarantor's viewing service (R91)."""

    beneficiary = NameField(
        label="被保証者（発注者）",
        max_length=200,
        help_text="証書に書かれたとおりに入力してください。",
        error_messages={"required": "証書の被保証者を入力してください。"},
    )
    work_title = NameField(
        label="工事名", max_length=300, error_messages={"required": "証書の工事名を入力してください。"}
    )
    guaranteed_amount = YenField(label="保証金額", error_messages={"required": "証書の保証金額を入力してください。"})
    guaranteed_until = JapaneseDateField(
        label="保証期間の終わり",
        help_text=DATE_HINT,
        error_messages={"required": "証書の保証期間の終わりを入力してください。"},
    )

    @property
    def facts(self) -> CertificateFacts:
        """Return what was read, as the service takes it."""
        read = self.cleaned_data
        return CertificateFacts(
            beneficiary=read["beneficiary"],
            work_title=read["work_title"],
            amount=read["guaranteed_amount"],
            guaranteed_until=read["guaranteed_until"],
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
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
        help_text="例: D-Sureで電子証書を閲覧するため",
        error_messages={"required": "認証キーを表示する理由を入力してください。"},
    )
