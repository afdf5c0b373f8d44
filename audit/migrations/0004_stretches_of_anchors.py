"""Let the anchors be verified: every stretch that a run of them took, in the order of their leaves."""

from django.conf import settings
from django.db import migrations, models

SIGNATURE = "audit_stretches(bigint, bigint)"
STRETCHES = """
    create function audit_stretches(since bigint, until bigint)
    returns setof audit_anchoredhead
    language sql stable security definer set search_path = public, pg_temp
    as $body$
        select a.* from audit_anchoredhead a where a.anchor between since and until order by a.anchor, a.tenant_id
    $body$;
"""


class Migration(migrations.Migration):
    dependencies = [("audit", "0003_functions_over_all_chains")]

    operations = [
        migrations.AddIndex("anchoredhead", models.Index(fields=["anchor"], name="stretches_of_an_anchor")),
        migrations.RunSQL(
            STRETCHES
            + f"revoke all on function {SIGNATURE} from public;"
            + f'grant execute on function {SIGNATURE} to "{settings.DATABASE_APP_ROLE}";',
            f"drop function {SIGNATURE};",
        ),
    ]
