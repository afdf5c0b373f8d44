"""What those who run this installation type to search the archives of all municipalities."""

from datetime import date
from typing import Any

from django import forms
from django.http import QueryDict

from contracts.archive.asking import Wanted
from contracts.dates import fiscal_year, fiscal_year_text
from contracts.folding import query_keys
from contracts.forms.fields import JapaneseDateField, NameField, YenField, in_order
from contracts.models import Archived

YEARS_OFFERED = 12


class AcrossForm(forms.Form):
    """A question, and why it is asked."""

    party = forms.CharField(label="取引先", max_length=100, required=False)
    title = forms.CharField(label="件名", max_length=100, required=False)
    what = forms.TypedChoiceField(label="種類", required=False, coerce=int, empty_value=None)
    year = forms.TypedChoiceField(label="年度", required=False, coerce=int, empty_value=None)
    first_date = JapaneseDateField(label="契約日（から）", required=False)
    last_date = JapaneseDateField(label="契約日（まで）", required=False)
    least_amount = YenField(label="金額（以上）", required=False)
    most_amount = YenField(label="金額（以下）", required=False)
    reason = NameField(
        label="調べる理由", max_length=200, help_text="例: 令和8年7月1日の照会（○○県）への回答。操作記録に残ります。"
    )
    after = forms.CharField(required=False, max_length=60, widget=forms.HiddenInput)

    def __init__(self, data: QueryDict | None = None, *, today: date) -> None:
        super().__init__(data)
        this_year = fiscal_year(today)
        years = range(this_year, this_year - YEARS_OFFERED, -1)
        fields: dict[str, Any] = self.fields
        fields["what"].choices = [("", "すべて"), *Archived.choices]
        fields["year"].choices = [("", "すべて"), *((year, fiscal_year_text(year)) for year in years)]

    def clean(self) -> dict[str, Any]:
        typed: dict[str, Any] = super().clean() or {}
        in_order(self, typed, "first_date", "last_date", "「まで」は、「から」と同じか、それより後の日にしてください。")
        least, most = typed.get("least_amount"), typed.get("most_amount")
        if least is not None and most is not None and most < least:
            self.add_error("most_amount", "「以下」は、「以上」と同じか、それより大きい金額にしてください。")
        for name in ("party", "title"):
            if typed.get(name) and not query_keys(typed[name]):
                self.add_error(name, "記号だけでは探せません。言葉を入力してください。")
        return typed

    @property
    def wanted(self) -> Wanted:
        """Say the question in the words of the archive."""
        typed = self.cleaned_data
        return Wanted(
            parties=(typed["party"],) if typed["party"] else (),
            titles=tuple(typed["title"].split()),
            whats=(typed["what"],) if typed["what"] else (),
            first_year=typed["year"],
            last_year=typed["year"],
            **{name: typed[name] for name in ("first_date", "last_date", "least_amount", "most_amount")},
        )
