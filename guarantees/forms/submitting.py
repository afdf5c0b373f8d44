"""What contractors and clerks type to hand in a guarantee. The forms read; deciding is the services' business."""

from typing import Any

from django import forms

from accounts.actors import Actor
from contracts.models import Case
from guarantees import guidance
from guarantees.models import Channel, Institution

PLAIN = {"autocomplete": "off", "autocapitalize": "off", "autocorrect": "off", "spellcheck": "false"}
TYPE_AGAIN = "安全のため画面に残していません。お手数ですが、もう一度入力してください。"


class SecretInput(forms.TextInput):
    """A field that shows what is being typed and never gives back what was sent."""

    def get_context(self, name: str, value: Any, attrs: dict[str, Any] | None) -> dict[str, Any]:  # noqa: ARG002
        return super().get_context(name, None, attrs)


class GuaranteeForm(forms.Form):
    """A guarantee as the notice of its guarantor names it (R84–R89)."""

    field_order = ["type", "institution", "number", "key"]

    number = forms.CharField(
        label="保証契約番号",
        max_length=64,
        widget=forms.TextInput(attrs=PLAIN),
        help_text="お知らせに記載の番号です。全角で入力しても構いません。",
        error_messages={"required": "保証契約番号を入力してください。"},
    )
    key = forms.CharField(
        label="認証キー",
        max_length=64,
        widget=SecretInput(attrs=PLAIN),
        help_text="大文字と小文字を区別して、お知らせのとおりに入力してください。暗号にして保管し、画面やメールには出しません。",
        error_messages={"required": "認証キーを入力してください。"},
    )

    def __init__(self, *args: Any, case: Case, actor: Actor, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["type"] = forms.ChoiceField(
            label="保証の種類",
            widget=forms.RadioSelect,
            choices=guidance.type_choices(case),
            help_text="お知らせの「区分」のとおりに選んでください。",
            error_messages={"required": "保証の種類を選んでください。"},
        )
        self.fields["institution"] = forms.ModelChoiceField(
            label="保証機関",
            queryset=Institution.objects.visible_to(actor).order_by("name", "branch"),
            empty_label="選んでください",
            error_messages={"required": "保証機関を選んでください。"},
        )
        self.order_fields(self.field_order)

    def full_clean(self) -> None:
        super().full_clean()
        if self.is_bound and self.errors and not self.has_error("key"):
            self.add_error("key", TYPE_AGAIN)

    @property
    def typed(self) -> dict[str, Any]:
        """Return what was typed, as the service takes it."""
        names = ("institution", "number", "key")
        return {"type_": self.cleaned_data["type"]} | {name: self.cleaned_data[name] for name in names}


class ReceivedForm(GuaranteeForm):
    """A guarantee whose notice came by mail or by hand, with the papers a clerk saw (R90, R115, R117)."""

    field_order = ["channel", "papers", "clause_set_used", "type", "institution", "number", "key"]

    channel = forms.ChoiceField(
        label="受け取った方法",
        widget=forms.RadioSelect,
        choices=[choice for choice in Channel.choices if choice[0] != Channel.UPLOAD],
        error_messages={"required": "受け取った方法を選んでください。"},
    )

    def __init__(self, *args: Any, case: Case, actor: Actor, **kwargs: Any) -> None:
        super().__init__(*args, case=case, actor=actor, **kwargs)
        self.fields["papers"] = forms.MultipleChoiceField(
            label="受け取った書類",
            widget=forms.CheckboxSelectMultiple,
            choices=guidance.paper_choices(case),
            error_messages={"required": "受け取った書類に印を付けてください。"},
        )
        if clauses := guidance.clause_set(case):
            label = f"当初契約書が{clauses}を使っていることを確かめた"
            self.fields["clause_set_used"] = forms.BooleanField(
                label=label, error_messages={"required": "当初契約書の約款を確かめ、印を付けてください。"}
            )
        self.order_fields(self.field_order)

    @property
    def typed(self) -> dict[str, Any]:
        found = {"channel": Channel(self.cleaned_data["channel"]), "papers": tuple(self.cleaned_data["papers"])}
        return super().typed | found | {"clause_set_used": self.cleaned_data.get("clause_set_used", False)}
