"""Contracts that were concluded elsewhere and taken into the archive."""

from typing import Any, Self

from django.db import models

from accounts.actors import Actor
from accounts.models import User
from accounts.querysets import AskedManager, TenantModel, TenantQuerySet
from contracts.models.imports import ImportJob
from contracts.models.lifecycle import append_only
from signing.results import Verdict
from vault.models import StoredFile


class ForeignContractQuerySet(TenantQuerySet["ForeignContract"]):
    def visible_to(self, actor: Actor) -> Self:
        """Show staff what their city took in; the holders of links have nothing to do with it."""
        rows = super().visible_to(actor)
        return rows if actor.is_staff or actor.is_system else rows.none()


class ForeignContract(TenantModel):
    """A contract of another service, or a scan of one on paper: one PDF, as it came, with the verdict of that day."""

    job = models.ForeignKey(ImportJob, on_delete=models.PROTECT, related_name="taken_in")
    file = models.ForeignKey(StoredFile, on_delete=models.PROTECT, related_name="+")
    name = models.CharField("ファイル名", max_length=255)
    sha256 = models.CharField("SHA-256", max_length=64)
    size = models.PositiveBigIntegerField("大きさ（バイト）")
    pages = models.PositiveIntegerField("ページ数")
    concluded_date = models.DateField("契約日")
    party = models.CharField("取引先", max_length=200)
    amount = models.BigIntegerField("契約金額（円）")
    title = models.CharField("件名", max_length=200)
    kind = models.CharField("区分", max_length=30)
    kind_label = models.CharField("区分の呼び名", max_length=100)
    number = models.CharField("契約番号", max_length=60, blank=True)
    verdict = models.CharField("取り込んだときの判定", max_length=20, choices=[(v.value, v.label) for v in Verdict])
    # 署名者、タイムスタンプ、問題。signing.results.Report を辞書にしたもの
    report = models.JSONField("取り込んだときの検証の結果")
    taken_in_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    taken_in_at = models.DateTimeField("取り込んだ日時")

    objects: Any = AskedManager.from_queryset(ForeignContractQuerySet)()
    unscoped: Any = models.Manager()

    class Meta(TenantModel.Meta):
        verbose_name = "よそで締結した契約"
        verbose_name_plural = "よそで締結した契約"
        constraints = [
            models.UniqueConstraint(fields=["tenant", "sha256"], name="one_foreign_contract_per_file"),
            models.CheckConstraint(condition=models.Q(amount__gte=0), name="foreign_amount_is_no_debt"),
        ]
        triggers = [append_only()]

    def __str__(self) -> str:
        return f"{self.number} {self.title}".strip()

    @property
    def subject(self) -> str:
        """Name it in the archive."""
        return f"foreign:{self.pk}"
