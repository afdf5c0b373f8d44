"""What staff type about mails: the right address and why, and which mails to list."""

from django import forms

from contracts.forms.fields import AddressField


class CorrectionForm(forms.Form):
    """The address in the place of a wrong one."""

    email = AddressField(
        label="正しいメールアドレス",
        max_length=254,
        widget=forms.EmailInput(attrs={"autocomplete": "off", "spellcheck": "false"}),
        error_messages={"required": "入力してください。"},
    )
    reason = forms.CharField(
        label="直す理由",
        max_length=500,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text="例: 不達のため電話で確かめたところ、登録に誤りがあったため",
        error_messages={"required": "宛先を直す理由を入力してください。"},
    )
