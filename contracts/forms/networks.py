"""From where the people of a city may work: one box of networks for all, and one for each role."""

import json
from typing import Any

from django import forms

from accounts import networks
from accounts.models import Organization, Role
from accounts.services.networks import name_of

HELP = {
    networks.EVERYONE: "自分の一覧のない役割の職員と、ほかの仕組みとの連携に当てはまります。空なら、どこからでも。",
    networks.API: "トークンごとの接続元に加えて確かめます。空なら、「すべての職員」の一覧に従います。",
}
ROLE_HELP = "空なら、「すべての職員」の一覧に従います。"
MOST_SIGNS = 2000


class NetworksForm(forms.Form):
    """One box for each list; `seen` is what the page showed."""

    seen = forms.CharField(widget=forms.HiddenInput, required=False)

    def __init__(self, *args: Any, city: Organization, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.initial["seen"] = json.dumps(city.networks, sort_keys=True)
        self.keys = {_box(key): key for key in (networks.EVERYONE, *Role.of(city.kind), networks.API)}
        for name, key in self.keys.items():
            self.fields[name] = forms.CharField(
                label=name_of(key),
                required=False,
                max_length=MOST_SIGNS,
                widget=forms.Textarea(attrs={"rows": 3, "spellcheck": "false"}),
                help_text=HELP.get(key, ROLE_HELP),
                initial="\n".join(city.networks.get(key, [])),
            )

    def clean_seen(self) -> dict[str, list[str]]:
        try:
            found = json.loads(self.cleaned_data["seen"] or "{}")
        except ValueError:
            found = None
        if not isinstance(found, dict):
            raise forms.ValidationError("画面を開き直してください。")
        return found

    @property
    def boxes(self) -> list[forms.BoundField]:
        return [self[name] for name in self.keys]

    @property
    def lists(self) -> dict[str, list[str]]:
        """Return what was typed, line by line, for each role."""
        return {key: self.cleaned_data[name].splitlines() for name, key in self.keys.items()}


def _box(key: str) -> str:
    return f"of_{key}" if key else "of_everyone"
