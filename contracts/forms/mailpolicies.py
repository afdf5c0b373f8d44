"""What an administrator settles about the city's mails."""

from datetime import time
from typing import Any

from django import forms

from contracts.forms.fields import AddressField, NameField

CLOCK = forms.TimeInput(attrs={"type": "time"}, format="%H:%M")


class MailPolicyForm(forms.Form):
    """In whose name mails leave, and when those that can wait do."""

    sender_name = NameField(label="差出人の名前", max_length=100, required=False)
    sender_address = AddressField(label="差出人のアドレス", required=False)
    reply_to = AddressField(label="返信先のアドレス", required=False)
    quiet_until = forms.TimeField(label="送り始める時刻", widget=CLOCK)
    quiet_from = forms.TimeField(label="送り終える時刻", widget=CLOCK)
    morning = forms.TimeField(label="朝のまとめの時刻", widget=CLOCK)
    edit_number = forms.IntegerField(widget=forms.HiddenInput, min_value=0)

    def clean(self) -> dict[str, Any]:
        typed = super().clean() or {}
        begins, ends = typed.get("quiet_until"), typed.get("quiet_from")
        if begins and ends and ends <= begins:
            self.add_error("quiet_from", "送り終える時刻は、送り始める時刻より後にしてください。")
        self._check_morning(typed.get("morning"), begins, ends)
        return typed

    def _check_morning(self, morning: time | None, begins: time | None, ends: time | None) -> None:
        if morning and begins and ends and not begins <= morning < ends:
            self.add_error("morning", "朝のまとめの時刻は、送り始める時刻から送り終える時刻までの間にしてください。")
