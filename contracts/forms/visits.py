"""What an operator types to enter a city."""

from datetime import timedelta

from django import forms
from django.http import QueryDict

from contracts.forms.fields import NameField
from contracts.services.visits.beginning import TERMS


def _told(term: timedelta) -> str:
    minutes = round(term.total_seconds() / 60)
    return f"{minutes // 60}時間" if minutes % 60 == 0 else f"{minutes}分"


class VisitForm(forms.Form):
    """Which city, why, and for how long."""

    city = forms.CharField(
        label="自治体", max_length=100, help_text="正式な名称（例: 見本市）か、アドレスに使う記号（例: mihon）。"
    )
    reason = NameField(
        label="立ち入る理由",
        max_length=200,
        help_text="例: 7月1日のお問い合わせ（署名の画面が開かない）の確認。自治体の運用管理者に、そのまま伝わります。",
    )
    minutes = forms.TypedChoiceField(
        label="長さ",
        coerce=int,
        choices=[(round(term.total_seconds() / 60), _told(term)) for term in TERMS],
        help_text="過ぎると、ひとりでに終わります。延ばすことはできません。",
    )

    def __init__(self, data: QueryDict | None = None) -> None:
        super().__init__(data)

    @property
    def term(self) -> timedelta:
        return timedelta(minutes=self.cleaned_data["minutes"])
