"""Find the kept answers of the API by their age in each city, so that all of them are forgotten in time."""

from django.contrib.postgres.operations import RemoveIndexConcurrently
from django.db import migrations, models

from accounts.liveindexes import BuildIndex


class Migration(migrations.Migration):
    atomic = False
    dependencies = [("contracts", "0057_webhooks")]

    operations = [
        BuildIndex(
            model_name="apianswer",
            index=models.Index(fields=["tenant", "made_at"], name="answer_of_city_by_age"),
        ),
        RemoveIndexConcurrently(model_name="apianswer", name="answer_by_age"),
    ]
