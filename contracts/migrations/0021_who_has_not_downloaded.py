from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("contracts", "0020_inboxes")]

    operations = [
        migrations.AddIndex(
            model_name="signingstep",
            index=models.Index(
                condition=models.Q(party="contractor", downloaded_at__isnull=True),
                fields=["tenant", "version"],
                name="step_not_downloaded",
            ),
        ),
    ]
