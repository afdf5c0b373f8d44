"""Grant the tables to the application role and raise the walls around accounts, vault and audit.

vault and audit know nobody, so the walls around their tables are raised from here.
"""

from django.db import migrations

from accounts.rowsecurity import EnableRowSecurity, GrantToApplication

OWN_MEMBERSHIP = (
    "tenant_id = nullif(current_setting('app.tenant_id', true), '')::bigint"
    " or user_id = nullif(current_setting('app.user_id', true), '')::bigint"
)


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0001_initial"),
        ("vault", "0001_initial"),
        ("audit", "0001_initial"),
    ]

    operations = [
        GrantToApplication(),
        EnableRowSecurity("accounts_department"),
        EnableRowSecurity("accounts_membership", using=OWN_MEMBERSHIP),
        EnableRowSecurity("vault_storedfile"),
        EnableRowSecurity("vault_tenantkey"),
        EnableRowSecurity("audit_event"),
        EnableRowSecurity("audit_head"),
    ]
