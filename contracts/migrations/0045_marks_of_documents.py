"""Know a contract again in a file that was written anew, and the city that keeps its original."""

from django.conf import settings
from django.db import migrations, models

# 文書の印から、原本のある市と文書の番号だけを答える。行は、市を定めた取引の中でしか見えない
WHOSE = f"""
    create function contracts_whose_document(known text) returns table (tenant_id bigint, document_id bigint)
    language sql stable security definer set search_path = public, pg_temp
    as $body$
        select d.tenant_id, d.id
          from contracts_document d
          join contracts_contractversion v on v.id = d.version_id and v.state = 'concluded'
          join contracts_revision r on r.document_id = d.id and r.number = 0
          join vault_storedfile f on f.id = r.tail_id and f.destroyed_at is null
         where d.mark = known and d.mark <> ''
    $body$;
    revoke all on function contracts_whose_document(text) from public;
    grant execute on function contracts_whose_document(text) to "{settings.DATABASE_APP_ROLE}";
"""


class Migration(migrations.Migration):
    dependencies = [("contracts", "0044_approval_asked_for_together")]

    operations = [
        migrations.AddField(
            model_name="document",
            name="mark",
            field=models.CharField(blank=True, default="", max_length=64, verbose_name="文書の印"),
            preserve_default=False,
        ),
        migrations.RunSQL(WHOSE, "drop function contracts_whose_document(text);"),
    ]
