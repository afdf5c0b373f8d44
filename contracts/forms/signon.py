"""What an administrator settles about the city's single sign-on."""

from typing import Any, ClassVar

from django import forms
from django.core.exceptions import ValidationError
from django.utils import timezone

from accounts import roles
from accounts.actors import Actor
from accounts.federation.models import AddressClaim, IdentityProvider, ProviderKind
from accounts.models import Role
from contracts.forms.people import offer_people


class ProviderForm(forms.Form):
    """The city's provider, however it is asked."""

    KIND: ClassVar[ProviderKind]
    KEPT: ClassVar[tuple[str, ...]]

    domains = forms.CharField(
        label="認めるドメイン",
        max_length=3000,
        widget=forms.Textarea(attrs={"rows": 3, "autocomplete": "off"}),
        help_text="職員のメールアドレスの @ の後を、一行に一つ書きます（例：city.example.lg.jp）。"
        "このドメインのアドレスの職員だけがサインインできます。",
    )

    def clean_domains(self) -> list[str]:
        return list(self.cleaned_data["domains"].split())

    @classmethod
    def before(cls, row: IdentityProvider | None, *, actor: Actor) -> dict[str, Any]:
        """Return what is settled already, or else the domain of whoever settles it."""
        if row is None or row.kind != cls.KIND:
            return {"domains": actor.email.rpartition("@")[2].lower()}
        kept = {name: row.places.get(name, getattr(row, name, "")) for name in cls.KEPT}
        return kept | {"domains": "\n".join(row.domains)}

    @property
    def settled(self) -> dict[str, Any]:
        """Return what was typed, as the service takes it."""
        return self.cleaned_data


class OidcForm(ProviderForm):
    """The city's provider, asked by OpenID Connect."""

    KIND, KEPT = ProviderKind.OIDC, ("issuer", "client_id", "address_claim", "vouches")
    field_order = ("issuer", "client_id", "secret", "domains")

    issuer = forms.URLField(
        label="発行者（Issuer）の URL",
        max_length=500,
        assume_scheme="https",
        widget=forms.URLInput(attrs={"autocomplete": "off"}),
        help_text="認証基盤の画面に出ているとおりに、末尾の / の有無まで同じに入力します。",
    )
    client_id = forms.CharField(
        label="クライアントID", max_length=300, widget=forms.TextInput(attrs={"autocomplete": "off"})
    )
    secret = forms.CharField(
        label="クライアントシークレット",
        required=False,
        max_length=500,
        strip=True,
        widget=forms.PasswordInput(attrs={"autocomplete": "off"}),
        help_text="暗号化して持ち、もう表示しません。変えないときは空のままにします。",
    )
    address_claim = forms.ChoiceField(
        label="メールアドレスの載る項目（クレーム）",
        choices=AddressClaim.choices,
        initial=AddressClaim.EMAIL,
        help_text="分からないときは email のままにします。",
    )
    vouches = forms.BooleanField(
        label="この認証基盤のアドレスは市が管理していて、利用者が自分では変えられない",
        required=False,
        help_text="認証基盤が「確認済み（email_verified）」を送らないとき（Entra ID など）だけ選びます。",
    )


class SamlForm(ProviderForm):
    """The city's provider, described by its SAML metadata."""

    KIND, KEPT = ProviderKind.SAML, ("metadata_url", "attribute")
    field_order = ("metadata_url", "metadata", "domains")

    metadata_url = forms.URLField(
        label="メタデータの URL",
        required=False,
        max_length=500,
        assume_scheme="https",
        widget=forms.URLInput(attrs={"autocomplete": "off"}),
        help_text="準備するときに一度だけ読みます。認証基盤の証明書が替わったら、準備し直してください。",
    )
    metadata = forms.CharField(
        label="メタデータの XML",
        required=False,
        max_length=250_000,
        widget=forms.Textarea(attrs={"rows": 6, "autocomplete": "off", "spellcheck": "false"}),
        help_text="URL がないときに、ファイルの中身を貼り付けます。",
    )
    attribute = forms.CharField(
        label="メールアドレスの載る属性",
        required=False,
        max_length=300,
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
        help_text="空なら、よく使われる名（mail、emailaddress など）と、emailAddress 形式の NameID から読みます。",
    )
    vouches = forms.BooleanField(label="この認証基盤のアドレスは市が管理していて、利用者が自分では変えられない")

    def clean(self) -> dict[str, Any]:
        typed: dict[str, Any] = super().clean() or {}
        if not self.errors and bool(typed["metadata"].strip()) == bool(typed["metadata_url"]):
            raise ValidationError("メタデータは、URL か XML のどちらか一つを入力してください。")
        return typed

    @property
    def settled(self) -> dict[str, Any]:
        """Return what was typed, as the service takes it."""
        names = ("metadata", "metadata_url", "domains", "attribute")
        return {name: self.cleaned_data[name] for name in names} | {"metadata": self.cleaned_data["metadata"].strip()}


class RequireForm(forms.Form):
    """Whether passwords still count, and for whom they always do."""

    is_required = forms.BooleanField(
        label="職員に、認証基盤からのサインインを求める",
        required=False,
        help_text="選ぶと、下の一人のほかは、パスワードではサインインできなくなります。",
    )
    keyholder: Any = forms.ModelChoiceField(
        label="非常時の運用管理者",
        queryset=None,
        required=False,
        empty_label="選んでください",
        help_text="認証基盤が止まったときに、パスワードと認証アプリで入れる一人。",
    )

    def __init__(self, *args: Any, actor: Actor, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        keepers = roles.colleagues(actor, on=timezone.localdate(), role=Role.ADMINISTRATOR)
        offer_people(self, "keyholder", keepers)
