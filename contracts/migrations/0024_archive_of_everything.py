"""Widen the archive: columns only, each added without writing the table anew; what follows fills and indexes them."""

import django.db.models.deletion
from django.db import migrations, models

TABLE = "contracts_archiveentry"
# 行の増えるだけの表は、こまめに掃かれてこそ索引だけで読める
VACUUM = "autovacuum_vacuum_insert_scale_factor = 0, autovacuum_vacuum_insert_threshold = 20000"
UNVACUUM = "autovacuum_vacuum_insert_scale_factor, autovacuum_vacuum_insert_threshold"


def link(to, **options):
    return models.ForeignKey(
        blank=True,
        null=True,
        db_index=False,
        on_delete=django.db.models.deletion.PROTECT,
        related_name="+",
        to=to,
        **options,
    )


class Migration(migrations.Migration):
    dependencies = [("accounts", "0007_underwriters"), ("contracts", "0023_what_waits")]

    operations = [
        migrations.AddField(
            "archiveentry",
            "what",
            models.PositiveSmallIntegerField(
                "もの", choices=[(1, "契約"), (2, "変更契約・訂正合意"), (3, "保証"), (4, "電子契約の承諾")], default=1
            ),
            preserve_default=False,
        ),
        migrations.AddField(
            "archiveentry",
            "state",
            models.PositiveSmallIntegerField("状態", choices=[(1, "有効"), (2, "変更済"), (3, "終了")], default=1),
        ),
        migrations.AddField(
            "archiveentry", "subject", models.CharField(max_length=60, default=""), preserve_default=False
        ),
        migrations.AddField("archiveentry", "case", link("contracts.case", verbose_name="案件")),
        migrations.AddField("archiveentry", "department", link("accounts.department")),
        migrations.AddField(
            "archiveentry", "fiscal_year", models.PositiveSmallIntegerField("年度", default=0), preserve_default=False
        ),
        migrations.AddField(
            "archiveentry", "number_key", models.CharField(max_length=60, default=""), preserve_default=False
        ),
        migrations.AddField("archiveentry", "is_current", models.BooleanField("いまの内容", default=True)),
        migrations.AddField("archiveentry", "corrects", link("contracts.archiveentry")),
        migrations.AlterField(
            "archiveentry",
            "version",
            models.OneToOneField(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="archive_entry",
                to="contracts.contractversion",
            ),
        ),
        migrations.RunSQL(f"alter table {TABLE} set ({VACUUM})", f"alter table {TABLE} reset ({UNVACUUM})"),
    ]
