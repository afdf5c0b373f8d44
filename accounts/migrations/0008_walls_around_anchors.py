"""Raise the wall around how far anchors hold each city's chain; only the owner's function writes there."""

from django.conf import settings
from django.db import migrations

from accounts.rowsecurity import EnableRowSecurity

ROLE = settings.DATABASE_APP_ROLE


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0007_underwriters"),
        ("audit", "0003_functions_over_all_chains"),
    ]

    operations = [
        EnableRowSecurity("audit_anchoredhead"),
        migrations.RunSQL(
            f'revoke insert, update, delete on audit_anchoredhead from "{ROLE}";',
            f'grant insert, update, delete on audit_anchoredhead to "{ROLE}";',
        ),
    ]
