"""The read model that auditors search: one row per concluded version, written once."""

from django.db import models

from accounts.querysets import TenantModel
from contracts.models.lifecycle import append_only
from contracts.models.versions import ContractVersion


class ArchiveEntry(TenantModel):
    """電帳法 7条 search keys (date, counterparty, amount) and more, folded for matching (R23)."""

    version = models.OneToOneField(ContractVersion, on_delete=models.PROTECT, related_name="archive_entry")
    concluded_date = models.DateField("契約日")
    amount = models.BigIntegerField("契約金額（円）")
    kind = models.CharField("区分", max_length=30)
    kind_label = models.CharField("区分の呼び名", max_length=100)
    number = models.CharField("工事番号", max_length=60)
    title = models.CharField("件名", max_length=200)
    party = models.CharField("取引先", max_length=200)
    stamp_duty_saved = models.PositiveIntegerField("節約した印紙税（円）", null=True, blank=True)
    days_to_conclude = models.IntegerField("落札から締結までの日数", null=True, blank=True)
    title_key = models.CharField(max_length=200)
    party_key = models.CharField(max_length=200)

    class Meta(TenantModel.Meta):
        verbose_name = "締結済みの契約"
        verbose_name_plural = "締結済みの契約"
        indexes = [
            # 検索はこの索引だけを読む（index-only scan）。行の壁の下でも LIKE を索引の中で判定できる。
            models.Index(
                fields=["tenant", "-concluded_date", "-id"],
                include=["amount", "kind", "party_key", "title_key"],
                name="archive_cov",
            ),
        ]
        triggers = [append_only()]

    def __str__(self) -> str:
        return f"{self.number} {self.title}"
