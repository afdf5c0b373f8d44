"""Let a version have further entries as it changes, and note what a city still has to bring into its archive.

Every city begins with its consents, and with what its amendments have changed; apps above add theirs.
"""

import django.db.models.deletion
import django.db.models.manager
from django.db import migrations, models

from accounts.rowsecurity import EnableRowSecurity, TellWhoWaits

TABLE = "contracts_archivebackfill"
FILL = f"""
    insert into {TABLE} (tenant_id, source, reached, due_at)
    select c.tenant_id, s.source, 0, now()
      from (select distinct tenant_id from contracts_case) c, (values ('consent'), ('amendment')) s(source)
"""  # noqa: S608 - この移行に書かれた文字だけ


class Migration(migrations.Migration):
    dependencies = [("accounts", "0008_walls_around_anchors"), ("contracts", "0027_saved_views")]

    operations = [
        migrations.AlterField(
            "archiveentry",
            "version",
            models.ForeignKey(
                blank=True,
                db_index=False,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="archive_entries",
                to="contracts.contractversion",
            ),
        ),
        migrations.CreateModel(
            name="ArchiveBackfill",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("source", models.CharField(max_length=30, verbose_name="載せるもの")),
                ("reached", models.BigIntegerField(default=0, verbose_name="ここまで載せた")),
                ("due_at", models.DateTimeField(blank=True, null=True, verbose_name="次に続ける日時")),
                (
                    "tenant",
                    models.ForeignKey(
                        editable=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="accounts.organization",
                    ),
                ),
            ],
            options={
                "verbose_name": "書庫へ載せる仕事",
                "verbose_name_plural": "書庫へ載せる仕事",
                "abstract": False,
                "base_manager_name": "unscoped",
                "indexes": [
                    models.Index(
                        condition=models.Q(("due_at__isnull", False)),
                        fields=["tenant", "due_at"],
                        name="archive_backfill_due",
                    )
                ],
                "constraints": [models.UniqueConstraint(fields=("tenant", "source"), name="one_backfill_per_source")],
            },
            managers=[
                ("objects", django.db.models.manager.Manager()),
                ("unscoped", django.db.models.manager.Manager()),
            ],
        ),
        EnableRowSecurity(TABLE),
        TellWhoWaits("contracts_what_is_unfiled", kinds={"fill": (TABLE, "due_at", "due_at is not null")}),
        migrations.RunSQL(FILL, migrations.RunSQL.noop),
    ]
