"""What is typed about the people of the city. The forms read and check; deciding is the services' business."""

from datetime import date
from typing import Any

from django import forms

from accounts import roles
from accounts.actors import Actor
from accounts.models import Department, Membership, OrganizationKind, Role, SigningBasis
from accounts.services.members import Post
from contracts.forms.fields import DATE_HINT, AddressField, JapaneseDateField, KanaField, NameField

NO_DEPARTMENT = "課を決めない"
ROLES = [(role.value, role.label) for role in Role.of(OrganizationKind.MUNICIPALITY)]
BASES = [("", "選んでください"), *SigningBasis.choices]


class PostForm(forms.Form):
    """Where, as what and until when roles are held."""

    department: Any = forms.ModelChoiceField(
        label="課",
        queryset=None,
        required=False,
        empty_label=NO_DEPARTMENT,
        help_text="課を決めた人の「私の仕事」には、その課の案件が並びます。決めないと、市全体の案件が並びます。",
    )
    title = NameField(label="役職", max_length=100, required=False, help_text="署名者の役職は、署名の順番に出ます。")
    basis = forms.ChoiceField(
        label="署名の根拠",
        choices=BASES,
        required=False,
        help_text="署名者のときに選びます。長が自ら署名するか、委任を受けたか、専決の規程によるかです。",
    )
    starts_date = JapaneseDateField(
        label="就任日", required=False, help_text=f"この日から使えます。空なら、いますぐ使えます。{DATE_HINT}"
    )
    ends_date = JapaneseDateField(
        label="任期の末日", required=False, help_text="この日の終わりまで使えます。空なら、期限を決めません。"
    )

    def __init__(self, *args: Any, actor: Actor, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        place: Any = self.fields["department"]
        place.queryset = Department.objects.visible_to(actor).order_by("name")

    def clean(self) -> dict[str, Any]:
        typed = super().clean() or {}
        starts, ends = typed.get("starts_date"), typed.get("ends_date")
        if isinstance(starts, date) and isinstance(ends, date) and ends < starts:
            self.add_error("ends_date", "任期の末日が就任日より前になっています。")
        return typed

    @property
    def post(self) -> Post:
        """Return what was typed, as the services take it."""
        names = ("department", "title", "basis", "starts_date", "ends_date")
        return Post(**{name: self.cleaned_data[name] for name in names})


class PersonForm(PostForm):
    """A new member of staff, with one or more roles that share their term."""

    # サインインの画面が読める形だけを受け取る
    email = forms.EmailField(
        label="メールアドレス", max_length=254, help_text="パスワードを決めるリンクを、このアドレスへ送ります。"
    )
    name = NameField(label="氏名", max_length=100)
    name_kana = KanaField(label="氏名のフリガナ", max_length=100)
    roles = forms.MultipleChoiceField(label="役割", choices=ROLES, widget=forms.CheckboxSelectMultiple)
    field_order = ("name", "name_kana", "email", "roles", "department", "title", "basis", "starts_date", "ends_date")


class AddressForm(forms.Form):
    """The new address of whoever asks."""

    email = forms.EmailField(
        label="新しいメールアドレス",
        help_text="いまと同じ、市の職員のドメインのアドレスです。大文字は小文字として扱います。",
        widget=forms.EmailInput(attrs={"autocomplete": "email"}),
    )

    def clean_email(self) -> str:
        return str(self.cleaned_data["email"]).strip().lower()


class RoleForm(PostForm):
    """One more role for someone who is a member already."""

    role = forms.ChoiceField(label="役割")
    field_order = ("role", "department", "title", "basis", "starts_date", "ends_date")

    def __init__(self, *args: Any, held: list[str], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        choice: Any = self.fields["role"]
        choice.choices = [("", "選んでください"), *(each for each in ROLES if each[0] not in held)]


class TermForm(PostForm):
    """A role as it stands; `edit_number` says which state of it the person saw."""

    edit_number = forms.IntegerField(widget=forms.HiddenInput)

    def __init__(self, *args: Any, membership: Membership, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if membership.role != Role.SIGNATORY:
            del self.fields["basis"]

    @property
    def post(self) -> Post:
        self.cleaned_data.setdefault("basis", "")
        return super().post


class LeaveForm(forms.Form):
    """The last day of someone who goes elsewhere."""

    last_date = JapaneseDateField(label="最後の日", help_text=f"この日の終わりまで、いまの役割を使えます。{DATE_HINT}")


class RenameForm(forms.Form):
    """A person's name with its reading, and the name the asker saw."""

    name = NameField(label="氏名", max_length=100)
    name_kana = KanaField(label="氏名のフリガナ", max_length=100)
    seen = forms.CharField(widget=forms.HiddenInput, strip=False, max_length=100)


class DepartmentForm(forms.Form):
    """A department, and where mails and calls reach it."""

    name = NameField(label="課の名", max_length=100)
    email = AddressField(label="メールアドレス", required=False)
    phone = NameField(label="電話番号", max_length=40, required=False)
    edit_number = forms.IntegerField(widget=forms.HiddenInput, required=False)


class DelegationForm(forms.Form):
    """Who stands in for whom, from when to when, and why."""

    principal: Any = forms.ModelChoiceField(label="本人（不在になる人）", queryset=None, empty_label="選んでください")
    delegate: Any = forms.ModelChoiceField(label="代決者", queryset=None, empty_label="選んでください")
    first_date = JapaneseDateField(label="始まりの日", help_text=DATE_HINT)
    last_date = JapaneseDateField(label="終わりの日", help_text="この日の終わりまで代決できます。")
    reason = NameField(label="理由", max_length=200, help_text="例: 出張、休暇")

    def __init__(self, *args: Any, actor: Actor, today: date, for_self: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        people = roles.colleagues(actor, on=today)
        for name in ("principal", "delegate"):
            offer_people(self, name, people)
        if for_self:
            del self.fields["principal"]
            offer_people(self, "delegate", people.exclude(pk=actor.user_id))


class HandoverForm(forms.Form):
    """From whom to whom what waits for a signature goes."""

    giver: Any = forms.ModelChoiceField(label="引き継がれる人（前任）", queryset=None, empty_label="選んでください")
    to: Any = forms.ModelChoiceField(label="引き継ぐ人（後任）", queryset=None, empty_label="選んでください")

    def __init__(self, *args: Any, actor: Actor, today: date, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        offer_people(self, "giver", roles.signatories_ever(actor))
        offer_people(self, "to", roles.colleagues(actor, on=today, role=Role.SIGNATORY))


def offer_people(form: forms.Form, name: str, people: Any) -> None:
    """Let a field choose among people, told apart by their department."""
    field: Any = form.fields[name]
    field.queryset = people
    field.label_from_instance = lambda user: (
        f"{user.name}（{user.department_name}）" if user.department_name else user.name
    )
