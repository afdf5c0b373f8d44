"""Keep what each city's fiscal years came to, for the figures across municipalities, which operators read."""

import django.db.models.deletion
import django.db.models.manager
from django.conf import settings
from django.db import migrations, models

from accounts.rowsecurity import EnableRowSecurity

TABLE, OPS = "contracts_cityfigures", settings.DATABASE_OPS_ROLE


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0009_operators"),
        ("contracts", "0032_text_inside_documents"),
    ]

    operations = [
        migrations.CreateModel(
            name="CityFigures",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("fiscal_year", models.PositiveSmallIntegerField(verbose_name="年度")),
                ("contracts", models.PositiveIntegerField(verbose_name="電子で締結した契約")),
                ("amendments", models.PositiveIntegerField(verbose_name="変更契約・訂正合意")),
                ("refused", models.PositiveIntegerField(verbose_name="紙（承諾なし）")),
                ("other", models.PositiveIntegerField(verbose_name="紙（そのほか）")),
                ("stamps", models.PositiveBigIntegerField(verbose_name="節約した印紙税（円）")),
                ("days", models.JSONField(verbose_name="日数ごとの件数")),
                ("guarantee_start", models.DateField(blank=True, null=True, verbose_name="電子保証の運用開始時期")),
                ("guarantees", models.PositiveIntegerField(verbose_name="保証件数")),
                ("electronic_guarantees", models.PositiveIntegerField(verbose_name="電子保証利用件数")),
                ("written_at", models.DateTimeField(verbose_name="数えた日時")),
            ],
            options={
                "verbose_name": "年度の実績",
                "verbose_name_plural": "年度の実績",
                "abstract": False,
                "base_manager_name": "unscoped",
            },
            managers=[
                ("objects", django.db.models.manager.Manager()),
                ("unscoped", django.db.models.manager.Manager()),
            ],
        ),
        migrations.AddField(
            model_name="cityfigures",
            name="tenant",
            field=models.ForeignKey(
                editable=False,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="accounts.organization",
            ),
        ),
        migrations.AddIndex(
            model_name="cityfigures",
            index=models.Index(fields=["fiscal_year", "tenant"], name="figures_of_a_year"),
        ),
        migrations.AddConstraint(
            model_name="cityfigures",
            constraint=models.UniqueConstraint(fields=("tenant", "fiscal_year"), name="one_row_of_figures_per_year"),
        ),
        EnableRowSecurity(TABLE),
        migrations.RunSQL(
            f"""
            grant select on {TABLE} to "{OPS}";
            create policy operators on {TABLE} for select to "{OPS}" using (true);
            """,
            f'drop policy operators on {TABLE}; revoke select on {TABLE} from "{OPS}";',  # noqa: S608
        ),
    ]
