"""What staff type about a case, and how they look for one."""

from collections.abc import Mapping
from typing import Any

from django import forms
from django.core.exceptions import ValidationError

from accounts.actors import Actor
from accounts.models import Department
from contracts import rules
from contracts.forms.fields import DATE_HINT, JapaneseDateField, NameField, YenField, in_order
from contracts.listing import OPEN, Standing
from contracts.listing.matching import NEAR, PASSED
from contracts.models import Contractor

NONE_CHOSEN = "選んでください"
LIST, BOARD = "", "board"
ENDED = (Standing.CONCLUDED, Standing.PAPER, Standing.LAPSED)
STATES: Any = [
    ("", "すべて"),
    (OPEN, "手続き中のすべて"),
    ("手続き中", [(each.value, each.label) for each in Standing if each not in ENDED]),
    ("終わったもの", [(each.value, each.label) for each in ENDED]),
]
STANDINGS: dict[str, str] = {OPEN: "手続き中", **dict(Standing.choices)}
DEADLINES: dict[str, str] = {NEAR: "3日以内に来る", PASSED: "過ぎている"}


class CaseForm(forms.Form):
    """An awarded case as the department registers it; kinds, methods and exclusions are those of the rules given."""

    number = NameField(label="工事番号", max_length=60, help_text="例: 令和8年度 建工第12号")
    title = NameField(
        label="工事名（業務名）", max_length=200, help_text="公告に書いた名称のとおりに入力してください。"
    )
    place = NameField(label="工事場所", max_length=200, required=False)
    kind = forms.ChoiceField(label="区分")
    procurement_method = forms.ChoiceField(label="調達方法")
    announced_date = JapaneseDateField(label="公告日", help_text=f"現場説明の日を含みます。{DATE_HINT}")
    awarded_date = JapaneseDateField(label="落札日", help_text="契約締結期限は、この日から数えます。")
    contractor: Any = forms.ModelChoiceField(
        label="落札者", queryset=None, error_messages={"required": "名簿から落札者を選んでください。"}
    )
    amount = YenField(label="請負代金額（税込）")
    work_starts_date = JapaneseDateField(label="工期の始期")
    work_ends_date = JapaneseDateField(label="工期の終期")
    department: Any = forms.ModelChoiceField(label="担当課", queryset=None, empty_label=NONE_CHOSEN)
    needs_council = forms.BooleanField(label="議会の議決を要する契約です", required=False)
    traits = forms.MultipleChoiceField(
        label="当てはまるもの", required=False, widget=forms.CheckboxSelectMultiple, help_text="なければ選びません。"
    )
    edit_number = forms.IntegerField(min_value=0, required=False, widget=forms.HiddenInput)

    def __init__(self, *args: Any, actor: Actor, data: Mapping[str, Any], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        fields: dict[str, Any] = self.fields
        fields["kind"].choices = [("", NONE_CHOSEN), *rules.kinds(data).items()]
        fields["procurement_method"].choices = [("", NONE_CHOSEN), *data["methods"].items()]
        fields["contractor"].queryset = Contractor.objects.visible_to(actor)
        fields["department"].queryset = Department.objects.visible_to(actor).order_by("name")
        fields["department"].initial = actor.department_id
        exclusions = data["econtract"].get("exclusions", ())
        fields["traits"].choices = [(entry["key"], entry["label"]) for entry in exclusions]
        if not exclusions:
            del fields["traits"]

    def clean_amount(self) -> int:
        amount: int = self.cleaned_data["amount"]
        if amount <= 0:
            raise ValidationError("金額は1円以上で入力してください。")
        return amount

    def clean(self) -> dict[str, Any]:
        typed = super().clean() or {}
        in_order(self, typed, "announced_date", "awarded_date", "落札日が公告日より前になっています。")
        in_order(self, typed, "work_starts_date", "work_ends_date", "工期の終期が始期より前になっています。")
        return typed


class CaseSearchForm(forms.Form):
    """Which cases to list; all of it stands in the address."""

    words = forms.CharField(label="工事番号・工事名・受注者", max_length=100, required=False)
    state = forms.ChoiceField(label="段階", choices=STATES, required=False)
    department: Any = forms.ModelChoiceField(label="担当課", queryset=None, empty_label="すべて", required=False)
    deadline = forms.ChoiceField(
        label="契約締結期限",
        choices=[("", "すべて"), *DEADLINES.items()],
        required=False,
    )
    view = forms.ChoiceField(choices=[(LIST, "一覧"), (BOARD, "ボード")], required=False, widget=forms.HiddenInput)

    def __init__(self, *args: Any, actor: Actor, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        fields: dict[str, Any] = self.fields
        fields["department"].queryset = Department.objects.visible_to(actor).order_by("name")
