"""Index the archive for those who search all of it, while it is used."""

import django.contrib.postgres.fields
import django.contrib.postgres.indexes
from django.contrib.postgres.operations import AddIndexConcurrently
from django.db import migrations, models

GRAMS = django.contrib.postgres.fields.ArrayField(models.BigIntegerField())


class BuildIndex(AddIndexConcurrently):
    """Build an index without holding up those who write; may be started again."""

    def database_forwards(self, app_label, schema_editor, from_state, to_state):
        schema_editor.execute(f"drop index concurrently if exists {self.index.name}")
        super().database_forwards(app_label, schema_editor, from_state, to_state)


def grams(column):
    return models.Func(models.F(column), function="archive_grams", output_field=GRAMS)


class Migration(migrations.Migration):
    atomic = False
    dependencies = [("contracts", "0030_operators")]

    operations = [
        BuildIndex(
            model_name="archiveentry",
            index=models.Index(
                fields=["-concluded_date", "-id"],
                condition=models.Q(("is_current", True)),
                name="archive_date",
            ),
        ),
        BuildIndex(
            model_name="archiveentry",
            index=django.contrib.postgres.indexes.GinIndex(
                grams("title_key"),
                grams("party_key"),
                condition=models.Q(("is_current", True)),
                fastupdate=False,
                name="archive_gram",
            ),
        ),
    ]
