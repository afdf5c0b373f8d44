"""Keep what people ask for with one press, deed by deed."""

import django.db.models.deletion
import django.db.models.manager
import pgtrigger.compiler
import pgtrigger.migrations
from django.conf import settings
from django.db import migrations, models

from accounts.rowsecurity import EnableRowSecurity, TellWhoWaits


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0010_journal_only_grows"),
        ("contracts", "0040_views_of_pages"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="Batch",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("sign", "署名する"),
                            ("approve", "決裁する（可）"),
                            ("invite", "承諾書の提出を依頼する"),
                            ("remind", "依頼のメールを送り直す"),
                        ],
                        max_length=20,
                        verbose_name="操作",
                    ),
                ),
                ("key", models.UUIDField(verbose_name="押した画面")),
                ("asked_at", models.DateTimeField(verbose_name="頼んだ日時")),
                ("asked_ip", models.GenericIPAddressField(blank=True, null=True, verbose_name="接続元")),
                ("asked_agent", models.CharField(blank=True, max_length=300, verbose_name="ブラウザ")),
                ("authentication", models.CharField(blank=True, max_length=100, verbose_name="本人確認の方法")),
                ("closed_at", models.DateTimeField(blank=True, null=True, verbose_name="すべてが終わった日時")),
                (
                    "asked_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="頼んだ人",
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
                "verbose_name": "まとめた操作",
                "verbose_name_plural": "まとめた操作",
                "abstract": False,
                "base_manager_name": "unscoped",
            },
            managers=[
                ("objects", django.db.models.manager.Manager()),
                ("unscoped", django.db.models.manager.Manager()),
            ],
        ),
        migrations.CreateModel(
            name="Deed",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("target", models.BigIntegerField(verbose_name="対象")),
                (
                    "state",
                    models.CharField(
                        choices=[("due", "順番待ち"), ("done", "できました"), ("left", "できませんでした")],
                        default="due",
                        max_length=20,
                        verbose_name="状態",
                    ),
                ),
                ("due_at", models.DateTimeField(verbose_name="手に取れる日時")),
                ("failures", models.PositiveIntegerField(default=0, verbose_name="続けて失敗した回数")),
                ("outcome", models.CharField(blank=True, max_length=500, verbose_name="結果")),
                ("done_at", models.DateTimeField(blank=True, null=True, verbose_name="終わった日時")),
                (
                    "batch",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="deeds", to="contracts.batch"
                    ),
                ),
                (
                    "case",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="contracts.case"
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
                "verbose_name": "まとめた操作の一件",
                "verbose_name_plural": "まとめた操作の一件",
                "abstract": False,
                "base_manager_name": "unscoped",
            },
            managers=[
                ("objects", django.db.models.manager.Manager()),
                ("unscoped", django.db.models.manager.Manager()),
            ],
        ),
        migrations.AddIndex(
            model_name="batch",
            index=models.Index(fields=["tenant", "asked_by", "-id"], name="batch_by_asker"),
        ),
        migrations.AddConstraint(
            model_name="batch",
            constraint=models.UniqueConstraint(fields=("tenant", "key"), name="one_batch_per_press"),
        ),
        migrations.AddConstraint(
            model_name="batch",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("kind", "sign"), _negated=True),
                    models.Q(("authentication", ""), _negated=True),
                    _connector="OR",
                ),
                name="signed_together_by_someone_known",
            ),
        ),
        migrations.AddIndex(
            model_name="deed",
            index=models.Index(condition=models.Q(("state", "due")), fields=["tenant", "due_at"], name="deed_due"),
        ),
        migrations.AddConstraint(
            model_name="deed",
            constraint=models.UniqueConstraint(fields=("batch", "target"), name="once_in_its_batch"),
        ),
        migrations.AddConstraint(
            model_name="deed",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("done_at__isnull", True), ("state", "due")),
                    models.Q(
                        models.Q(("state", "due"), _negated=True),
                        ("done_at__isnull", False),
                        models.Q(("outcome", ""), _negated=True),
                    ),
                    _connector="OR",
                ),
                name="over_with_an_outcome",
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="deed",
            trigger=pgtrigger.compiler.Trigger(
                name="only_allowed_moves",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    declare="DECLARE _is_valid_transition BOOLEAN;",
                    func='SELECT CONCAT(OLD."state", \':\', NEW."state") = ANY(\'{due:done,due:left}\'::text[]) INTO _is_valid_transition; IF (_is_valid_transition IS FALSE AND OLD."state" IS DISTINCT FROM NEW."state") THEN RAISE EXCEPTION \'pgtrigger: Invalid transition of field "state" from "%" to "%" on table %\', OLD."state", NEW."state", TG_TABLE_NAME; ELSE RETURN NEW; END IF;',
                    hash="e2b63f22af4bcaa9e394d79e1c32a074de6a28f7",
                    operation="UPDATE",
                    pgid="pgtrigger_only_allowed_moves_ffb3d",
                    table="contracts_deed",
                    when="BEFORE",
                ),
            ),
        ),
        EnableRowSecurity("contracts_batch"),
        EnableRowSecurity("contracts_deed"),
        TellWhoWaits("contracts_what_is_asked", kinds={"deed": ("contracts_deed", "due_at", "w.state = 'due'")}),
    ]
