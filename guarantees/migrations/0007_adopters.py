"""Keep the list of orderers who take electronic guarantees (R98), walled like every table of a municipality."""

import django.db.models.deletion
import django.db.models.manager
from django.db import migrations, models

from accounts.rowsecurity import EnableRowSecurity


class Migration(migrations.Migration):
    dependencies = [("accounts", "0007_underwriters"), ("guarantees", "0006_papers_that_arrive")]

    operations = [
        migrations.CreateModel(
            name="AdoptionRecord",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "tenant",
                    models.ForeignKey(
                        editable=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="accounts.organization",
                    ),
                ),
                (
                    "kind",
                    models.CharField(
                        "区分",
                        max_length=20,
                        choices=[
                            ("state", "国"),
                            ("agency", "独立行政法人等"),
                            ("public_body", "その他公共的団体"),
                            ("prefecture", "都道府県"),
                            ("capital", "政令指定都市・府県庁所在地"),
                            ("municipality", "市町村"),
                        ],
                    ),
                ),
                ("area", models.CharField("地域", max_length=20, blank=True)),
                ("orderer", models.CharField("発注者名", max_length=100)),
                ("started_month", models.DateField("運用開始の月（一日）", null=True, blank=True)),
                ("unsure", models.BooleanField("要確認", default=False)),
                ("as_of_date", models.DateField("一覧の現在日")),
            ],
            options={
                "verbose_name": "導入発注者",
                "verbose_name_plural": "導入発注者",
                "abstract": False,
                "base_manager_name": "unscoped",
                "constraints": [
                    models.UniqueConstraint(
                        fields=["tenant", "kind", "area", "orderer"], name="one_record_per_adopter"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(started_month__isnull=True) | models.Q(started_month__day=1),
                        name="adopted_in_a_month",
                    ),
                ],
            },
            managers=[
                ("objects", django.db.models.manager.Manager()),
                ("unscoped", django.db.models.manager.Manager()),
            ],
        ),
        EnableRowSecurity("guarantees_adoptionrecord"),
    ]
