"""What an administrator settles about the keys of the city's other systems."""

from datetime import date, datetime, time, timedelta
from typing import Any
from uuid import uuid4

from django import forms
from django.core.exceptions import ValidationError
from django.utils import timezone

from accounts import roles
from accounts.actors import Actor
from contracts.forms.fields import DATE_HINT, JapaneseDateField, NameField
from contracts.forms.people import offer_people
from contracts.models import Scope
from contracts.models.apitokens import LONGEST_LIFE
from contracts.services.integrating import tokens

FIRST_LIFE = timedelta(days=180)
MOST_NETWORKS = 20


class TokenForm(forms.Form):
    """A token: for whom, for what, from where and until when."""

    key = forms.UUIDField(widget=forms.HiddenInput, required=False)
    name = NameField(label="使う仕組みの名", max_length=60, help_text="例：財務会計システム")
    owner: Any = forms.ModelChoiceField(
        label="担当の職員",
        queryset=None,
        empty_label="選んでください",
        help_text="この仕組みがすることは、この職員の名で残ります。職員の役割がなくなると、トークンも使えなくなります。",
    )
    scopes = forms.MultipleChoiceField(
        label="使える範囲",
        choices=Scope.choices,
        widget=forms.CheckboxSelectMultiple,
        help_text="要るものだけを選びます。",
    )
    last_date = JapaneseDateField(
        label="使える末日", help_text=f"この日の終わりまで使えます。一年より先にはできません。{DATE_HINT}"
    )
    networks = forms.CharField(
        label="使える接続元",
        required=False,
        max_length=1000,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text="IP アドレスか範囲（192.0.2.0/24）を、一行に一つ書きます。空なら、どこからでも使えます。",
    )

    def __init__(self, *args: Any, actor: Actor, **kwargs: Any) -> None:
        today = timezone.localdate()
        kwargs.setdefault("initial", {"last_date": today + FIRST_LIFE, "key": uuid4()})
        super().__init__(*args, **kwargs)
        offer_people(self, "owner", roles.colleagues(actor, on=today))

    def clean_last_date(self) -> date:
        day: date = self.cleaned_data["last_date"]
        today = timezone.localdate()
        if not today <= day < today + LONGEST_LIFE:
            raise ValidationError("きょうから一年のうちの日を入力してください。")
        return day

    def clean_networks(self) -> list[str]:
        lines = [line for line in self.cleaned_data["networks"].splitlines() if line.strip()]
        if len(lines) > MOST_NETWORKS:
            raise ValidationError(f"接続元は {MOST_NETWORKS} 行までです。範囲にまとめて書いてください。")
        try:
            return tokens.read_networks(lines)
        except tokens.TokenRefused as refused:
            raise ValidationError(str(refused)) from refused

    @property
    def typed(self) -> dict[str, Any]:
        """Return what was typed, as the service takes it."""
        kept = {name: self.cleaned_data[name] for name in ("name", "owner", "scopes", "networks")}
        ends = datetime.combine(self.cleaned_data["last_date"] + timedelta(days=1), time.min)
        return kept | {"expires_at": timezone.make_aware(ends)}
