"""Say of a certificate that nobody follows it, and find the downloads that end soon."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0007_underwriters"),
        ("contracts", "0021_who_has_not_downloaded"),
    ]

    operations = [
        migrations.AddField(
            model_name="certificate",
            name="is_last",
            field=models.BooleanField(default=False, verbose_name="後を継ぐものがない"),
        ),
        migrations.AddIndex(
            model_name="accesslink",
            index=models.Index(
                condition=models.Q(("purpose", "download"), ("revoked_at__isnull", True)),
                fields=["tenant", "expires_at"],
                name="downloads_ending",
            ),
        ),
    ]
