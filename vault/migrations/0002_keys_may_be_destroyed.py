"""Let the key to kept bytes be destroyed while their row stays."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("vault", "0001_initial"),
    ]

    operations = [
        migrations.AddField(
            model_name="storedfile",
            name="destroyed_at",
            field=models.DateTimeField(blank=True, null=True),
        ),
        migrations.AddConstraint(
            model_name="storedfile",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("destroyed_at__isnull", True), models.Q(("wrapped_key", b""), _negated=True)),
                    models.Q(("destroyed_at__isnull", False), ("wrapped_key", b"")),
                    _connector="OR",
                ),
                name="no_key_exactly_when_destroyed",
            ),
        ),
    ]
