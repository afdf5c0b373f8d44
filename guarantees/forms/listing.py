"""What a clerk looks for in the list of guarantees; everything stands in the address."""

from collections.abc import Mapping
from typing import Any

from django import forms
from django.db.models import Q

from accounts.actors import Actor
from accounts.models import Department
from contracts.folding import search_key
from guarantees import states
from guarantees.models import GuaranteeType
from guarantees.services import plain
from guarantees.states import GuaranteeState

GROUPS = {
    "open": ("照合・決定を待つもの", states.OPEN),
    "expected": ("提出を待つもの", frozenset({GuaranteeState.EXPECTED})),
    "held": ("受理済・紙で受領", states.HELD),
    "ended": (
        "終わったもの",
        frozenset(GuaranteeState) - states.OPEN - states.HELD - {GuaranteeState.EXPECTED},
    ),
}


class ListForm(forms.Form):
    """Narrow the list by where a guarantee stands, what it secures, who checks it, and words."""

    field_order = ("state", "type", "department", "words")

    type = forms.ChoiceField(label="種類", required=False, choices=[("", "すべて"), *GuaranteeType.choices])
    words = forms.CharField(label="番号・工事名・受注者", required=False, max_length=100)

    def __init__(self, data: Mapping[str, Any], *, actor: Actor, counts: Mapping[str, int]) -> None:
        super().__init__(data)
        groups = [(key, f"{label}（{counts[key]}）") for key, (label, _) in GROUPS.items()]
        self.fields["state"] = forms.ChoiceField(label="状態", required=False, choices=[("", "すべて"), *groups])
        self.fields["department"] = forms.ModelChoiceField(
            label="提出先",
            queryset=Department.objects.visible_to(actor).order_by("name"),
            required=False,
            empty_label="すべて",
        )
        self.order_fields(self.field_order)

    @property
    def wanted(self) -> Q:
        """Say what was asked for, as a condition on guarantees; what makes no sense is left aside."""
        self.is_valid()
        asked = {name: value for name, value in self.cleaned_data.items() if value}
        found = Q()
        if "state" in asked:
            found &= Q(state__in=sorted(GROUPS[asked["state"]][1]))
        if "type" in asked:
            found &= Q(type=asked["type"])
        if "department" in asked:
            found &= Q(routed_to=asked["department"])
        if "words" in asked:
            found &= Q(number__icontains=plain(asked["words"])) | Q(
                case__search_key__contains=search_key(asked["words"])
            )
        return found

    @property
    def is_asked(self) -> bool:
        """Tell whether anything narrows the list."""
        return self.is_valid() and any(self.cleaned_data.values())


def counts(by_state: Mapping[str, int]) -> dict[str, int]:
    """Sum counts by state up to the groups of the list."""
    return {key: sum(by_state.get(state, 0) for state in members) for key, (_, members) in GROUPS.items()}
