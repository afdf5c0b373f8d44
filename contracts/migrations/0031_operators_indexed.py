"""Index the archive for those who search all of it, while it is used."""

import django.contrib.postgres.fields
import django.contrib.postgres.indexes
from django.db import migrations, models

from accounts.liveindexes import BuildIndex

GRAMS = django.contrib.postgres.fields.ArrayField(models.BigIntegerField())


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
