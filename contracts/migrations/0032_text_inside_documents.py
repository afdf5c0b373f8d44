"""Read the text inside the PDFs of the archive: rows for the work, also for what was frozen before, and the search.

Row security lets no query of the application use an index over arrays. The function that looks through it runs as the
owner, who sees through the walls; it takes no municipality from its caller, only from the transaction.
"""

import django.contrib.postgres.fields
import django.contrib.postgres.indexes
import django.db.models.deletion
import django.db.models.manager
from django.conf import settings
from django.contrib.postgres.operations import BtreeGinExtension
from django.db import migrations, models

from accounts.rowsecurity import EnableRowSecurity, TellWhoWaits

# 行の見積もりが外れても、対の索引から始めて、一歩ずつ鍵でたどる。計画は、探す字ごとに立てる
INSIDE = f"""
    create function contracts_archive_inside(word text, grams int[]) returns setof bigint
    language sql stable security definer
    set search_path = public, pg_temp set plan_cache_mode = force_custom_plan
    as $body$
        with page as materialized (
            select page.id
            from contracts_pagetext page
            where page.tenant_id = nullif(current_setting('app.tenant_id', true), '')::bigint
              and page.grams @> contracts_archive_inside.grams
              and strpos(page.key, contracts_archive_inside.word) > 0
        ), held as materialized (
            select distinct place.document_id from page join contracts_textplace place on place.page_id = page.id
        ), found as materialized (
            select distinct document.subject
            from held
            join contracts_documenttext document on document.id = held.document_id
        )
        select entry.id
        from found
        join contracts_archiveentry entry
          on entry.tenant_id = nullif(current_setting('app.tenant_id', true), '')::bigint
         and entry.subject = found.subject
         and entry.is_current
    $body$;
    revoke all on function contracts_archive_inside(text, int[]) from public;
    grant execute on function contracts_archive_inside(text, int[]) to "{settings.DATABASE_APP_ROLE}";
"""  # noqa: S608
# 書庫に既にある契約の文書と、承諾書
COLUMNS = """
    (tenant_id, subject, title, file_id, state, due_at, fence, failures, last_error, pages, characters, is_cut, scans,
     recognised)
"""
FILL = f"""
    insert into contracts_documenttext {COLUMNS}
    select d.tenant_id, e.subject, d.title, r.tail_id, 1, now(), 0, 0, '', 0, 0, false, 0, 0
    from contracts_archiveentry e
    join contracts_document d on d.version_id = e.version_id and d.removed_at is null and d.kind <> 'certificate'
    join contracts_revision r on r.document_id = d.id and r.number = 0
    where e.is_current
    on conflict do nothing;
    insert into contracts_documenttext {COLUMNS}
    select c.tenant_id, 'consent:' || c.id, '電子契約利用承諾書', c.paper_id, 1, now(), 0, 0, '', 0, 0, false, 0, 0
    from contracts_consent c
    where c.accepted_at is not null and c.paper_id is not null
    on conflict do nothing;
"""  # noqa: S608


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0009_operators"),
        ("contracts", "0031_operators_indexed"),
        ("vault", "0002_keys_may_be_destroyed"),
    ]

    operations = [
        BtreeGinExtension(),
        migrations.CreateModel(
            name="DocumentText",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("due_at", models.DateTimeField(verbose_name="手に取れる日時")),
                ("fence", models.PositiveIntegerField(default=0)),
                ("failures", models.PositiveIntegerField(default=0, verbose_name="続けて失敗した回数")),
                ("last_error", models.CharField(blank=True, max_length=500, verbose_name="直近の理由")),
                ("subject", models.CharField(max_length=60)),
                ("title", models.CharField(max_length=200, verbose_name="文書名")),
                (
                    "state",
                    models.PositiveSmallIntegerField(
                        choices=[
                            (1, "読み取り待ち"),
                            (2, "読み取り済み"),
                            (3, "画像のページがあり、OCR なし"),
                            (4, "読み取れない"),
                        ],
                        default=1,
                        verbose_name="状態",
                    ),
                ),
                ("pages", models.PositiveIntegerField(default=0, verbose_name="ページ数")),
                ("characters", models.PositiveIntegerField(default=0, verbose_name="文字数")),
                ("is_cut", models.BooleanField(default=False, verbose_name="上限まで")),
                ("scans", models.PositiveIntegerField(default=0, verbose_name="画像のページ")),
                ("recognised", models.PositiveIntegerField(default=0, verbose_name="OCR で読んだページ")),
                ("read_at", models.DateTimeField(blank=True, null=True, verbose_name="読み取った日時")),
                (
                    "file",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="vault.storedfile"
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
                "verbose_name": "文書の本文",
                "verbose_name_plural": "文書の本文",
                "abstract": False,
                "base_manager_name": "unscoped",
            },
            managers=[
                ("objects", django.db.models.manager.Manager()),
                ("unscoped", django.db.models.manager.Manager()),
            ],
        ),
        migrations.CreateModel(
            name="PageText",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("digest", models.CharField(max_length=64, verbose_name="本文の SHA-256")),
                ("text", models.TextField(verbose_name="本文")),
                ("key", models.TextField()),
                ("grams", django.contrib.postgres.fields.ArrayField(base_field=models.IntegerField(), size=None)),
                (
                    "tenant",
                    models.ForeignKey(
                        db_index=False,
                        editable=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="accounts.organization",
                    ),
                ),
            ],
            options={
                "verbose_name": "ページの本文",
                "verbose_name_plural": "ページの本文",
                "abstract": False,
                "base_manager_name": "unscoped",
            },
            managers=[
                ("objects", django.db.models.manager.Manager()),
                ("unscoped", django.db.models.manager.Manager()),
            ],
        ),
        migrations.CreateModel(
            name="TextPlace",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("number", models.PositiveIntegerField(verbose_name="ページ")),
                (
                    "document",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="places", to="contracts.documenttext"
                    ),
                ),
                (
                    "page",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="places", to="contracts.pagetext"
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
                "verbose_name": "本文のあるページ",
                "verbose_name_plural": "本文のあるページ",
                "abstract": False,
                "base_manager_name": "unscoped",
            },
            managers=[
                ("objects", django.db.models.manager.Manager()),
                ("unscoped", django.db.models.manager.Manager()),
            ],
        ),
        migrations.AddIndex(
            model_name="documenttext",
            index=models.Index(condition=models.Q(("state", 1)), fields=["tenant", "due_at"], name="text_due"),
        ),
        migrations.AddIndex(
            model_name="documenttext",
            index=models.Index(
                condition=models.Q(models.Q(("state", 2), _negated=True), ("is_cut", True), _connector="OR"),
                fields=["tenant", "state"],
                name="text_lacking",
            ),
        ),
        migrations.AddConstraint(
            model_name="documenttext",
            constraint=models.UniqueConstraint(fields=("tenant", "subject", "file"), name="one_text_per_document"),
        ),
        migrations.AddConstraint(
            model_name="documenttext",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("read_at__isnull", True), ("state", 1)),
                    models.Q(models.Q(("state", 1), _negated=True), ("read_at__isnull", False)),
                    _connector="OR",
                ),
                name="text_read_exactly_when_dated",
            ),
        ),
        migrations.AddIndex(
            model_name="pagetext",
            index=django.contrib.postgres.indexes.GinIndex(
                fastupdate=False, fields=["tenant", "grams"], name="page_grams"
            ),
        ),
        migrations.AddConstraint(
            model_name="pagetext",
            constraint=models.UniqueConstraint(fields=("digest", "tenant"), name="one_row_per_text"),
        ),
        migrations.AddConstraint(
            model_name="textplace",
            constraint=models.UniqueConstraint(fields=("document", "number"), name="one_text_per_page"),
        ),
        *map(EnableRowSecurity, ("contracts_documenttext", "contracts_pagetext", "contracts_textplace")),
        TellWhoWaits("contracts_what_is_unread", kinds={"read": ("contracts_documenttext", "due_at", "w.state = 1")}),
        migrations.RunSQL(INSIDE, "drop function contracts_archive_inside(text, int[])"),
        migrations.RunSQL(FILL, migrations.RunSQL.noop),
    ]
