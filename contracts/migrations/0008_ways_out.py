"""Let an amendment be dropped and an invitation be cancelled; keep what firms ask about their signers."""

import django.db.models.deletion
import django.db.models.manager
import pgtrigger.compiler
import pgtrigger.migrations
from django.conf import settings
from django.db import migrations, models

from accounts.rowsecurity import EnableRowSecurity


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0005_help_form"),
        ("contracts", "0007_labels_of_the_rules"),
        ("vault", "0001_initial"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="SignerChange",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("asked", "申出中"),
                            ("accepted", "変更済"),
                            ("refused", "変更せず"),
                            ("lapsed", "不要"),
                        ],
                        default="asked",
                        max_length=20,
                        verbose_name="状態",
                    ),
                ),
                ("title", models.CharField(max_length=100, verbose_name="新しい署名者の役職")),
                ("name", models.CharField(max_length=100, verbose_name="新しい署名者の氏名")),
                ("email", models.EmailField(max_length=254, verbose_name="新しい署名者のメールアドレス")),
                ("reason", models.CharField(max_length=500, verbose_name="変更の理由")),
                ("asked_by", models.CharField(max_length=100, verbose_name="申し出た人")),
                ("asked_email", models.EmailField(max_length=254, verbose_name="申し出た人のメールアドレス")),
                ("asked_at", models.DateTimeField(verbose_name="申出の日時")),
                ("answered_at", models.DateTimeField(blank=True, null=True, verbose_name="答えた日時")),
                ("refusal", models.CharField(blank=True, max_length=500, verbose_name="変更しない理由")),
            ],
            options={
                "verbose_name": "署名者の変更の申出",
                "verbose_name_plural": "署名者の変更の申出",
                "abstract": False,
                "base_manager_name": "unscoped",
            },
            managers=[
                ("objects", django.db.models.manager.Manager()),
                ("unscoped", django.db.models.manager.Manager()),
            ],
        ),
        pgtrigger.migrations.RemoveTrigger(
            model_name="consent",
            name="only_allowed_moves",
        ),
        pgtrigger.migrations.RemoveTrigger(
            model_name="contract",
            name="only_allowed_moves",
        ),
        migrations.RemoveConstraint(
            model_name="contract",
            name="one_contract_per_number",
        ),
        migrations.AddField(
            model_name="consent",
            name="cancel_reason",
            field=models.CharField(blank=True, max_length=500, verbose_name="依頼の取消しの理由"),
        ),
        migrations.AddField(
            model_name="consent",
            name="cancelled_at",
            field=models.DateTimeField(blank=True, null=True, verbose_name="依頼を取り消した日時"),
        ),
        migrations.AddField(
            model_name="contract",
            name="drop_reason",
            field=models.CharField(blank=True, max_length=500, verbose_name="取りやめの理由"),
        ),
        migrations.AlterField(
            model_name="consent",
            name="state",
            field=models.CharField(
                choices=[
                    ("invited", "提出待ち"),
                    ("submitted", "確認待ち"),
                    ("returned", "差戻し"),
                    ("accepted", "承諾済"),
                    ("cancelled", "依頼の取消し"),
                    ("withdrawn", "撤回"),
                    ("void_by_paper", "無効（紙で契約）"),
                ],
                default="invited",
                max_length=20,
                verbose_name="状態",
            ),
        ),
        migrations.AlterField(
            model_name="contract",
            name="state",
            field=models.CharField(
                choices=[
                    ("preparing", "手続中"),
                    ("council_pending", "議決待ち"),
                    ("in_force", "成立"),
                    ("lapsed", "不成立"),
                    ("dropped", "取りやめ"),
                ],
                default="preparing",
                max_length=20,
                verbose_name="状態",
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="consent",
            trigger=pgtrigger.compiler.Trigger(
                name="only_allowed_moves",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    declare="DECLARE _is_valid_transition BOOLEAN;",
                    func='SELECT CONCAT(OLD."state", \':\', NEW."state") = ANY(\'{invited:cancelled,invited:submitted,invited:void_by_paper,submitted:accepted,submitted:returned,submitted:void_by_paper,submitted:withdrawn,returned:submitted,returned:void_by_paper,returned:withdrawn,accepted:void_by_paper,accepted:withdrawn}\'::text[]) INTO _is_valid_transition; IF (_is_valid_transition IS FALSE AND OLD."state" IS DISTINCT FROM NEW."state") THEN RAISE EXCEPTION \'pgtrigger: Invalid transition of field "state" from "%" to "%" on table %\', OLD."state", NEW."state", TG_TABLE_NAME; ELSE RETURN NEW; END IF;',
                    hash="64ea7a8266806d782717308c72faa614926e7499",
                    operation="UPDATE",
                    pgid="pgtrigger_only_allowed_moves_f96b2",
                    table="contracts_consent",
                    when="BEFORE",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="contract",
            trigger=pgtrigger.compiler.Trigger(
                name="only_allowed_moves",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    declare="DECLARE _is_valid_transition BOOLEAN;",
                    func='SELECT CONCAT(OLD."state", \':\', NEW."state") = ANY(\'{preparing:council_pending,preparing:dropped,preparing:in_force,council_pending:in_force,council_pending:lapsed}\'::text[]) INTO _is_valid_transition; IF (_is_valid_transition IS FALSE AND OLD."state" IS DISTINCT FROM NEW."state") THEN RAISE EXCEPTION \'pgtrigger: Invalid transition of field "state" from "%" to "%" on table %\', OLD."state", NEW."state", TG_TABLE_NAME; ELSE RETURN NEW; END IF;',
                    hash="876d9305719b739750a276ca0561de30e1b09e92",
                    operation="UPDATE",
                    pgid="pgtrigger_only_allowed_moves_a6f2d",
                    table="contracts_contract",
                    when="BEFORE",
                ),
            ),
        ),
        migrations.AddConstraint(
            model_name="consent",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(
                        ("cancelled_at__isnull", False),
                        ("state", "cancelled"),
                        models.Q(("cancel_reason", ""), _negated=True),
                    ),
                    models.Q(
                        models.Q(("state", "cancelled"), _negated=True),
                        ("cancel_reason", ""),
                        ("cancelled_at__isnull", True),
                    ),
                    _connector="OR",
                ),
                name="cancelled_exactly_with_a_reason",
            ),
        ),
        migrations.AddConstraint(
            model_name="contract",
            constraint=models.UniqueConstraint(
                condition=models.Q(("state", "dropped"), _negated=True),
                fields=("case", "kind", "number"),
                name="one_contract_per_number",
            ),
        ),
        migrations.AddConstraint(
            model_name="contract",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(
                        ("state", "dropped"),
                        models.Q(("drop_reason", ""), _negated=True),
                        models.Q(("kind", "original"), _negated=True),
                    ),
                    models.Q(models.Q(("state", "dropped"), _negated=True), ("drop_reason", "")),
                    _connector="OR",
                ),
                name="only_a_change_is_dropped_with_a_reason",
            ),
        ),
        migrations.AddField(
            model_name="signerchange",
            name="answered_by",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
        migrations.AddField(
            model_name="signerchange",
            name="step",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, related_name="changes", to="contracts.signingstep"
            ),
        ),
        migrations.AddField(
            model_name="signerchange",
            name="tenant",
            field=models.ForeignKey(
                editable=False,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="accounts.organization",
            ),
        ),
        migrations.AddConstraint(
            model_name="signerchange",
            constraint=models.UniqueConstraint(
                condition=models.Q(("state", "asked")), fields=("step",), name="one_open_change_per_step"
            ),
        ),
        migrations.AddConstraint(
            model_name="signerchange",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(
                        ("answered_at__isnull", False),
                        ("answered_by__isnull", False),
                        ("state__in", ["accepted", "refused"]),
                    ),
                    models.Q(
                        ("answered_at__isnull", True), ("answered_by__isnull", True), ("state__in", ["asked", "lapsed"])
                    ),
                    _connector="OR",
                ),
                name="answered_exactly_by_someone",
            ),
        ),
        migrations.AddConstraint(
            model_name="signerchange",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("state", "refused"), models.Q(("refusal", ""), _negated=True)),
                    models.Q(models.Q(("state", "refused"), _negated=True), ("refusal", "")),
                    _connector="OR",
                ),
                name="refused_exactly_with_a_reason",
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="signerchange",
            trigger=pgtrigger.compiler.Trigger(
                name="only_allowed_moves",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    declare="DECLARE _is_valid_transition BOOLEAN;",
                    func='SELECT CONCAT(OLD."state", \':\', NEW."state") = ANY(\'{asked:accepted,asked:lapsed,asked:refused}\'::text[]) INTO _is_valid_transition; IF (_is_valid_transition IS FALSE AND OLD."state" IS DISTINCT FROM NEW."state") THEN RAISE EXCEPTION \'pgtrigger: Invalid transition of field "state" from "%" to "%" on table %\', OLD."state", NEW."state", TG_TABLE_NAME; ELSE RETURN NEW; END IF;',
                    hash="d517b2666aa27c9563f65c3050480018a3636e97",
                    operation="UPDATE",
                    pgid="pgtrigger_only_allowed_moves_bbe31",
                    table="contracts_signerchange",
                    when="BEFORE",
                ),
            ),
        ),
        EnableRowSecurity("contracts_signerchange"),
    ]
