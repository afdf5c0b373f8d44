"""What an administrator settles about the addresses that are told of events."""

from typing import Any

from django import forms
from django.core.exceptions import ValidationError

from contracts.forms.fields import NameField
from contracts.models import Webhook
from contracts.services.integrating import kinds, webhooks

ADDRESS: dict[str, Any] = {"inputmode": "url", "autocomplete": "off", "spellcheck": "false"}


class WebhookForm(forms.Form):
    """An address, and what it is told of."""

    name = NameField(label="受け取る仕組みの名", max_length=60, help_text="例：契約管理システム")
    url = forms.CharField(
        label="宛先",
        max_length=500,
        widget=forms.TextInput(attrs=ADDRESS),
        help_text="https:// で始まるアドレス。庁内の番号には、設置した事業者が許したものだけに送れます。",
    )
    wanted = forms.MultipleChoiceField(
        label="知らせる出来事",
        widget=forms.CheckboxSelectMultiple,
        help_text="要るものだけを選びます。",
    )

    def __init__(self, *args: Any, hook: Webhook | None = None, **kwargs: Any) -> None:
        if hook is not None:
            kwargs["initial"] = {"name": hook.name, "url": hook.url, "wanted": hook.kinds}
        super().__init__(*args, **kwargs)
        wanted: Any = self.fields["wanted"]
        wanted.choices = kinds.choices()

    def clean_url(self) -> str:
        url: str = self.cleaned_data["url"]
        try:
            webhooks.check_url(url)
        except webhooks.WebhookRefused as refused:
            raise ValidationError(str(refused)) from refused
        return url
