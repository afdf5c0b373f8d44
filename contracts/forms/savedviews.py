"""What people type to keep a question to a page of lists."""

from django import forms

from contracts.forms.fields import NameField
from contracts.models import ViewPage
from contracts.models.savedviews import LONGEST_QUESTION


class SavedViewForm(forms.Form):
    """A name for a question, and whether the whole city sees it."""

    name = NameField(label="名前", max_length=60, help_text="例: 今年度の橋梁工事、署名待ちの委託")
    is_shared = forms.BooleanField(label="市の職員みんなに見せる", required=False)


class NewViewForm(SavedViewForm):
    """The question itself comes from the page on which it was asked."""

    page = forms.ChoiceField(choices=ViewPage.choices, widget=forms.HiddenInput)
    question = forms.CharField(
        max_length=LONGEST_QUESTION,
        widget=forms.HiddenInput,
        error_messages={
            "required": "条件がありません。元の画面で条件を決めてから保存してください。",
            "max_length": "条件が多すぎて保存できません。条件を減らしてください。",
        },
    )
