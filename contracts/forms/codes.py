"""Codes as people type them, and how staff pass an access code on."""

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from contracts import passcodes
from contracts.forms.fields import NameField
from contracts.models import SigningLevel

CHANNELS = {"phone": "電話", "counter": "窓口", "post": "郵便"}
ALPHABETS = {SigningLevel.ACCESS_CODE: passcodes.LETTERS, SigningLevel.ONE_TIME_CODE: "0123456789"}
SHAPES = {
    SigningLevel.ACCESS_CODE: _(
        "アクセスコードは%(length)s文字の英数字です。"
        "0・1・5・8 と B・G・I・L・O・Q・S・U・V・Z は使われていません。お手元のコードをもう一度お確かめください。"
    ),
    SigningLevel.ONE_TIME_CODE: _(
        "ワンタイムコードは%(length)s桁の数字です。メールのコードをもう一度お確かめください。"
    ),
}


class CodeForm(forms.Form):
    """A code as a signer types or pastes it; what cannot be one is said before it counts as a try."""

    def __init__(self, *args: Any, level: SigningLevel, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._level = level
        attrs = {
            "autocomplete": "one-time-code",
            "autocapitalize": "characters",
            "inputmode": "numeric" if level == SigningLevel.ONE_TIME_CODE else "text",
            "spellcheck": "false",
        }
        self.fields["code"] = forms.CharField(
            label=level.code_name,
            max_length=40,
            widget=forms.TextInput(attrs=attrs),
            error_messages={"required": _("%(code)sを入力してください。") % {"code": _(level.code_name)}},
        )

    def clean_code(self) -> str:
        code = passcodes.plain(self.cleaned_data["code"])
        if len(code) != passcodes.LENGTH or set(code) - set(ALPHABETS[self._level]):
            raise ValidationError(SHAPES[self._level], params={"length": passcodes.LENGTH})
        return code


class ConveyForm(forms.Form):
    """How an access code reaches its signer: never by the mail that carries the link."""

    channel = forms.ChoiceField(label="伝え方", choices=list(CHANNELS.items()), widget=forms.RadioSelect)
    place = NameField(
        label="伝える先",
        max_length=40,
        required=False,
        help_text="電話番号など。署名の記録に残ります。空けてもかまいません。",
    )
    instead_of = forms.IntegerField(widget=forms.HiddenInput, required=False)

    @property
    def conveyed(self) -> str:
        """Say in a few words how the code is passed on: 「電話 0942-00-0001」."""
        return " ".join(filter(None, (CHANNELS[self.cleaned_data["channel"]], self.cleaned_data["place"])))
