"""Find an address by a column that the walls let an index serve, and the cities that ever wrote to it."""

import django.db.models.functions.text
from django.conf import settings
from django.db import migrations, models

# 一つの宛先に用件を送った市の番号だけを、新しい順に答える。行は、市を定めた取引の中でしか見えない
WHO = f"""
    create function contracts_who_writes_to(address text) returns table (tenant_id bigint)
    language sql stable security definer set search_path = public, pg_temp
    as $body$
        select l.tenant_id from contracts_accesslink l where l.mailbox = upper(address)
        group by l.tenant_id order by max(l.id) desc
    $body$;
    revoke all on function contracts_who_writes_to(text) from public;
    grant execute on function contracts_who_writes_to(text) to "{settings.DATABASE_APP_ROLE}";
"""


def mailbox() -> models.GeneratedField:
    return models.GeneratedField(
        db_persist=True,
        expression=django.db.models.functions.text.Upper(models.F("email")),
        output_field=models.CharField(max_length=254),
    )


class Migration(migrations.Migration):
    dependencies = [("contracts", "0042_read_marks")]

    operations = [
        migrations.RemoveConstraint(model_name="inbox", name="one_inbox_per_address"),
        migrations.RemoveIndex(model_name="accesslink", name="links_of_an_address"),
        migrations.AddField(model_name="accesslink", name="mailbox", field=mailbox()),
        migrations.AddField(model_name="inbox", name="mailbox", field=mailbox()),
        migrations.AddField(
            model_name="inbox",
            name="joined_at",
            field=models.DateTimeField(blank=True, null=True, verbose_name="ほかの市町村の窓口とまとめた日時"),
        ),
        migrations.AddIndex(
            model_name="accesslink", index=models.Index(fields=["mailbox", "tenant"], name="links_of_a_mailbox")
        ),
        migrations.AddConstraint(
            model_name="inbox",
            constraint=models.UniqueConstraint(fields=("tenant", "mailbox"), name="one_inbox_per_mailbox"),
        ),
        migrations.RunSQL(WHO, "drop function contracts_who_writes_to(text);"),
    ]
