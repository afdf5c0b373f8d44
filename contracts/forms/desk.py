"""What people choose at the auditor's desk: how a file is written, how a set is drawn, what is said of a contract."""

import re
from dataclasses import replace
from typing import Any

from django import forms
from django.core.exceptions import ValidationError

from contracts.archive import exporting
from contracts.archive.asking import Wanted
from contracts.archive.drawing import LONGEST_SEED, MOST, Draw
from contracts.dates import yen
from contracts.forms.fields import NameField, YenField
from contracts.models import DrawRule
from contracts.services.auditing.exporting import FORMATS

SEED = re.compile(rf"[0-9A-Za-z_-]{{1,{LONGEST_SEED}}}")


class ExportForm(forms.Form):
    """In which form the answers are written, and with which columns."""

    form = forms.ChoiceField(label="形式", choices=list(FORMATS.items()), widget=forms.RadioSelect, initial="xlsx")
    columns = forms.MultipleChoiceField(
        label="列",
        choices=[(name, column.heading) for name, column in exporting.COLUMNS.items()],
        widget=forms.CheckboxSelectMultiple,
        initial=list(exporting.COLUMNS),
        error_messages={"required": "列を一つ以上選んでください。"},
    )


class DrawForm(forms.Form):
    """By which rule a set is drawn from the answers to a question."""

    rule = forms.ChoiceField(label="抽出の方法", choices=DrawRule.choices, widget=forms.RadioSelect)
    size = forms.IntegerField(
        label="件数", min_value=1, max_value=MOST, required=False, help_text="無作為に抽出するときの件数です。"
    )
    seed = forms.CharField(
        label="種",
        max_length=LONGEST_SEED,
        required=False,
        help_text="無作為に抽出するときに使う英数字です。同じ種からは、いつでも同じ契約が選ばれます。",
    )
    above = YenField(label="金額（以上）", required=False, help_text="「金額以上をすべて」を選んだときの金額です。")
    of = forms.CharField(
        label="取引先", max_length=100, required=False, help_text="「取引先のすべて」を選んだときの名称です。"
    )
    upto = forms.IntegerField(min_value=0, required=False, widget=forms.HiddenInput)

    def clean_seed(self) -> str:
        seed = str(self.cleaned_data["seed"])
        if seed and not SEED.fullmatch(seed):
            raise ValidationError("種は、半角の英数字・ハイフン・下線で入力してください。")
        return seed

    def clean(self) -> dict[str, Any]:
        typed = super().clean() or {}
        needs = {DrawRule.SAMPLE: ("size", "seed"), DrawRule.ABOVE: ("above",), DrawRule.PARTY: ("of",)}
        for name in needs.get(typed.get("rule", ""), ()):
            if not typed.get(name) and name not in self.errors:
                self.add_error(name, f"{self.fields[name].label}を入力してください。")
        return typed

    def draw(self, wanted: Wanted) -> Draw:
        """Give the draw from what a question asks for."""
        typed = self.cleaned_data
        if typed["rule"] == DrawRule.ABOVE:
            wanted = replace(wanted, least_amount=max(typed["above"], wanted.least_amount or 0))
        if typed["rule"] == DrawRule.PARTY:
            wanted = replace(wanted, parties=(typed["of"],), party_keys=())
        sample = typed["rule"] == DrawRule.SAMPLE
        size, seed = (typed["size"], typed["seed"]) if sample else (None, "")
        return Draw(wanted, upto=typed["upto"] or 0, size=size, seed=seed)

    @property
    def told(self) -> str:
        """Say the rule in words."""
        typed = self.cleaned_data
        if typed["rule"] == DrawRule.SAMPLE:
            return f"種「{typed['seed']}」で {typed['size']:,}件を無作為に抽出"
        if typed["rule"] == DrawRule.ABOVE:
            return f"{yen(typed['above'])}以上をすべて"
        if typed["rule"] == DrawRule.PARTY:
            return f"取引先「{typed['of']}」のすべて"
        return "条件に当てはまるすべて"


class KeepForm(forms.Form):
    """The name under which a drawn set is kept."""

    name = NameField(label="抽出の名前", max_length=100, help_text="例: 令和8年度 定期監査 工事請負")


class MarkForm(forms.Form):
    """What was found in one drawn contract."""

    is_checked = forms.BooleanField(label="確認済", required=False)
    remark = forms.CharField(label="所見", max_length=500, required=False, widget=forms.Textarea(attrs={"rows": 2}))
