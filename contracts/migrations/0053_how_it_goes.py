"""Let those who watch over the whole ask how much waits and whether the records hold; only numbers go out."""

from django.conf import settings
from django.db import migrations

from accounts.rowsecurity import TellHowItGoes

# 二晩続けて終わらない確認を、遅れと数える。まだ一度も終えていない市も遅れている
RECORDS = f"""
    create function contracts_how_records_are(moment timestamptz)
    returns table (cities bigint, unchecked bigint, oldest timestamptz, flaws bigint, held bigint)
    language sql stable security definer set search_path = public, pg_temp
    as $body$
        select count(*), count(*) filter (where last.done_at is null or last.done_at < moment - interval '2 days'),
            min(last.done_at), coalesce(sum(last.flaws), 0)::bigint,
            (select count(distinct j.tenant_id) from contracts_signingjob j
                where not j.state = 'done' and j.last_error <> '')
        from accounts_organization o left join lateral (
            select c.done_at, c.flaws from contracts_recordcheck c
            where c.tenant_id = o.id and c.done_at is not null order by c.id desc limit 1
        ) last on true
        where o.kind = 'municipality'
    $body$;
    revoke all on function contracts_how_records_are(timestamptz) from public;
    grant execute on function contracts_how_records_are(timestamptz) to "{settings.DATABASE_APP_ROLE}";
"""
OPEN, FAILED = "w.done_at is null", "w.last_error <> ''"


class Migration(migrations.Migration):
    dependencies = [("contracts", "0052_checks_by_city"), ("accounts", "0011_readings_of_names")]

    operations = [
        TellHowItGoes(
            "contracts_how_it_goes",
            kinds={
                "seal": ("contracts_signingjob", "due_at", "not w.state = 'done'", FAILED),
                "conclude": (
                    "contracts_contractversion",
                    "conclude_at",
                    "w.conclude_at is not null",
                    "w.waiting_reason <> ''",
                ),
                "expire": ("contracts_contractversion", "expires_at", "w.state = 'sent'", "false"),
                "deed": ("contracts_deed", "due_at", "w.state = 'due'", "w.failures > 0"),
                "certify": ("contracts_conclusioncertificate", "due_at", "w.document_id is null", FAILED),
                "renew": ("contracts_renewal", "due_at", "true", FAILED),
                "read": ("contracts_documenttext", "due_at", "w.state = 1", FAILED),
                "check": ("contracts_recordcheck", "due_at", OPEN, FAILED),
                "dispose": ("contracts_disposalitem", "due_at", "w.state = 'due'", FAILED),
            },
        ),
        migrations.RunSQL(RECORDS, "drop function contracts_how_records_are(timestamptz);"),
    ]
