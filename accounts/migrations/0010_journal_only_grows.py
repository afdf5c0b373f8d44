"""Take from the application every right over the journal but to add to it; the triggers hold the same a second time."""

from django.conf import settings
from django.db import migrations

ROLE = settings.DATABASE_APP_ROLE
TAKEN = (
    ("update, delete, truncate", "audit_event"),
    ("delete, truncate", "audit_head"),
    ("update, delete, truncate", "audit_anchor"),
)


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0009_operators"),
        ("audit", "0004_stretches_of_anchors"),
    ]

    operations = [
        *(
            migrations.RunSQL(
                f'revoke {rights} on {table} from "{ROLE}";',
                f'grant {rights.removesuffix(", truncate")} on {table} to "{ROLE}";',
            )
            for rights, table in TAKEN
        ),
        # 錨は、あとからトークンだけを受け取る
        migrations.RunSQL(
            f'grant update (token) on audit_anchor to "{ROLE}";',
            f'revoke update (token) on audit_anchor from "{ROLE}";',
        ),
    ]
