from datetime import date

from django.db import models

from accounts.models import Organization, User
from accounts.querysets import TenantModel
from contracts.models.lifecycle import append_only


class RuleSet(TenantModel):
    """One dated version of a municipality's rules; a case keeps the version it started under (R123)."""

    number = models.PositiveIntegerField("版")
    name = models.CharField("名称", max_length=200)
    effective_date = models.DateField("適用開始日")
    data = models.JSONField("内容")
    published_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    published_at = models.DateTimeField("公開日時", null=True, blank=True)

    class Meta(TenantModel.Meta):
        verbose_name = "規程の版"
        verbose_name_plural = "規程の版"
        constraints = [models.UniqueConstraint(fields=["tenant", "number"], name="one_rule_set_per_number")]
        triggers = [append_only()]

    def __str__(self) -> str:
        return f"{self.name} 第{self.number}版"

    @classmethod
    def in_force(cls, *, tenant: Organization, on: date) -> "RuleSet":
        """Find the version in force on a day (JST).

        Raises DoesNotExist when the municipality has none yet.
        """
        found = (
            cls.unscoped.filter(tenant=tenant, effective_date__lte=on).order_by("-effective_date", "-number").first()
        )
        if found is None:
            raise cls.DoesNotExist
        return found  # type: ignore[no-any-return]

    @classmethod
    def announced(cls, *, tenant: Organization, after: date) -> "RuleSet | None":
        """Find the version that will be in force next after a day (JST), if one is published."""
        later = cls.unscoped.filter(tenant=tenant, effective_date__gt=after)
        return later.order_by("effective_date", "-number").first()  # type: ignore[no-any-return]


class RuleDraft(TenantModel):
    """The next version of a municipality's rules while it is being written; one at a time."""

    base = models.ForeignKey(RuleSet, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    data = models.JSONField("内容")
    edit_number = models.PositiveIntegerField(default=0)
    updated_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    updated_at = models.DateTimeField("更新日時")

    class Meta(TenantModel.Meta):
        verbose_name = "規程の下書き"
        verbose_name_plural = "規程の下書き"
        constraints = [models.UniqueConstraint(fields=["tenant"], name="one_rule_draft")]

    def __str__(self) -> str:
        return f"下書き {self.edit_number}"
