"""Find the entries of a case and of a version without reading those of the whole city; built while it is used."""

from django.db import migrations, models

from accounts.liveindexes import BuildIndex


class Migration(migrations.Migration):
    atomic = False
    dependencies = [("contracts", "0037_records_checked")]

    operations = [
        BuildIndex(
            model_name="archiveentry",
            index=models.Index(condition=models.Q(("is_current", True)), fields=["version"], name="archive_version"),
        ),
        BuildIndex(
            model_name="archiveentry",
            index=models.Index(condition=models.Q(("is_current", True)), fields=["case"], name="archive_case"),
        ),
    ]
