"""Find the last finished check of every city without reading those before it."""

from django.contrib.postgres.operations import AddIndexConcurrently
from django.db import migrations, models


class Migration(migrations.Migration):
    atomic = False
    dependencies = [("contracts", "0051_api_tokens")]

    operations = [
        AddIndexConcurrently(
            model_name="recordcheck",
            index=models.Index(
                condition=models.Q(("done_at__isnull", False)), fields=["tenant", "-id"], name="check_done"
            ),
        ),
    ]
