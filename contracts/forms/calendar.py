"""Which month of the calendar is looked at, and whose cases."""

from datetime import date
from typing import Any

from django import forms

from accounts.actors import Actor
from contracts import coming

CHOICES = ((coming.MINE, "自分の案件"), (coming.DEPARTMENT, "所属する課の案件"), (coming.EVERYTHING, "すべての案件"))
LETTERS = "letters"
# 祝日の表がある年の内。前後の月も開けるように、両端の年を除く
FIRST, LAST = date(1950, 1, 1), date(2098, 12, 31)


class CalendarForm(forms.Form):
    """A month (or one day of it), a circle of cases, and whether its morning mails; all may be missing."""

    month = forms.DateField(required=False, input_formats=["%Y-%m"], widget=forms.HiddenInput)
    day = forms.DateField(required=False, input_formats=["%Y-%m-%d"], widget=forms.HiddenInput)
    whose = forms.ChoiceField(label="だれの案件", required=False)
    show = forms.ChoiceField(choices=[(LETTERS, "朝のお知らせ")], required=False, widget=forms.HiddenInput)

    def __init__(self, *args: Any, actor: Actor, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        has_department = actor.department_id is not None
        self.circles = [choice for choice in CHOICES if has_department or choice[0] != coming.DEPARTMENT]
        self.usual = coming.DEPARTMENT if has_department else coming.EVERYTHING
        fields: dict[str, Any] = self.fields
        fields["whose"].choices = self.circles

    def clean_month(self) -> date | None:
        return self._in_range("month")

    def clean_day(self) -> date | None:
        return self._in_range("day")

    def _in_range(self, name: str) -> date | None:
        day: date | None = self.cleaned_data[name]
        if day is not None and not FIRST <= day <= LAST:
            raise forms.ValidationError("この月の祝日の表がありません。1950年から2098年までの月をお選びください。")
        return day
