"""What two people typed, side by side, when the second of them saves."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from django import forms

from accounts.refusals import Refusal
from contracts.dates import wareki, yen


@dataclass(frozen=True)
class Difference:
    """One field in which what was saved differs from what was typed."""

    label: str
    saved: str
    typed: str


def differences(form: forms.Form, saved: Mapping[str, Any]) -> list[Difference]:
    """List the fields of a valid form that differ from what someone else saved."""
    found = [(name, saved[name], form.cleaned_data.get(name)) for name in form.fields if name in saved]
    return [
        Difference(str(form.fields[name].label), _said(form, name, before), _said(form, name, typed))
        for name, before, typed in found
        if before != typed
    ]


def reopen(form: forms.Form, overtaken: Refusal, *, edit_number: int) -> None:
    """Let the same form be saved again over what its writer has now seen."""
    form.add_error(None, str(overtaken))
    data: Any = form.data
    data = data.copy()
    data["edit_number"] = str(edit_number)
    form.data = data


def _said(form: forms.Form, name: str, value: Any) -> str:
    if isinstance(value, bool):
        return "はい" if value else "いいえ"
    if isinstance(value, date):
        return wareki(value)
    if isinstance(value, int):
        return yen(value)
    field: Any = form.fields[name]
    if isinstance(field, forms.ChoiceField) and not isinstance(field, forms.ModelChoiceField):
        choices: Any = field.choices
        names = {str(key): str(label) for key, label in choices}
        words = value if isinstance(value, list) else [value]
        value = "、".join(names.get(str(word), str(word)) for word in words)
    return str(value or "") or "（空）"
