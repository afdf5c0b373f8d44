"""Let a version of a key take over from the one before, and give the installation a key of its own."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("vault", "0002_keys_may_be_destroyed"),
    ]

    operations = [
        migrations.AddField(
            model_name="tenantkey",
            name="rewrapped_at",
            field=models.DateTimeField(blank=True, null=True),
        ),
        migrations.CreateModel(
            name="InstallationKey",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("version", models.PositiveIntegerField(default=1)),
                ("wrapped_keyset", models.BinaryField()),
                ("created_at", models.DateTimeField(auto_now_add=True)),
                ("rewrapped_at", models.DateTimeField(blank=True, null=True)),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(fields=("version",), name="one_installation_key_per_version"),
                ],
            },
        ),
    ]
