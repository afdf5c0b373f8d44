"""The guarantors whose certificates a municipality takes, and how each lets a certificate be seen."""

from django.db import models

from accounts.models import Organization
from accounts.querysets import TenantModel
from vault.columns import SealedField


class InstitutionKind(models.TextChoices):
    SURETY = "surety", "保証事業会社"
    INSURER = "insurer", "損害保険会社"
    BANK = "bank", "銀行等"


class Institution(TenantModel):
    """A guarantor whose certificates the municipality takes (R7)."""

    organization = models.ForeignKey(Organization, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    kind = models.CharField("種類", max_length=10, choices=InstitutionKind, default=InstitutionKind.SURETY)
    name = models.CharField("名称", max_length=200)
    branch = models.CharField("支店", max_length=100, blank=True)
    phone = models.CharField("電話番号", max_length=40, blank=True)
    # 番号の書式は公表されていない。発行元ごとの見慣れた形を外れたら注意を出すだけで、拒まない（C2）。
    usual_number = models.CharField("見慣れた番号の形（正規表現）", max_length=100, blank=True)
    portal_url = models.URLField("発注者が証書を見る画面", max_length=300, blank=True)
    registry_url = models.URLField("証書を問い合わせる窓口", max_length=300, blank=True)
    # 証明書の名義は、ローマ字のことが多い
    seal_name = models.CharField("電子署名の名義", max_length=200, blank=True)
    sealed_registry_token = SealedField("窓口の合言葉（暗号化）", null=True, blank=True, context="token_context")

    class Meta(TenantModel.Meta):
        verbose_name = "保証機関"
        verbose_name_plural = "保証機関"
        constraints = [models.UniqueConstraint(fields=["tenant", "name", "branch"], name="one_entry_per_institution")]

    def __str__(self) -> str:
        return f"{self.name} {self.branch}".strip()

    @property
    def token_context(self) -> str:
        """Name the one place in which the sealed token of the registry opens."""
        return f"institution:{self.pk}"
