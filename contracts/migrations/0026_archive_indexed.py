"""Index the archive while it is used, and let nothing of a row change but whether it is current."""

import pgtrigger.compiler
import pgtrigger.migrations
from django.contrib.postgres.operations import RemoveIndexConcurrently
from django.db import migrations, models

from accounts.liveindexes import BuildIndex

UNIQUE = "one_current_entry_per_subject"


class BuildUnique(migrations.AddConstraint):
    """Build a conditional unique constraint, which is an index, as BuildIndex does."""

    def database_forwards(self, app_label, schema_editor, from_state, to_state):
        schema_editor.execute(f"drop index concurrently if exists {UNIQUE}")
        schema_editor.execute(
            f"create unique index concurrently {UNIQUE} on contracts_archiveentry (tenant_id, subject) where is_current"
        )


class Migration(migrations.Migration):
    atomic = False
    dependencies = [
        ("accounts", "0007_underwriters"),
        ("contracts", "0025_archive_filled"),
    ]

    operations = [
        BuildIndex(
            model_name="archiveentry",
            index=models.Index(
                condition=models.Q(("is_current", True)),
                fields=["tenant", "-concluded_date", "-id"],
                include=(
                    "amount",
                    "what",
                    "state",
                    "fiscal_year",
                    "department",
                    "kind",
                    "party_key",
                    "title_key",
                    "number_key",
                ),
                name="archive_current",
            ),
        ),
        BuildIndex(
            model_name="archiveentry",
            index=models.Index(
                condition=models.Q(("is_current", True)), fields=["tenant", "-amount", "-id"], name="archive_by_amount"
            ),
        ),
        BuildIndex(
            model_name="archiveentry",
            index=models.Index(
                condition=models.Q(("is_current", True)),
                fields=["tenant", "-party_key", "-id"],
                name="archive_by_party",
            ),
        ),
        BuildIndex(
            model_name="archiveentry",
            index=models.Index(
                condition=models.Q(("is_current", True)),
                fields=["tenant", "-title_key", "-id"],
                name="archive_by_title",
            ),
        ),
        BuildIndex(
            model_name="archiveentry",
            index=models.Index(
                condition=models.Q(("is_current", True)),
                fields=["tenant", "-number_key", "-id"],
                name="archive_by_number",
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="archiveentry",
            trigger=pgtrigger.compiler.Trigger(
                name="never_deleted",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func="RAISE EXCEPTION 'pgtrigger: Cannot delete rows from % table', TG_TABLE_NAME;",
                    hash="b42dc0bbc10d2f466d548afac65014255206770c",
                    operation="DELETE",
                    pgid="pgtrigger_never_deleted_8a165",
                    table="contracts_archiveentry",
                    when="BEFORE",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="archiveentry",
            trigger=pgtrigger.compiler.Trigger(
                name="never_changed",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    condition='WHEN (OLD."id" IS DISTINCT FROM (NEW."id") OR OLD."tenant_id" IS DISTINCT FROM (NEW."tenant_id") OR OLD."what" IS DISTINCT FROM (NEW."what") OR OLD."state" IS DISTINCT FROM (NEW."state") OR OLD."subject" IS DISTINCT FROM (NEW."subject") OR OLD."version_id" IS DISTINCT FROM (NEW."version_id") OR OLD."case_id" IS DISTINCT FROM (NEW."case_id") OR OLD."department_id" IS DISTINCT FROM (NEW."department_id") OR OLD."concluded_date" IS DISTINCT FROM (NEW."concluded_date") OR OLD."fiscal_year" IS DISTINCT FROM (NEW."fiscal_year") OR OLD."amount" IS DISTINCT FROM (NEW."amount") OR OLD."kind" IS DISTINCT FROM (NEW."kind") OR OLD."kind_label" IS DISTINCT FROM (NEW."kind_label") OR OLD."number" IS DISTINCT FROM (NEW."number") OR OLD."title" IS DISTINCT FROM (NEW."title") OR OLD."party" IS DISTINCT FROM (NEW."party") OR OLD."stamp_duty_saved" IS DISTINCT FROM (NEW."stamp_duty_saved") OR OLD."days_to_conclude" IS DISTINCT FROM (NEW."days_to_conclude") OR OLD."title_key" IS DISTINCT FROM (NEW."title_key") OR OLD."party_key" IS DISTINCT FROM (NEW."party_key") OR OLD."number_key" IS DISTINCT FROM (NEW."number_key") OR OLD."corrects_id" IS DISTINCT FROM (NEW."corrects_id"))',
                    func="RAISE EXCEPTION 'pgtrigger: Cannot update rows from % table', TG_TABLE_NAME;",
                    hash="789376c958e238ab64968026f112cbcf085361df",
                    operation="UPDATE",
                    pgid="pgtrigger_never_changed_90dbb",
                    table="contracts_archiveentry",
                    when="BEFORE",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="archiveentry",
            trigger=pgtrigger.compiler.Trigger(
                name="never_restored",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    condition='WHEN (NEW."is_current" AND NOT OLD."is_current")',
                    func="RAISE EXCEPTION 'pgtrigger: Cannot update rows from % table', TG_TABLE_NAME;",
                    hash="d5ccdef1a7d0cd747564065f05241171c087914b",
                    operation="UPDATE",
                    pgid="pgtrigger_never_restored_9555f",
                    table="contracts_archiveentry",
                    when="BEFORE",
                ),
            ),
        ),
        BuildUnique(
            model_name="archiveentry",
            constraint=models.UniqueConstraint(
                condition=models.Q(("is_current", True)),
                fields=("tenant", "subject"),
                name="one_current_entry_per_subject",
            ),
        ),
        RemoveIndexConcurrently(model_name="archiveentry", name="archive_cov"),
        pgtrigger.migrations.RemoveTrigger(
            model_name="archiveentry",
            name="append_only",
        ),
    ]
