"""Keep the records of each contract for their term, hold them, dispose of them, and take in those of elsewhere."""

import django.db.models.deletion
import django.db.models.manager
import pgtrigger.compiler
import pgtrigger.migrations
from django.conf import settings
from django.db import migrations, models

from accounts.rowsecurity import EnableRowSecurity, TellWhoWaits

# 取込みのファイルの名と、すでに契約のある案件の保存。完了の日は、保証のアプリが知っている
FILL = """
    update contracts_importjob j set sha256 = f.sha256 from vault_storedfile f where f.id = j.file_id;
    insert into contracts_custody (tenant_id, case_id, period, working)
    select c.tenant_id, c.id, '', '' from contracts_case c where c.state in ('concluded', 'paper');
"""


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0008_walls_around_anchors"),
        ("contracts", "0028_archive_of_what_changes"),
        ("vault", "0002_keys_may_be_destroyed"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="Custody",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("completed_date", models.DateField(blank=True, null=True, verbose_name="履行完了日")),
                (
                    "period",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("five_years", "5年"),
                            ("seven_years", "7年"),
                            ("ten_years", "10年"),
                            ("permanent", "永年"),
                        ],
                        max_length=20,
                        verbose_name="保存期間",
                    ),
                ),
                ("working", models.CharField(blank=True, max_length=300, verbose_name="期間の数え方")),
                ("ends_date", models.DateField(blank=True, null=True, verbose_name="保存期間の末日")),
                ("due_year", models.PositiveSmallIntegerField(blank=True, null=True, verbose_name="期間の終わる年度")),
                ("disposed_at", models.DateTimeField(blank=True, null=True, verbose_name="廃棄した日時")),
            ],
            options={
                "verbose_name": "保存",
                "verbose_name_plural": "保存",
                "abstract": False,
                "base_manager_name": "unscoped",
            },
            managers=[
                ("objects", django.db.models.manager.Manager()),
                ("unscoped", django.db.models.manager.Manager()),
            ],
        ),
        migrations.CreateModel(
            name="Disposal",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("up_to_date", models.DateField(verbose_name="この日までに期間の終わったもの")),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("proposed", "承認待ち"),
                            ("approved", "廃棄中"),
                            ("done", "廃棄済"),
                            ("withdrawn", "取りやめ"),
                        ],
                        default="proposed",
                        max_length=20,
                        verbose_name="状態",
                    ),
                ),
                ("made_at", models.DateTimeField(verbose_name="起案した日時")),
                ("first_at", models.DateTimeField(blank=True, null=True, verbose_name="一人目が承認した日時")),
                ("second_at", models.DateTimeField(blank=True, null=True, verbose_name="二人目が承認した日時")),
                ("withdraw_reason", models.CharField(blank=True, max_length=500, verbose_name="取りやめの理由")),
                ("closed_at", models.DateTimeField(blank=True, null=True, verbose_name="終わった日時")),
            ],
            options={
                "verbose_name": "廃棄の起案",
                "verbose_name_plural": "廃棄の起案",
                "abstract": False,
                "base_manager_name": "unscoped",
            },
            managers=[
                ("objects", django.db.models.manager.Manager()),
                ("unscoped", django.db.models.manager.Manager()),
            ],
        ),
        migrations.CreateModel(
            name="DisposalItem",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("due_at", models.DateTimeField(verbose_name="手に取れる日時")),
                ("fence", models.PositiveIntegerField(default=0)),
                ("failures", models.PositiveIntegerField(default=0, verbose_name="続けて失敗した回数")),
                ("last_error", models.CharField(blank=True, max_length=500, verbose_name="直近の理由")),
                (
                    "state",
                    models.CharField(
                        choices=[("listed", "承認待ち"), ("due", "廃棄待ち"), ("done", "廃棄済"), ("left", "見送り")],
                        default="listed",
                        max_length=20,
                        verbose_name="状態",
                    ),
                ),
                ("left_because", models.CharField(blank=True, max_length=500, verbose_name="見送った理由")),
            ],
            options={
                "verbose_name": "廃棄するもの",
                "verbose_name_plural": "廃棄するもの",
                "abstract": False,
                "base_manager_name": "unscoped",
            },
            managers=[
                ("objects", django.db.models.manager.Manager()),
                ("unscoped", django.db.models.manager.Manager()),
            ],
        ),
        migrations.CreateModel(
            name="DisposalRecord",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("number", models.CharField(max_length=60, verbose_name="契約番号")),
                ("title", models.CharField(max_length=200, verbose_name="件名")),
                ("party", models.CharField(max_length=400, verbose_name="取引先")),
                ("kind_label", models.CharField(max_length=100, verbose_name="区分")),
                ("amount", models.BigIntegerField(verbose_name="契約金額（円）")),
                ("completed_date", models.DateField(verbose_name="履行完了日")),
                (
                    "period",
                    models.CharField(
                        choices=[
                            ("five_years", "5年"),
                            ("seven_years", "7年"),
                            ("ten_years", "10年"),
                            ("permanent", "永年"),
                        ],
                        max_length=20,
                        verbose_name="保存期間",
                    ),
                ),
                ("working", models.CharField(max_length=300, verbose_name="期間の数え方")),
                ("ends_date", models.DateField(verbose_name="保存期間の末日")),
                ("files", models.JSONField(verbose_name="廃棄したファイル")),
                ("files_sha256", models.CharField(max_length=64, verbose_name="ファイルの一覧の SHA-256")),
                ("made_by", models.CharField(max_length=200, verbose_name="起案者")),
                ("first_by", models.CharField(max_length=200, verbose_name="承認者（一人目）")),
                ("second_by", models.CharField(max_length=200, verbose_name="承認者（二人目）")),
                ("approved_at", models.DateTimeField(verbose_name="承認がそろった日時")),
                ("disposed_at", models.DateTimeField(verbose_name="廃棄した日時")),
            ],
            options={
                "verbose_name": "廃棄記録",
                "verbose_name_plural": "廃棄記録",
                "abstract": False,
                "base_manager_name": "unscoped",
            },
            managers=[
                ("objects", django.db.models.manager.Manager()),
                ("unscoped", django.db.models.manager.Manager()),
            ],
        ),
        migrations.CreateModel(
            name="ForeignContract",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("name", models.CharField(max_length=255, verbose_name="ファイル名")),
                ("sha256", models.CharField(max_length=64, verbose_name="SHA-256")),
                ("size", models.PositiveBigIntegerField(verbose_name="大きさ（バイト）")),
                ("pages", models.PositiveIntegerField(verbose_name="ページ数")),
                ("concluded_date", models.DateField(verbose_name="契約日")),
                ("party", models.CharField(max_length=200, verbose_name="取引先")),
                ("amount", models.BigIntegerField(verbose_name="契約金額（円）")),
                ("title", models.CharField(max_length=200, verbose_name="件名")),
                ("kind", models.CharField(max_length=30, verbose_name="区分")),
                ("kind_label", models.CharField(max_length=100, verbose_name="区分の呼び名")),
                ("number", models.CharField(blank=True, max_length=60, verbose_name="契約番号")),
                (
                    "verdict",
                    models.CharField(
                        choices=[
                            ("VALID", "合格"),
                            ("INDETERMINATE", "判定不能"),
                            ("INVALID", "不合格"),
                            ("UNSIGNED", "署名なし"),
                        ],
                        max_length=20,
                        verbose_name="取り込んだときの判定",
                    ),
                ),
                ("report", models.JSONField(verbose_name="取り込んだときの検証の結果")),
                ("taken_in_at", models.DateTimeField(verbose_name="取り込んだ日時")),
            ],
            options={
                "verbose_name": "よそで締結した契約",
                "verbose_name_plural": "よそで締結した契約",
                "abstract": False,
                "base_manager_name": "unscoped",
            },
            managers=[
                ("objects", django.db.models.manager.Manager()),
                ("unscoped", django.db.models.manager.Manager()),
            ],
        ),
        migrations.CreateModel(
            name="LegalHold",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("reason", models.CharField(max_length=500, verbose_name="保留の理由")),
                ("held_at", models.DateTimeField(verbose_name="保留した日時")),
                ("released_at", models.DateTimeField(blank=True, null=True, verbose_name="解除した日時")),
                ("release_reason", models.CharField(blank=True, max_length=500, verbose_name="解除の理由")),
            ],
            options={
                "verbose_name": "廃棄の保留",
                "verbose_name_plural": "廃棄の保留",
                "abstract": False,
                "base_manager_name": "unscoped",
            },
            managers=[
                ("objects", django.db.models.manager.Manager()),
                ("unscoped", django.db.models.manager.Manager()),
            ],
        ),
        migrations.AddField(
            model_name="importjob",
            name="sha256",
            field=models.CharField(default="", max_length=64, verbose_name="SHA-256"),
            preserve_default=False,
        ),
        migrations.AlterField(
            model_name="archiveentry",
            name="state",
            field=models.PositiveSmallIntegerField(
                choices=[(1, "有効"), (2, "変更済"), (3, "終了"), (4, "廃棄済")], default=1, verbose_name="状態"
            ),
        ),
        migrations.AlterField(
            model_name="importjob",
            name="file",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="vault.storedfile",
            ),
        ),
        migrations.AlterField(
            model_name="importjob",
            name="kind",
            field=models.CharField(
                choices=[
                    ("register", "競争入札参加資格者名簿"),
                    ("cases", "案件"),
                    ("elsewhere", "よそで締結した契約"),
                ],
                max_length=20,
                verbose_name="種類",
            ),
        ),
        migrations.AddConstraint(
            model_name="importjob",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("file__isnull", False),
                    models.Q(("kind", "elsewhere"), models.Q(("state", "previewed"), _negated=True)),
                    _connector="OR",
                ),
                name="only_a_finished_package_is_given_up",
            ),
        ),
        migrations.AddField(
            model_name="custody",
            name="case",
            field=models.OneToOneField(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="custody",
                to="contracts.case",
            ),
        ),
        migrations.AddField(
            model_name="custody",
            name="rule_set",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="contracts.ruleset",
            ),
        ),
        migrations.AddField(
            model_name="custody",
            name="tenant",
            field=models.ForeignKey(
                editable=False,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="accounts.organization",
            ),
        ),
        migrations.AddField(
            model_name="disposal",
            name="first_by",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
        migrations.AddField(
            model_name="disposal",
            name="made_by",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
                verbose_name="起案者",
            ),
        ),
        migrations.AddField(
            model_name="disposal",
            name="second_by",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
        migrations.AddField(
            model_name="disposal",
            name="tenant",
            field=models.ForeignKey(
                editable=False,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="accounts.organization",
            ),
        ),
        migrations.AddField(
            model_name="disposalitem",
            name="custody",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, related_name="items", to="contracts.custody"
            ),
        ),
        migrations.AddField(
            model_name="disposalitem",
            name="disposal",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, related_name="items", to="contracts.disposal"
            ),
        ),
        migrations.AddField(
            model_name="disposalitem",
            name="tenant",
            field=models.ForeignKey(
                editable=False,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="accounts.organization",
            ),
        ),
        migrations.AddField(
            model_name="disposalrecord",
            name="custody",
            field=models.OneToOneField(
                on_delete=django.db.models.deletion.PROTECT, related_name="record", to="contracts.custody"
            ),
        ),
        migrations.AddField(
            model_name="disposalrecord",
            name="item",
            field=models.OneToOneField(
                on_delete=django.db.models.deletion.PROTECT, related_name="record", to="contracts.disposalitem"
            ),
        ),
        migrations.AddField(
            model_name="disposalrecord",
            name="tenant",
            field=models.ForeignKey(
                editable=False,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="accounts.organization",
            ),
        ),
        migrations.AddField(
            model_name="foreigncontract",
            name="file",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, related_name="+", to="vault.storedfile"
            ),
        ),
        migrations.AddField(
            model_name="foreigncontract",
            name="job",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, related_name="taken_in", to="contracts.importjob"
            ),
        ),
        migrations.AddField(
            model_name="foreigncontract",
            name="taken_in_by",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
            ),
        ),
        migrations.AddField(
            model_name="foreigncontract",
            name="tenant",
            field=models.ForeignKey(
                editable=False,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="accounts.organization",
            ),
        ),
        migrations.AddField(
            model_name="custody",
            name="foreign",
            field=models.OneToOneField(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="custody",
                to="contracts.foreigncontract",
            ),
        ),
        migrations.AddField(
            model_name="legalhold",
            name="custody",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, related_name="holds", to="contracts.custody"
            ),
        ),
        migrations.AddField(
            model_name="legalhold",
            name="held_by",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
            ),
        ),
        migrations.AddField(
            model_name="legalhold",
            name="released_by",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
        migrations.AddField(
            model_name="legalhold",
            name="tenant",
            field=models.ForeignKey(
                editable=False,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="accounts.organization",
            ),
        ),
        migrations.AddIndex(
            model_name="disposal",
            index=models.Index(
                condition=models.Q(("state", "proposed")), fields=["tenant"], name="disposal_to_approve"
            ),
        ),
        migrations.AddConstraint(
            model_name="disposal",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("first_at__isnull", True), ("first_by__isnull", True)),
                    models.Q(("first_at__isnull", False), models.Q(("first_by", models.F("made_by")), _negated=True)),
                    _connector="OR",
                ),
                name="first_approver_is_another",
            ),
        ),
        migrations.AddConstraint(
            model_name="disposal",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("second_at__isnull", True), ("second_by__isnull", True)),
                    models.Q(
                        ("first_by__isnull", False),
                        ("second_at__isnull", False),
                        models.Q(("second_by", models.F("made_by")), _negated=True),
                        models.Q(("second_by", models.F("first_by")), _negated=True),
                    ),
                    _connector="OR",
                ),
                name="second_approver_is_a_third",
            ),
        ),
        migrations.AddConstraint(
            model_name="disposal",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("state__in", ["approved", "done"]), _negated=True),
                    ("second_by__isnull", False),
                    _connector="OR",
                ),
                name="disposed_of_only_when_two_approved",
            ),
        ),
        migrations.AddConstraint(
            model_name="disposal",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("state", "withdrawn"), models.Q(("withdraw_reason", ""), _negated=True)),
                    models.Q(models.Q(("state", "withdrawn"), _negated=True), ("withdraw_reason", "")),
                    _connector="OR",
                ),
                name="withdrawn_with_a_reason",
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="disposal",
            trigger=pgtrigger.compiler.Trigger(
                name="only_allowed_moves",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    declare="DECLARE _is_valid_transition BOOLEAN;",
                    func='SELECT CONCAT(OLD."state", \':\', NEW."state") = ANY(\'{proposed:approved,proposed:withdrawn,approved:done}\'::text[]) INTO _is_valid_transition; IF (_is_valid_transition IS FALSE AND OLD."state" IS DISTINCT FROM NEW."state") THEN RAISE EXCEPTION \'pgtrigger: Invalid transition of field "state" from "%" to "%" on table %\', OLD."state", NEW."state", TG_TABLE_NAME; ELSE RETURN NEW; END IF;',
                    hash="ba579e181bd9e2e973ef8c54a603e070e78c139d",
                    operation="UPDATE",
                    pgid="pgtrigger_only_allowed_moves_a4336",
                    table="contracts_disposal",
                    when="BEFORE",
                ),
            ),
        ),
        migrations.AddIndex(
            model_name="disposalitem",
            index=models.Index(condition=models.Q(("state", "due")), fields=["tenant", "due_at"], name="item_due"),
        ),
        migrations.AddConstraint(
            model_name="disposalitem",
            constraint=models.UniqueConstraint(
                condition=models.Q(("state", "left"), _negated=True),
                fields=("custody",),
                name="on_one_living_list_at_a_time",
            ),
        ),
        migrations.AddConstraint(
            model_name="disposalitem",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("state", "left"), models.Q(("left_because", ""), _negated=True)),
                    models.Q(models.Q(("state", "left"), _negated=True), ("left_because", "")),
                    _connector="OR",
                ),
                name="left_for_a_reason",
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="disposalitem",
            trigger=pgtrigger.compiler.Trigger(
                name="only_allowed_moves",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    declare="DECLARE _is_valid_transition BOOLEAN;",
                    func='SELECT CONCAT(OLD."state", \':\', NEW."state") = ANY(\'{listed:due,listed:left,due:done,due:left}\'::text[]) INTO _is_valid_transition; IF (_is_valid_transition IS FALSE AND OLD."state" IS DISTINCT FROM NEW."state") THEN RAISE EXCEPTION \'pgtrigger: Invalid transition of field "state" from "%" to "%" on table %\', OLD."state", NEW."state", TG_TABLE_NAME; ELSE RETURN NEW; END IF;',
                    hash="a9bca90c53aa46d89118d83c440201f65783b740",
                    operation="UPDATE",
                    pgid="pgtrigger_only_allowed_moves_7049f",
                    table="contracts_disposalitem",
                    when="BEFORE",
                ),
            ),
        ),
        migrations.AddIndex(
            model_name="disposalrecord",
            index=models.Index(fields=["tenant", "-disposed_at", "-id"], name="record_by_time"),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="disposalrecord",
            trigger=pgtrigger.compiler.Trigger(
                name="append_only",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func="RAISE EXCEPTION 'pgtrigger: Cannot update or delete rows from % table', TG_TABLE_NAME;",
                    hash="5cd395b3c666335e764dc1c73a0a35286c01c498",
                    operation="UPDATE OR DELETE",
                    pgid="pgtrigger_append_only_6b1d5",
                    table="contracts_disposalrecord",
                    when="BEFORE",
                ),
            ),
        ),
        migrations.AddConstraint(
            model_name="foreigncontract",
            constraint=models.UniqueConstraint(fields=("tenant", "sha256"), name="one_foreign_contract_per_file"),
        ),
        migrations.AddConstraint(
            model_name="foreigncontract",
            constraint=models.CheckConstraint(condition=models.Q(("amount__gte", 0)), name="foreign_amount_is_no_debt"),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="foreigncontract",
            trigger=pgtrigger.compiler.Trigger(
                name="append_only",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func="RAISE EXCEPTION 'pgtrigger: Cannot update or delete rows from % table', TG_TABLE_NAME;",
                    hash="2cf841f4e25ec1c1d89b81238c76a339a54dc88f",
                    operation="UPDATE OR DELETE",
                    pgid="pgtrigger_append_only_32ce7",
                    table="contracts_foreigncontract",
                    when="BEFORE",
                ),
            ),
        ),
        migrations.AddIndex(
            model_name="custody",
            index=models.Index(
                condition=models.Q(("disposed_at__isnull", True)),
                fields=["tenant", "ends_date", "id"],
                name="custody_by_end",
            ),
        ),
        migrations.AddIndex(
            model_name="custody",
            index=models.Index(
                condition=models.Q(("disposed_at__isnull", True)), fields=["tenant", "due_year"], name="custody_by_year"
            ),
        ),
        migrations.AddConstraint(
            model_name="custody",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("case__isnull", False), ("foreign__isnull", True)),
                    models.Q(("case__isnull", True), ("foreign__isnull", False)),
                    _connector="OR",
                ),
                name="custody_of_one_thing",
            ),
        ),
        migrations.AddConstraint(
            model_name="custody",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(
                        ("completed_date__isnull", True),
                        ("due_year__isnull", True),
                        ("ends_date__isnull", True),
                        ("period", ""),
                    ),
                    models.Q(
                        ("completed_date__isnull", False),
                        ("rule_set__isnull", False),
                        models.Q(("period", ""), _negated=True),
                    ),
                    _connector="OR",
                ),
                name="counted_exactly_when_completed",
            ),
        ),
        migrations.AddConstraint(
            model_name="custody",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("due_year__isnull", True), ("ends_date__isnull", True)),
                    models.Q(("due_year__isnull", False), ("ends_date__isnull", False)),
                    _connector="OR",
                ),
                name="due_year_of_the_last_day",
            ),
        ),
        migrations.AddConstraint(
            model_name="custody",
            constraint=models.CheckConstraint(
                condition=models.Q(("disposed_at__isnull", True), ("ends_date__isnull", False), _connector="OR"),
                name="only_what_ends_is_disposed_of",
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="custody",
            trigger=pgtrigger.compiler.Trigger(
                name="never_deleted",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func="RAISE EXCEPTION 'pgtrigger: Cannot delete rows from % table', TG_TABLE_NAME;",
                    hash="6314951c6c196e1e84d4170aa4d428386b32660f",
                    operation="DELETE",
                    pgid="pgtrigger_never_deleted_26a42",
                    table="contracts_custody",
                    when="BEFORE",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="custody",
            trigger=pgtrigger.compiler.Trigger(
                name="never_undone",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    condition='WHEN (OLD."disposed_at" IS NOT NULL)',
                    func="RAISE EXCEPTION 'pgtrigger: Cannot update rows from % table', TG_TABLE_NAME;",
                    hash="609f26a87fdc131010f713366abd928d1f0081b4",
                    operation="UPDATE",
                    pgid="pgtrigger_never_undone_e76a0",
                    table="contracts_custody",
                    when="BEFORE",
                ),
            ),
        ),
        migrations.AddIndex(
            model_name="legalhold",
            index=models.Index(
                condition=models.Q(("released_at__isnull", True)), fields=["tenant", "custody"], name="hold_in_force"
            ),
        ),
        migrations.AddConstraint(
            model_name="legalhold",
            constraint=models.CheckConstraint(
                condition=models.Q(("reason", ""), _negated=True), name="held_for_a_reason"
            ),
        ),
        migrations.AddConstraint(
            model_name="legalhold",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("release_reason", ""), ("released_at__isnull", True), ("released_by__isnull", True)),
                    models.Q(
                        ("released_at__isnull", False),
                        ("released_by__isnull", False),
                        models.Q(("release_reason", ""), _negated=True),
                    ),
                    _connector="OR",
                ),
                name="released_whole",
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="legalhold",
            trigger=pgtrigger.compiler.Trigger(
                name="never_deleted",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func="RAISE EXCEPTION 'pgtrigger: Cannot delete rows from % table', TG_TABLE_NAME;",
                    hash="2db0cc4992eb2e43eaf6195094b92c266dc14d38",
                    operation="DELETE",
                    pgid="pgtrigger_never_deleted_943f2",
                    table="contracts_legalhold",
                    when="BEFORE",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="legalhold",
            trigger=pgtrigger.compiler.Trigger(
                name="reason_stays",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    condition='WHEN (OLD."custody_id" IS DISTINCT FROM (NEW."custody_id") OR OLD."reason" IS DISTINCT FROM (NEW."reason") OR OLD."held_by_id" IS DISTINCT FROM (NEW."held_by_id") OR OLD."held_at" IS DISTINCT FROM (NEW."held_at"))',
                    func="RAISE EXCEPTION 'pgtrigger: Cannot update rows from % table', TG_TABLE_NAME;",
                    hash="f74f89d2f55bb9bbd3e0e4861ee3f61560af75f6",
                    operation="UPDATE",
                    pgid="pgtrigger_reason_stays_9d006",
                    table="contracts_legalhold",
                    when="BEFORE",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="legalhold",
            trigger=pgtrigger.compiler.Trigger(
                name="released_once",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    condition='WHEN (OLD."released_at" IS NOT NULL)',
                    func="RAISE EXCEPTION 'pgtrigger: Cannot update rows from % table', TG_TABLE_NAME;",
                    hash="a8e39050d53d73f3a0c39c048a2194eb450d5817",
                    operation="UPDATE",
                    pgid="pgtrigger_released_once_10985",
                    table="contracts_legalhold",
                    when="BEFORE",
                ),
            ),
        ),
        migrations.RunSQL(FILL, migrations.RunSQL.noop),
        EnableRowSecurity("contracts_foreigncontract"),
        EnableRowSecurity("contracts_custody"),
        EnableRowSecurity("contracts_legalhold"),
        EnableRowSecurity("contracts_disposal"),
        EnableRowSecurity("contracts_disposalitem"),
        EnableRowSecurity("contracts_disposalrecord"),
        TellWhoWaits(
            "contracts_what_is_disposed_of",
            kinds={"dispose": ("contracts_disposalitem", "due_at", "w.state = 'due'")},
        ),
    ]
