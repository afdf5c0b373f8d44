"""The form in which a city writes its own words for a mail."""

from typing import Any

from django import forms

from notifications.words import Own, checking, standard


class WordingForm(forms.Form):
    """Subject, lead and note of one mail; what is left empty stays as the standard says."""

    subject = forms.CharField(label="件名", required=False, strip=True)
    lead = forms.CharField(label="はじめの文", required=False, widget=forms.Textarea(attrs={"rows": 4}))
    note = forms.CharField(label="添える文", required=False, widget=forms.Textarea(attrs={"rows": 4}))
    edit_number = forms.IntegerField(widget=forms.HiddenInput, min_value=0)

    def __init__(self, *args: Any, template: str, **kwargs: Any) -> None:
        self.template = template
        super().__init__(*args, **kwargs)

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        for part, why in checking.problems(self.template, self.own).items():
            self.add_error(part, why)
        return cleaned

    @property
    def own(self) -> Own:
        """Give the words that were typed, with the lines as mails have them."""
        typed = {part: self.cleaned_data.get(part, "") for part in checking.LENGTHS}
        return Own(**{part: text.replace("\r\n", "\n").replace("\r", "\n") for part, text in typed.items()})


def begun(template: str, own: Own) -> dict[str, str]:
    """Give the words that are used now, to begin with: a city's own, else the standard."""
    said = standard.of(template)
    return {"subject": own.subject or said.subject, "lead": own.lead or said.lead, "note": own.note}
