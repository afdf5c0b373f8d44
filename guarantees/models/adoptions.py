"""Who else takes electronic guarantees, and since when, as the guarantors announce it."""

from django.db import models
from django.db.models import Q

from accounts.querysets import TenantModel


class AdopterClass(models.TextChoices):
    STATE = "state", "国"
    AGENCY = "agency", "独立行政法人等"
    PUBLIC_BODY = "public_body", "その他公共的団体"
    PREFECTURE = "prefecture", "都道府県"
    CAPITAL = "capital", "政令指定都市・府県庁所在地"
    MUNICIPALITY = "municipality", "市町村"


class AdoptionRecord(TenantModel):
    """One orderer on the list of those who take electronic guarantees (R98), as it stood on a day."""

    kind = models.CharField("区分", max_length=20, choices=AdopterClass)
    area = models.CharField("地域", max_length=20, blank=True)
    orderer = models.CharField("発注者名", max_length=100)
    started_month = models.DateField("運用開始の月（一日）", null=True, blank=True)
    unsure = models.BooleanField("要確認", default=False)
    as_of_date = models.DateField("一覧の現在日")

    class Meta(TenantModel.Meta):
        verbose_name = "導入発注者"
        verbose_name_plural = "導入発注者"
        constraints = [
            models.UniqueConstraint(fields=["tenant", "kind", "area", "orderer"], name="one_record_per_adopter"),
            models.CheckConstraint(
                condition=Q(started_month__isnull=True) | Q(started_month__day=1), name="adopted_in_a_month"
            ),
        ]

    def __str__(self) -> str:
        return self.orderer
