"""What contractors and clerks type to hand in a guarantee. The forms read; deciding is the services' business."""

from collections.abc import Sequence
from typing import Any

from django import forms
from django.utils.translation import gettext as _

from accounts.actors import Actor
from contracts.models import Case
from guarantees import guidance
from guarantees.models import Arrival, Channel, GuaranteeType, Institution, InstitutionKind
from guarantees.services import finding

PLAIN = {"autocomplete": "off", "autocapitalize": "off", "autocorrect": "off", "spellcheck": "false"}
TYPE_AGAIN = "安全のため画面に残していません。お手数ですが、もう一度入力してください。"
HELD = "お知らせから読み取り、暗号にして預かっています（{mask}）。読み違いがあるときだけ、入力してください。"


class SecretInput(forms.TextInput):
    """A field that shows what is being typed and never gives back what was sent."""

    def get_context(self, name: str, value: Any, attrs: dict[str, Any] | None) -> dict[str, Any]:  # noqa: ARG002
        return super().get_context(name, None, attrs)


class CertificateForm(forms.Form):
    """Which guarantee it is: its type, its institution, its number; what opens it is asked by the forms below."""

    field_order: Sequence[str] = ["type", "institution", "number"]
    kind = InstitutionKind.SURETY
    # 画面に返さない欄。誤りがあれば、もう一度入力してもらう
    secrets: Sequence[str] = ()

    number = forms.CharField(
        label="保証契約番号",
        max_length=64,
        widget=forms.TextInput(attrs=PLAIN),
        help_text="お知らせに記載の番号です。全角で入力しても構いません。",
        error_messages={"required": "保証契約番号を入力してください。"},
    )

    def __init__(self, *args: Any, case: Case, actor: Actor, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["type"] = forms.ChoiceField(
            label="保証の種類",
            widget=forms.RadioSelect,
            choices=[(name, _(label)) for name, label in guidance.type_choices(case)],
            help_text="お知らせの「区分」のとおりに選んでください。",
            error_messages={"required": "保証の種類を選んでください。"},
        )
        self.fields["institution"] = forms.ModelChoiceField(
            label="保証機関",
            queryset=Institution.objects.visible_to(actor).filter(kind=self.kind).order_by("name", "branch"),
            empty_label=_("選んでください"),
            error_messages={"required": "保証機関を選んでください。"},
        )
        self.order_fields(self.field_order)

    def full_clean(self) -> None:
        super().full_clean()
        if self.is_bound and self.errors:
            self.ask_again()

    def ask_again(self) -> None:
        """Say beside every field that is not given back that it must be typed once more."""
        for name in self.secrets:
            if self.data.get(self.add_prefix(name)) and not self.has_error(name):
                self.add_error(name, TYPE_AGAIN)

    @property
    def typed(self) -> dict[str, Any]:
        """Return what was typed, as the service takes it."""
        names = ("institution", "number", *self.secrets)
        return {"type_": self.cleaned_data["type"]} | {name: self.cleaned_data[name] for name in names}


class GuaranteeForm(CertificateForm):
    """A guarantee as the notice of its guarantor names it (R84–R89); with an arrival, filled from what was read."""

    field_order = ["type", "institution", "number", "key"]
    secrets = ("key",)

    key = forms.CharField(
        label="認証キー",
        max_length=64,
        widget=SecretInput(attrs=PLAIN),
        help_text="大文字と小文字を区別して、お知らせのとおりに入力してください。暗号にして保管し、画面やメールには出しません。",
        error_messages={"required": "認証キーを入力してください。"},
    )

    def __init__(self, *args: Any, case: Case, actor: Actor, arrival: Arrival | None = None, **kwargs: Any) -> None:
        if arrival is not None:
            kwargs["initial"] = read_from(arrival, case=case, actor=actor) | kwargs.get("initial", {})
        super().__init__(*args, case=case, actor=actor, **kwargs)
        if arrival is not None and arrival.sealed_key is not None:
            self.fields["key"].required = False
            self.fields["key"].help_text = _(HELD).format(mask=arrival.masked_key)


def read_from(arrival: Arrival, *, case: Case, actor: Actor) -> dict[str, Any]:
    """Give what a form starts with, from the notice, the certificate, and the subject of the mail."""
    notice, certificate = arrival.notice_facts, arrival.certificate_facts
    guarantor = notice.guarantor or certificate.guarantor
    told = finding.types(case, subject=arrival.mail.get("subject", ""))
    return {
        "type": notice.type or certificate.type or (told[0] if len(told) == 1 else ""),
        "institution": finding.institution(actor, guarantor=guarantor, branch=certificate.branch),
        "number": notice.number or certificate.number or "",
    }


class AddressForm(CertificateForm):
    """A guarantee of an insurer, seen at an address with a password (履行ボンド・履行保証保険の電子証券)."""

    field_order = ["type", "institution", "number", "url", "key"]
    kind = InstitutionKind.INSURER
    secrets = ("url", "key")

    url = forms.CharField(
        label="閲覧用URL",
        max_length=500,
        widget=SecretInput(attrs=PLAIN | {"inputmode": "url"}),
        help_text="保険会社の案内に記載の、https:// で始まるアドレスです。",
        error_messages={"required": "閲覧用URLを入力してください。"},
    )
    key = forms.CharField(
        label="閲覧用パスワード",
        max_length=64,
        widget=SecretInput(attrs=PLAIN),
        help_text="閲覧用URLと一緒に暗号にして保管し、画面やメールには出しません。",
        error_messages={"required": "閲覧用パスワードを入力してください。"},
    )

    def __init__(self, *args: Any, case: Case, actor: Actor, **kwargs: Any) -> None:
        super().__init__(*args, case=case, actor=actor, **kwargs)
        # 保険会社の電子証券は、契約保証だけ
        self.fields["type"] = forms.CharField(widget=forms.HiddenInput, initial=GuaranteeType.CONTRACT, required=False)
        self.fields["institution"].label = "損害保険会社"
        self.fields["number"].label = "証券番号"
        self.fields["number"].help_text = "保険会社の案内に記載の番号です。"
        self.order_fields(self.field_order)

    def clean_type(self) -> str:
        return GuaranteeType.CONTRACT


class Received(CertificateForm):
    """How a guarantee came to the city, with the papers a clerk saw (R90, R115, R117)."""

    BEFORE = ("channel", "papers", "clause_set_used")

    def __init__(self, *args: Any, case: Case, actor: Actor, **kwargs: Any) -> None:
        super().__init__(*args, case=case, actor=actor, **kwargs)
        self.fields["channel"] = forms.ChoiceField(
            label="受け取った方法",
            widget=forms.RadioSelect,
            choices=[choice for choice in Channel.choices if choice[0] != Channel.UPLOAD],
            error_messages={"required": "受け取った方法を選んでください。"},
        )
        if clauses := guidance.clause_set(case):
            label = f"当初契約書が{clauses}を使っていることを確かめた"
            self.fields["clause_set_used"] = forms.BooleanField(
                label=label, error_messages={"required": "当初契約書の約款を確かめ、印を付けてください。"}
            )
        self.order_fields([*self.BEFORE, *self.field_order])

    @property
    def typed(self) -> dict[str, Any]:
        found = {"channel": Channel(self.cleaned_data["channel"]), "papers": self.cleaned_data.get("papers", ())}
        return super().typed | found | {"clause_set_used": self.cleaned_data.get("clause_set_used", False)}


class ReceivedForm(Received, GuaranteeForm):
    """A guarantee whose notice came by mail or by hand."""

    field_order = GuaranteeForm.field_order

    def __init__(self, *args: Any, case: Case, actor: Actor, arrival: Arrival | None = None, **kwargs: Any) -> None:
        if arrival is not None:
            slots = [paper.slot for paper in arrival.papers.all()]
            kwargs["initial"] = {"channel": arrival.channel, "papers": slots}
        super().__init__(*args, case=case, actor=actor, arrival=arrival, **kwargs)
        self.fields["papers"] = forms.MultipleChoiceField(
            label="受け取った書類",
            widget=forms.CheckboxSelectMultiple,
            choices=guidance.paper_choices(case),
            error_messages={"required": "受け取った書類に印を付けてください。"},
        )
        self.order_fields([*self.BEFORE, *self.field_order])


class ReceivedAddressForm(Received, AddressForm):
    """A guarantee of an insurer whose address and password came by mail or by hand."""

    field_order = AddressForm.field_order
