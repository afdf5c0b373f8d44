"""What a city's fiscal year came to on a night, for the figures across municipalities."""

from django.db import models

from accounts.querysets import TenantModel


class CityFigures(TenantModel):
    """One fiscal year of a city, as numbers that add up; written anew every night while the year may still change.

    Operators read the rows of all municipalities; they hold no contract, no name and no address.
    """

    fiscal_year = models.PositiveSmallIntegerField("年度")
    contracts = models.PositiveIntegerField("電子で締結した契約")
    amendments = models.PositiveIntegerField("変更契約・訂正合意")
    refused = models.PositiveIntegerField("紙（承諾なし）")
    other = models.PositiveIntegerField("紙（そのほか）")
    stamps = models.PositiveBigIntegerField("節約した印紙税（円）")
    # 落札から締結までの日数ごとの件数。足し合わせても、中央値が正しく求まる
    days = models.JSONField("日数ごとの件数")
    guarantee_start = models.DateField("電子保証の運用開始時期", null=True, blank=True)
    guarantees = models.PositiveIntegerField("保証件数")
    electronic_guarantees = models.PositiveIntegerField("電子保証利用件数")
    written_at = models.DateTimeField("数えた日時")

    class Meta(TenantModel.Meta):
        verbose_name = "年度の実績"
        verbose_name_plural = "年度の実績"
        constraints = [models.UniqueConstraint(fields=["tenant", "fiscal_year"], name="one_row_of_figures_per_year")]
        indexes = [models.Index(fields=["fiscal_year", "tenant"], name="figures_of_a_year")]

    def __str__(self) -> str:
        return f"{self.tenant_id} {self.fiscal_year}"
