"""Have every city's guarantees, and what its completions have ended, brought into its archive."""

from django.db import migrations

FILL = """
    insert into contracts_archivebackfill (tenant_id, source, reached, due_at)
    select g.tenant_id, s.source, 0, now()
      from (select distinct tenant_id from guarantees_guarantee) g, (values ('guarantee'), ('completion')) s(source)
"""


class Migration(migrations.Migration):
    dependencies = [("contracts", "0028_archive_of_what_changes"), ("guarantees", "0010_seals_have_a_name")]

    operations = [migrations.RunSQL(FILL, migrations.RunSQL.noop)]
