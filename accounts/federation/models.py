"""The identity providers of the cities, and which of their subjects is which member of staff."""

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models

from accounts.federation.saying import Said
from accounts.querysets import TenantModel
from vault.columns import SealedField


class ProviderKind(models.TextChoices):
    OIDC = "oidc", "OpenID Connect"
    SAML = "saml", "SAML 2.0"


class Stage(models.TextChoices):
    DRAFT = "draft", "準備中"
    ACTIVE = "active", "使用中"
    RETIRED = "retired", "使用を終えた"


class AddressClaim(models.TextChoices):
    EMAIL = "email", "email"
    PREFERRED = "preferred_username", "preferred_username"
    UPN = "upn", "upn"


class IdentityProvider(TenantModel):
    """What a city signs its staff in with: prepared, tried, used, and one day replaced by the next."""

    kind = models.CharField("方式", max_length=10, choices=ProviderKind, default=ProviderKind.OIDC)
    stage = models.CharField("段階", max_length=10, choices=Stage, default=Stage.DRAFT)
    issuer = models.CharField("発行者", max_length=500)
    client_id = models.CharField("クライアントID", max_length=300, blank=True)
    sealed_secret = SealedField("クライアントシークレット（暗号化）", null=True, blank=True, context="secret_context")
    # 公開されている設定から読んだ行き先。登録したときのものだけを使い、黙って変わらない
    places = models.JSONField("行き先", default=dict)
    address_claim = models.CharField(
        "メールアドレスの載る項目", max_length=30, choices=AddressClaim, default=AddressClaim.EMAIL
    )
    vouches = models.BooleanField("アドレスは市が管理している", default=False)
    domains = ArrayField(models.CharField(max_length=253), verbose_name="ドメイン")
    is_required = models.BooleanField("職員に求める", default=False)
    keyholder = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        null=True,
        related_name="+",
        verbose_name="非常時の運用管理者",
    )
    settled_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    settled_at = models.DateTimeField("設定した日時")
    tried_at = models.DateTimeField("試した日時", null=True)
    tried_as = models.CharField("試した結果", max_length=400, blank=True)
    begun_at = models.DateTimeField("使い始めた日時", null=True)
    ended_at = models.DateTimeField("使い終えた日時", null=True)

    class Meta(TenantModel.Meta):
        verbose_name = "認証基盤"
        verbose_name_plural = "認証基盤"
        constraints = [
            models.UniqueConstraint(
                fields=["tenant"], condition=models.Q(stage=Stage.DRAFT), name="one_provider_prepared"
            ),
            models.UniqueConstraint(
                fields=["tenant"], condition=models.Q(stage=Stage.ACTIVE), name="one_provider_in_use"
            ),
            models.CheckConstraint(
                condition=~models.Q(stage=Stage.ACTIVE)
                | models.Q(tried_at__isnull=False, begun_at__isnull=False, ended_at__isnull=True),
                name="provider_in_use_was_tried",
            ),
            models.CheckConstraint(
                condition=models.Q(is_required=False) | models.Q(stage=Stage.ACTIVE, keyholder__isnull=False),
                name="provider_required_leaves_a_way_in",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} {self.issuer}"

    @property
    def secret_context(self) -> str:
        """Name the one place in which the sealed secret opens."""
        return f"sign-on:{self.pk}"

    def speaks_for(self, address: str) -> bool:
        """Tell whether the provider may say whose address this is."""
        return address.rpartition("@")[2].lower() in self.domains


class FederatedIdentity(TenantModel):
    """Which member of staff a provider means by a subject: bound when they first came, and kept since."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    issuer = models.CharField("発行者", max_length=500)
    subject = models.CharField("認証基盤での番号", max_length=255)
    address = models.EmailField("結び付けたときのアドレス")
    bound_at = models.DateTimeField("結び付けた日時")
    last_at = models.DateTimeField("最後に使った日時")

    class Meta(TenantModel.Meta):
        verbose_name = "認証基盤との結び付き"
        verbose_name_plural = "認証基盤との結び付き"
        constraints = [
            models.UniqueConstraint(fields=["tenant", "issuer", "subject"], name="one_person_per_subject"),
            models.UniqueConstraint(fields=["tenant", "issuer", "user"], name="one_subject_per_person"),
        ]

    def __str__(self) -> str:
        return f"{self.user} {self.subject}"


class Arrival(TenantModel):
    """An assertion that a SAML provider's answer proved: it comes once, and is taken up by the browser that asked."""

    provider = models.ForeignKey(IdentityProvider, on_delete=models.CASCADE, related_name="+")
    assertion_hash = models.CharField("Assertion の名（ハッシュ）", max_length=64)
    request_id = models.CharField("こちらの問いの名", max_length=200)
    subject = models.CharField("認証基盤での番号", max_length=255)
    address = models.CharField("アドレス", max_length=254, blank=True)
    is_sure = models.BooleanField("アドレスが確かか")
    token_hash = models.CharField("引換えの値（ハッシュ）", max_length=64)
    arrived_at = models.DateTimeField("届いた日時")
    expires_at = models.DateTimeField("期限")
    taken_at = models.DateTimeField("引き換えた日時", null=True)

    class Meta(TenantModel.Meta):
        verbose_name = "届いた Assertion"
        verbose_name_plural = "届いた Assertion"
        constraints = [
            models.UniqueConstraint(fields=["tenant", "assertion_hash"], name="one_arrival_per_assertion"),
            models.UniqueConstraint(fields=["tenant", "token_hash"], name="one_arrival_per_token"),
        ]

    def __str__(self) -> str:
        return f"{self.provider} {self.arrived_at:%Y-%m-%d %H:%M}"

    @property
    def said(self) -> Said:
        """Return what the assertion said."""
        return Said(self.provider.issuer, self.subject, self.address, self.is_sure)
