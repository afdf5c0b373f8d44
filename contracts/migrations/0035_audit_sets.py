import django.db.models.deletion
import django.db.models.manager
import pgtrigger.compiler
import pgtrigger.migrations
from django.conf import settings
from django.db import migrations, models

from accounts.rowsecurity import EnableRowSecurity


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0009_operators"),
        ("contracts", "0034_cases_on_paper_indexed"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="AuditSet",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("name", models.CharField(max_length=100, verbose_name="名前")),
                ("question", models.CharField(max_length=2000, verbose_name="条件")),
                (
                    "rule",
                    models.CharField(
                        choices=[
                            ("sample", "無作為に抽出"),
                            ("above", "金額以上をすべて"),
                            ("party", "取引先のすべて"),
                            ("all", "すべて"),
                        ],
                        max_length=10,
                        verbose_name="抽出の方法",
                    ),
                ),
                ("told", models.CharField(max_length=300, verbose_name="抽出の説明")),
                ("size", models.PositiveIntegerField(verbose_name="件数")),
                ("made_at", models.DateTimeField(verbose_name="作成日時")),
                (
                    "made_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="作成した人",
                    ),
                ),
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
                "verbose_name": "監査の抽出",
                "verbose_name_plural": "監査の抽出",
                "abstract": False,
                "base_manager_name": "unscoped",
            },
            managers=[
                ("objects", django.db.models.manager.Manager()),
                ("unscoped", django.db.models.manager.Manager()),
            ],
        ),
        migrations.CreateModel(
            name="AuditItem",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("order", models.PositiveIntegerField(verbose_name="順番")),
                (
                    "entry",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="contracts.archiveentry"
                    ),
                ),
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
                    "set",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="items", to="contracts.auditset"
                    ),
                ),
            ],
            options={
                "verbose_name": "抽出した契約",
                "verbose_name_plural": "抽出した契約",
                "abstract": False,
                "base_manager_name": "unscoped",
            },
            managers=[
                ("objects", django.db.models.manager.Manager()),
                ("unscoped", django.db.models.manager.Manager()),
            ],
        ),
        migrations.CreateModel(
            name="AuditMark",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("is_checked", models.BooleanField(verbose_name="確認済")),
                ("remark", models.CharField(blank=True, max_length=500, verbose_name="所見")),
                ("made_at", models.DateTimeField(verbose_name="日時")),
                (
                    "item",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="marks", to="contracts.audititem"
                    ),
                ),
                (
                    "made_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
                    ),
                ),
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
                "verbose_name": "抽出した契約の確認",
                "verbose_name_plural": "抽出した契約の確認",
                "abstract": False,
                "base_manager_name": "unscoped",
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            ("is_checked", True), models.Q(("remark", ""), _negated=True), _connector="OR"
                        ),
                        name="a_mark_says_something",
                    )
                ],
            },
            managers=[
                ("objects", django.db.models.manager.Manager()),
                ("unscoped", django.db.models.manager.Manager()),
            ],
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="auditmark",
            trigger=pgtrigger.compiler.Trigger(
                name="append_only",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func="RAISE EXCEPTION 'pgtrigger: Cannot update or delete rows from % table', TG_TABLE_NAME;",
                    hash="69403e6723c776b7f89e444668c7786f06114f0c",
                    operation="UPDATE OR DELETE",
                    pgid="pgtrigger_append_only_eac7e",
                    table="contracts_auditmark",
                    when="BEFORE",
                ),
            ),
        ),
        migrations.AddConstraint(
            model_name="auditset",
            constraint=models.UniqueConstraint(fields=("tenant", "name"), name="one_audit_set_per_name"),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="auditset",
            trigger=pgtrigger.compiler.Trigger(
                name="append_only",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func="RAISE EXCEPTION 'pgtrigger: Cannot update or delete rows from % table', TG_TABLE_NAME;",
                    hash="a9f05e2a78d505ea2d8331d3e6503876464735aa",
                    operation="UPDATE OR DELETE",
                    pgid="pgtrigger_append_only_0c2d7",
                    table="contracts_auditset",
                    when="BEFORE",
                ),
            ),
        ),
        migrations.AddConstraint(
            model_name="audititem",
            constraint=models.UniqueConstraint(fields=("set", "order"), name="one_item_per_place"),
        ),
        migrations.AddConstraint(
            model_name="audititem",
            constraint=models.UniqueConstraint(fields=("set", "entry"), name="an_entry_is_drawn_once"),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="audititem",
            trigger=pgtrigger.compiler.Trigger(
                name="append_only",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func="RAISE EXCEPTION 'pgtrigger: Cannot update or delete rows from % table', TG_TABLE_NAME;",
                    hash="e0337d46a8d24073fb2eebe4ed9ac85e2260ac3c",
                    operation="UPDATE OR DELETE",
                    pgid="pgtrigger_append_only_807ed",
                    table="contracts_audititem",
                    when="BEFORE",
                ),
            ),
        ),
        EnableRowSecurity("contracts_auditset"),
        EnableRowSecurity("contracts_audititem"),
        EnableRowSecurity("contracts_auditmark"),
    ]
