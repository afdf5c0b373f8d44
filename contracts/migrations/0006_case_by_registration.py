"""Find the newest cases of a municipality by their registration, page by page."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("contracts", "0005_consent_submissions")]

    operations = [
        migrations.AddIndex(
            model_name="case",
            index=models.Index(fields=["tenant", "registered_at", "id"], name="case_by_registration"),
        ),
    ]
