"""What is asked of the reports: which guarantees, by what, in which months; and a newer list of adopters."""

from typing import Any

from django import forms

from accounts.actors import Actor
from accounts.models import Department
from contracts import tables
from contracts.forms.fields import DATE_HINT, JapaneseDateField, JapaneseMonthField, in_order
from guarantees.models import GuaranteeType
from guarantees.reports import adopters, usage
from guarantees.reports.counting import TYPES, Wanted

EVERY = "all"
MOST_PROBLEMS = 20
MONTH_HINT = "例：R7.4、2025/4"


class UsageForm(forms.Form):
    """The question of the usage table, as it stands in the address."""

    type = forms.ChoiceField(label="保証の種類", choices=[*TYPES.items(), (EVERY, "すべての保証")], required=False)
    by = forms.ChoiceField(
        label="内訳", choices=[(key, f"{label}ごと") for key, label in usage.BREAKDOWNS.items()], required=False
    )
    since = JapaneseMonthField(label="いつから（年月）", required=False, help_text=MONTH_HINT)
    until = JapaneseMonthField(label="いつまで（年月）", required=False, help_text=MONTH_HINT)

    def __init__(self, data: Any, *, actor: Actor) -> None:
        asked = {"type": GuaranteeType.ADVANCE, "by": "department"}
        super().__init__(asked | {name: value for name, value in data.items() if value})
        departments = Department.objects.visible_to(actor).order_by("name")
        self.fields["department"] = forms.ModelChoiceField(
            departments, label="担当課", required=False, empty_label="すべての課"
        )

    def clean(self) -> dict[str, Any]:
        typed = super().clean() or {}
        in_order(self, typed, "since", "until", "終わりの月が、始まりの月より前になっています。")
        return typed

    @property
    def wanted(self) -> Wanted:
        """Return the question as the report takes it."""
        asked = self.cleaned_data
        return Wanted(
            by=asked["by"],
            type="" if asked["type"] == EVERY else asked["type"],
            department=asked["department"] and asked["department"].pk,
            since=asked["since"],
            until=asked["until"],
        )


class AdoptersForm(forms.Form):
    """A newer list of adopters, read whole or not at all."""

    as_of_date = JapaneseDateField(label="一覧の現在日", help_text=f"一覧に「○年○月○日現在」と書かれた日。{DATE_HINT}")
    file = forms.FileField(
        label="CSV ファイル",
        max_length=255,
        help_text=(
            f"見出しは、{'、'.join(column.label for column in adopters.COLUMNS)}。運用開始は「R7.4」の形で書きます。"
            "UTF-8 と Shift_JIS のどちらでも読めます。"
        ),
        widget=forms.FileInput(attrs={"accept": ".csv,text/csv"}),
    )

    def clean_file(self) -> list[adopters.Adopter]:
        try:
            return adopters.read(self.cleaned_data["file"].read(tables.MOST_BYTES + 1))
        except tables.TableRefused as refused:
            rest = len(refused.problems) - MOST_PROBLEMS
            more = [f"ほかに{rest}件あります。"] if rest > 0 else []
            raise forms.ValidationError([*refused.problems[:MOST_PROBLEMS], *more]) from refused
